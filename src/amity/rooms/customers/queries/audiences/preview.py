"""How many a definition would have, and a few of them, while somebody edits it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.kernel.clock import now_ms
from amity.rooms.customers.queries.audiences.evaluate import evaluate
from amity.rooms.customers.queries.audiences.known import known_of
from amity.rooms.customers.rules.audiences.language import Definition
from amity.rooms.customers.rules.computed.inlining import whole_condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`size` of `everybody`, and the newest few of them."""

    size: int
    everybody: int
    some: list[UUID]


def preview(definition: Definition, *, workspace_id: int, time_zone: str, some: int = 8) -> Preview:
    """Return who meets a definition now. Raises Invalid, NotRunning."""
    condition = whole_condition(definition.where, known_of(workspace_id))
    done = evaluate({0: condition}, workspace=workspace_id, zone=ZoneInfo(time_zone), now=now_ms())
    met = done.everybody[done.found[0].met]
    ids = [UUID(bytes=one.ljust(16, b"\0")) for one in met[::-1][:some]]
    return Preview(size=len(met), everybody=len(done.everybody), some=ids)
