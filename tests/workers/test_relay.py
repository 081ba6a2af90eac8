"""Facts of Amity's own on their way into the log."""

from __future__ import annotations

from amity.engines.present.models import OutboxFact
from amity.facts.envelope import decode_envelope
from amity.rooms.collection import api as collection
from amity.workers.relay import relay


def test_many_large_facts_make_envelopes_that_the_log_takes(world):
    for n in range(6):
        collection.record_fact(
            workspace_id=world.workspace, message_id=f"note-{n}", name="NoteAdded", properties={"text": "x" * 400_000}
        )
    sent: list[bytes] = []

    def append(body: bytes, name: str) -> int:
        sent.append(body)
        return len(name)

    assert relay(append) == 6
    assert max(map(len, sent)) < 1_100_000
    assert [one.message_id for body in sent for one in decode_envelope(body).interactions] == [f"note-{n}" for n in range(6)]
    assert not OutboxFact.objects.exists()
