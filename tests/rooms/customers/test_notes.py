from __future__ import annotations

from uuid import uuid4

import msgspec
import pytest

from amity.engines.present.models import OutboxFact
from amity.facts.interaction import Interaction
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.rooms.customers import api
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access, Actor
from tests.rooms.customers.making import event

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(workspace):
    return api.place([event("1", workspace=workspace, user_id="u")]).placements[0].customer_id


def access(workspace, *permissions):
    actor = Actor(kind="person", id="p1", name="Ada")
    return Access(workspace=trust.get_workspace_by_id(workspace), actor=actor, role="agent", permissions=frozenset(permissions))


def test_a_note_is_a_fact_of_ours_about_that_customer(workspace, customer):
    message_id = api.add_note(access(workspace, "customers.write"), customer_id=customer, text=" Called back. \0")
    fact = msgspec.json.decode(bytes(OutboxFact.objects.get().body), type=Interaction)
    assert (fact.name, fact.dialect, fact.workspace, fact.message_id) == ("Note added", "amity", workspace, message_id)
    assert msgspec.json.decode(fact.properties) == {"text": "Called back. \ufffd", "author": "Ada", "author_id": "p1"}
    assert msgspec.json.decode(fact.context) == {"customer_id": str(customer), "channel": "console", "voice": "ours"}


def test_who_may_not_or_says_nothing_is_told_so(workspace, customer):
    with pytest.raises(Forbidden):
        api.add_note(access(workspace, "customers.read"), customer_id=customer, text="x")
    writer = access(workspace, "customers.write")
    for text in ("", "  ", "x" * 5_001):
        with pytest.raises(Invalid):
            api.add_note(writer, customer_id=customer, text=text)
    with pytest.raises(NotFound):
        api.add_note(writer, customer_id=uuid4(), text="x")
    assert not OutboxFact.objects.exists()
