"""Interactions for tests, with little to write."""

from __future__ import annotations

from typing import Any

from amity.kernel.ids import message_key
from amity.rooms.customers.contracts import Incoming

T0 = 1_790_000_000_000
MINUTE = 60_000


def event(message_id: str, *, workspace: int, at: int = 0, **rest: Any) -> Incoming:
    """An interaction `at` milliseconds after T0, received at once unless told otherwise."""
    source = rest.pop("source", 1)
    return Incoming(
        workspace=workspace,
        source=source,
        key=message_key(workspace, source, message_id),
        kind=rest.pop("kind", "track"),
        time=T0 + at,
        received_at=rest.pop("received_at", T0 + at),
        name=rest.pop("name", message_id),
        channel=rest.pop("channel", "web"),
        **rest,
    )
