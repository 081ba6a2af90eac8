"""What people ask of their data goes through the log like all else, and working history again takes none of it back."""

from __future__ import annotations

import pytest

from amity.kernel.clock import from_ms, now_ms
from amity.kernel.holdings import Subject, keeper
from amity.rooms.customers.models import Choice
from amity.rooms.customers.queries.subjects import find_subject
from amity.rooms.customers.rules.choices.purposes import BUILT_IN
from amity.workers.relay import relay
from tests.workers.test_replay import again, record_of

BY = {"by": "Nadia", "by_id": "7", "request": "r-1"}


def ada(world) -> Subject:
    return find_subject(workspace_id=world.workspace, kind="user_id", value="ada")


def relayed(world) -> None:
    """Let the facts that wait go into the log, and be read."""
    before = len(world.entries)

    def append(body: bytes, name: str) -> int:
        return world.raw(body).seq

    assert relay(append) > 0
    batch = world.projector().work(world.entries[before:])
    assert [item.dropped for item in batch.items] == [""] * len(batch.items)
    world.carry()


@pytest.fixture
def told(world):
    """Ada, who said who she is and agreed to everything, a while ago."""
    yes = {"consent": {"categoryPreferences": dict.fromkeys(BUILT_IN, True)}}
    fields = {
        "kind": "identify",
        "name": "",
        "time": now_ms() - 60_000,
        "traits": {"name": "Adda", "city": "Rom"},
        "context": yes,
    }
    world.projector().work([world.entry(world.one("m1", **fields))])
    world.carry()
    return world


def test_a_correction_is_the_newest_word_and_no_replay_takes_it_back(told):
    keeper().correct(ada(told), name="name", value="Ada", **BY)
    keeper().correct(ada(told), name="city", value=None, **BY)
    relayed(told)
    assert keeper().traits(ada(told)) == {"name": "Ada", "city": None}
    again(told, record_of(told, to_time=from_ms(now_ms()), last_seq=1))
    assert keeper().traits(ada(told)) == {"name": "Ada", "city": None}
    assert told.past("name, voice", order="time")[1:] == [("Customer corrected", "ours")] * 2
    [(identifiers, interactions, *_)] = told.people()
    assert (identifiers, interactions) == ([("user_id", "ada")], 1)  # neither an identifier nor something that she did


def test_refusing_sale_is_an_answer_with_its_proof(told):
    assert keeper().refuse_sale(ada(told), **BY) == 1
    assert keeper().refuse_sale(ada(told), **BY) == 1  # told twice is one answer
    relayed(told)
    row = Choice.objects.get(workspace_id=told.workspace, name="sale_share", granted=False)
    assert (row.origin, row.person, row.place) == ("colleague", "Nadia", "Data request r-1")
    from amity.rooms.customers.api import permitted

    ids = ada(told).customer_ids
    left = {key for key in BUILT_IN if permitted(workspace_id=told.workspace, customer_ids=ids, purpose=key)}
    assert set(BUILT_IN) - left == {"sale_share", "marketing_ads"}
