"""The published language of the log: an interaction and a rejection. `envelope.py` tells how the log holds them.

Free-form parts (`properties`, `traits`, `context`) stay raw bytes between the edge and the worker, so the hot path never builds
objects from them. Times are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

Kind = Literal["track", "identify", "page", "screen", "group", "alias"]
Dialect = Literal["segment", "rudderstack", "posthog", "amity", "import"]
EMPTY = msgspec.Raw(b"{}")
NOBODY = UUID(int=0)  # whose an interaction is that concerns no customer, in the past


class Interaction(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that a customer did, said or met, as accepted by the edge. Make it by name; only `usual.py`, which makes most, does not.

    `time` is when it happened: skew-corrected client time; `original_at` is what the client claimed.
    `flags` tells what was odd about it (`time_future`, `time_ancient`, `time_unreadable`, `skewed`, `id_made`).
    """

    workspace: int
    source: int
    message_id: str
    kind: Kind
    time: int
    received_at: int
    name: str = ""
    user_id: str | None = None
    anonymous_id: str | None = None
    group_id: str | None = None
    previous_id: str | None = None
    original_at: int | None = None
    sent_at: int | None = None
    properties: msgspec.Raw = EMPTY
    traits: msgspec.Raw = EMPTY
    context: msgspec.Raw = EMPTY
    integrations: msgspec.Raw = EMPTY
    dialect: Dialect = "segment"
    ip: str = ""
    user_agent: str = ""
    gpc: bool = False
    flags: tuple[str, ...] = ()

    @property
    def customer_key(self) -> str:
        """What decides the worker that handles it: the strongest identifier that it carries itself."""
        return self.user_id or self.anonymous_id or self.message_id


class Rejection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was sent and can't be accepted: kept whole, with its reason, to be replayed after a fix.

    `reason` is a stable code (`not_json`, `too_large`, `no_identity`, `unknown_type`, `bad_field` ...), `detail` a sentence
    for a person. `body` is the event's own text, cut at 64 KB; bytes that are no UTF-8 appear as U+FFFD.
    """

    workspace: int
    source: int
    received_at: int
    reason: str
    detail: str
    body: str
    message_id: str = ""
    name: str = ""
    dialect: Dialect = "segment"
