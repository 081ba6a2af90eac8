"""What the coalescer writes is the language of the log."""

from __future__ import annotations

import msgspec

from amity.edge.coalescer import ENVELOPE_BYTES, Coalescer
from amity.facts.envelope import Envelope, decode_envelope
from amity.facts.interaction import Interaction, Rejection


class Memory:
    """Stands for the log's client: keeps what is appended."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def append(self, body: bytes, *, message_id: str, wait: float) -> int:
        self.bodies.append(body)
        return len(self.bodies)


async def test_envelopes_decode_to_what_was_given():
    coalescer = Coalescer(most_pending=10**8)
    coalescer.log = memory = Memory()  # type: ignore[assignment]
    one = Interaction(
        workspace=1, source=2, message_id="m", kind="track", time=3, received_at=4, properties=msgspec.Raw(b'{"a":1}')
    )
    bad = Rejection(workspace=1, source=2, received_at=4, reason="not_json", detail="No.", body="{")
    await coalescer.append([one, one], [bad])
    (body,) = memory.bodies
    assert decode_envelope(body) == decode_envelope(msgspec.json.encode(Envelope(interactions=(one, one), rejections=(bad,))))
    await coalescer.append([], [bad])
    assert decode_envelope(memory.bodies[1]).interactions == ()
    large = [msgspec.structs.replace(one, message_id=str(number), name="x" * 400_000) for number in range(5)]
    await coalescer.append(large, [])
    assert all(len(body) < ENVELOPE_BYTES + 100 for body in memory.bodies)
    assert [one.message_id for body in memory.bodies[2:] for one in decode_envelope(body).interactions] == list("01234")
    assert coalescer.pending == 0
