"""What a definition would give, while somebody edits it: how many have a value, how it is spread, and a few customers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.kernel.clock import now_ms
from amity.kernel.sealed import hide_deep
from amity.rooms.customers.queries.audiences.evaluate import evaluate
from amity.rooms.customers.queries.audiences.known import Kept
from amity.rooms.customers.rules.computed.columns import objects
from amity.rooms.customers.rules.computed.inlining import whole_value
from amity.rooms.customers.rules.computed.language import Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`size` of `everybody` have a value. `middle`: of numbers, the smallest, the median and the largest; else empty.

    `common` are the most frequent values with their numbers, `some` the newest few customers who have a value.
    """

    size: int
    everybody: int
    middle: Sequence[float]
    common: Sequence[tuple[Any, int]]
    some: Sequence[tuple[UUID, Any]]


def preview(definition: Definition, *, workspace_id: int, time_zone: str, some: int = 8) -> Preview:
    """Return what a definition gives now. Raises Invalid, NotRunning."""
    from statistics import median

    kept = Kept(workspace_id)
    value = whole_value(definition.value, kept.known)
    done = evaluate({}, workspace=workspace_id, zone=ZoneInfo(time_zone), now=now_ms(), values={0: value}, edges=kept.edges)
    values = [hide_deep(one) for one in objects(done.columns[0])]
    there = [(who, one) for who, one in zip(done.everybody, values, strict=True) if one is not None]
    numbers = [one for _, one in there if isinstance(one, int | float) and not isinstance(one, bool)]
    numeric = bool(numbers) and len(numbers) == len(there)
    counted = Counter(repr(one) for _, one in there)
    named = {repr(one): one for _, one in there}
    return Preview(
        size=len(there),
        everybody=len(done.everybody),
        middle=[min(numbers), median(numbers), max(numbers)] if numeric else [],
        common=[] if numeric else [(named[text], n) for text, n in counted.most_common(5)],
        some=[(UUID(bytes=who.ljust(16, b"\0")), one) for who, one in there[::-1][:some]],
    )
