"""Combinations of audiences as bits: as sets of Python's say, read anew when an audience changes, on a page and over the API."""

from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.actions.audiences.listing import change_list, create_list
from amity.rooms.customers.actions.audiences.refresh import recompute
from amity.rooms.customers.models import Audience
from amity.rooms.customers.queries.audiences.sets import Sets
from amity.rooms.customers.rules.audiences.bits import Numbers, count, packed
from amity.rooms.trust.contracts import COMMAND_LINE
from tests.rooms.customers.audiences.keeping import keep, merge
from tests.rooms.customers.audiences.test_http import Api
from tests.rooms.customers.audiences.test_pages import text_of
from tests.rooms.customers.audiences.test_refresh import BOUGHT, NOW, audience, members, person, row, up_to_date
from tests.rooms.customers.people import Place

IDS = [uuid4().bytes for _ in range(38)] + [b"\1" * 15 + b"\0", b"\0" * 16]  # numpy drops zeros at the end of S16
some_ids = st.sets(st.sampled_from(IDS))


@given(every=st.lists(some_ids, max_size=4), some=st.lists(some_ids, max_size=4), without=st.lists(some_ids, max_size=3))
def test_bits_say_what_sets_say(every, some, without):
    numbers = Numbers()

    def bits(ids: set[bytes]) -> np.ndarray:
        places = numbers.of(np.array(sorted(ids), dtype="S16"))
        return packed(places, len(numbers))

    made = [[bits(one) for one in part] for part in (every, some, without)]
    expected = set.intersection(*every) if every else set.union(set(), *some)
    if every and some:
        expected &= set.union(*some)
    expected -= set.union(set(), *without)
    assert count(*made) == len(expected)
    assert len(numbers) == len(set.union(set(), *every, *some, *without))


@given(st.lists(some_ids, max_size=6))
def test_a_number_never_changes(stretches):
    numbers, known = Numbers(), {}
    for ids in stretches:
        ordered = sorted(ids)
        for one, number in zip(
            np.unique(np.array(ordered, dtype="S16")), numbers.of(np.array(ordered, dtype="S16")), strict=True
        ):
            assert known.setdefault(bytes(one), int(number)) == number
    assert sorted(known.values()) == list(range(len(known)))


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def listed(here: Place, name: str, *mails: str) -> Audience:
    one = Audience.objects.filter(workspace=here.workspace, name=name).first()
    one = one or create_list(COMMAND_LINE, workspace_id=here.workspace.pk, name=name)
    change_list(
        COMMAND_LINE,
        workspace_id=here.workspace.pk,
        audience_id=one.pk,
        mode="replace",
        kind="email",
        spelled={m: [m] for m in mails},
    )
    return one


def known(here: Place, *names: str) -> dict:
    return {
        name: keep(here.workspace.pk, person(row(at=NOW), identifiers=[("email", name)], traits={"name": name})) for name in names
    }


def test_what_is_kept_is_read_anew_when_it_changes(here):
    known(here, "a", "b", "c", "d")
    first, second = listed(here, "First", "a", "b", "c"), listed(here, "Second", "b", "c", "d")
    sets = Sets()

    def both() -> int:
        return sets.of(here.workspace.pk, [first.pk, second.pk]).count([first.pk, second.pk])

    assert both() == 2
    listed(here, "Second", "c", "d")
    assert both() == 1
    listed(here, "First", "a", "b")
    assert both() == 0
    listed(here, "First", "a", "c")  # as large as before
    assert both() == 1


def test_who_took_anothers_place_is_met_in_it(here):
    buyers = audience(here.workspace.pk, BOUGHT, name="Buyers")
    who = known(here, "a", "b")
    other = keep(here.workspace.pk, person(identifiers=[("email", "c")]))
    recompute(buyers.pk, now=NOW)
    vip = listed(here, "VIP", "c")
    sets = Sets()
    assert sets.of(here.workspace.pk, [buyers.pk, vip.pk]).count([buyers.pk, vip.pk]) == 0
    merge(here.workspace.pk, who["a"], other)
    from amity.rooms.customers import api

    api.touch_customers(workspace_id=here.workspace.pk, customer_ids=[who["a"], other])
    up_to_date(NOW + 1)
    assert members(buyers) == {who["b"], other}
    assert sets.of(here.workspace.pk, [buyers.pk, vip.pk]).count([buyers.pk, vip.pk]) == 1


def test_only_audiences_of_the_workspace_that_are_computed(here):
    there = Place()
    foreign = create_list(COMMAND_LINE, workspace_id=there.workspace.pk, name="Foreign")
    with pytest.raises(NotFound):
        Sets().of(here.workspace.pk, [foreign.pk])
    waiting = audience(here.workspace.pk, BOUGHT, name="Waiting")
    with pytest.raises(Invalid, match="being computed"):
        Sets().of(here.workspace.pk, [waiting.pk])


def test_on_a_page_and_on_to_an_audience(here):
    known(here, "a", "b", "c", "d")
    first, second, third = listed(here, "First", "a", "b", "c"), listed(here, "Second", "b", "c", "d"), listed(here, "Third", "c")
    base = f"/w/{here.workspace.slug}/audiences/"
    assert "combine" in text_of(here.client.get(base))
    page = text_of(here.client.get(f"{base}combine?a{first.pk}=every&a{second.pk}=some&a{third.pk}=without"))
    assert "<strong>1</strong> customers" in page
    assert "<b>2</b> in <bdi>First</bdi> and <bdi>Second</bdi>" in page
    definition = page.partition('name="json" value="')[2].partition('"')[0].replace("&quot;", '"')
    builder = here.client.post(f"{base}new", {"as": "json", "json": definition, "act": "json"})
    assert "Definition as JSON" in text_of(builder)
    here.client.post(f"{base}new", {"as": "json", "json": definition, "act": "save", "name": "All", "about": ""})
    made = Audience.objects.get(name="All")
    recompute(made.pk, now=NOW)
    assert len(members(made)) == 1
    assert "Say of each audience" in text_of(here.client.get(f"{base}combine"))
    empty = Place()
    assert "Nothing to combine" in text_of(empty.client.get(f"/w/{empty.workspace.slug}/audiences/combine"))


def test_by_api(here):
    known(here, "a", "b", "c")
    first, second = listed(here, "First", "a", "b"), listed(here, "Second", "b", "c")
    api = Api(here, "viewer")
    assert api.ask("post", "/combine", {"every": [first.pk, second.pk]}) == {"size": 1}
    assert api.ask("post", "/combine", {"some": [first.pk, second.pk]}) == {"size": 3}
    assert api.ask("post", "/combine", {"some": [first.pk], "without": [second.pk]}) == {"size": 1}
    assert api.ask("post", "/combine", {}) == {"size": 0}
    api.ask("post", "/combine", {"every": [2**60]}, status=404)
