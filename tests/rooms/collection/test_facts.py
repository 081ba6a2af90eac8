"""Facts of Amity's own, many at once."""

from __future__ import annotations

from uuid import UUID

import pytest

from amity.engines.present.models import OutboxFact
from amity.facts.envelope import decode_envelope
from amity.rooms.collection import api as collection
from amity.rooms.collection.actions import facts as facts_module
from amity.rooms.trust.models import Workspace
from amity.workers.relay import relay


@pytest.mark.django_db
def test_many_facts_keep_their_order_and_are_recorded_once(monkeypatch):
    monkeypatch.setattr(facts_module, "_AT_ONCE", 3)
    OutboxFact.objects.all().delete()
    workspace = Workspace.objects.create(slug="facts", name="F").pk
    facts = [
        collection.Fact(message_id=f"m{n % 7}", name="Audience Entered", properties={"n": n % 7}, customer_id=UUID(int=n % 7 + 1))
        for n in range(9)
    ]
    collection.record_facts(workspace_id=workspace, facts=facts, voice="ours", time=1_000)
    collection.record_facts(workspace_id=workspace, facts=facts, voice="ours", time=1_000)
    sent: list[bytes] = []

    def append(body: bytes, name: str) -> int:
        sent.append(body)
        return len(name)

    assert relay(append) == 7
    [body] = sent
    told = decode_envelope(body).interactions
    assert [one.message_id for one in told] == [f"m{n}" for n in range(7)]
    assert [bytes(one.properties) for one in told] == [b'{"n":%d}' % n for n in range(7)]
    assert {(one.workspace, one.time, one.dialect, one.kind) for one in told} == {(workspace, 1_000, "amity", "track")}
    assert not OutboxFact.objects.exists()
