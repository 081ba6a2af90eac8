"""What an import would make of a file: its first interactions and customers, and how many rows would be left out and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec

from amity.facts.interaction import Interaction
from amity.rooms.collection.rules.imports.looking import Look
from amity.rooms.collection.rules.imports.making import Whose, encode
from amity.rooms.collection.rules.imports.refusal import Refused, Unfit
from amity.rooms.collection.rules.imports.stream import Stream

FIRST = 5
_REFUSED = 20


@dataclass(slots=True)
class PreviewCustomer:
    """A customer as the first rows would make it: by which id, what describes it, its interactions so far (time in ms, name)."""

    key: str
    traits: dict[str, Any] = field(default_factory=dict)
    interactions: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Preview:
    """What was read (`whole`: to the end) and made of it. Times are ms since 1970."""

    rows: int = 0
    interactions: int = 0
    left_out: int = 0
    whole: bool = False
    bytes: int = 0
    first_time: int | None = None
    last_time: int | None = None
    first: list[Interaction] = field(default_factory=list)
    customers: dict[str, PreviewCustomer] = field(default_factory=dict)
    names: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """How many rows would be left out with a reason."""
        return sum(self.reasons.values())


def preview(look: Look, *, received_at: int, most_rows: int | None = None) -> Preview:
    """Go through a file, or its first `most_rows`, without importing anything."""
    stream = Stream(look, Whose(workspace=0, source=0, prefix="row", received_at=received_at))
    found = Preview()
    for one in stream:
        if isinstance(one, Refused):
            _note_refused(found, one)
        else:
            try:
                found.bytes += len(encode(one))
            except Unfit as unfit:
                _note_refused(found, Refused(0, unfit.reason, unfit.detail))
                continue
            _note(found, one)
        if most_rows is not None and stream.rows >= most_rows:
            break
    else:
        found.whole = True
    found.rows, found.left_out = stream.rows, stream.left_out
    return found


def _note(found: Preview, one: Interaction) -> None:
    found.interactions += 1
    found.first_time = one.time if found.first_time is None else min(found.first_time, one.time)
    found.last_time = one.time if found.last_time is None else max(found.last_time, one.time)
    if len(found.names) < 1_000 or one.name in found.names:
        found.names[one.name or one.kind] += 1
    if len(found.first) < FIRST:
        found.first.append(one)
    key = one.customer_key
    if key in found.customers or len(found.customers) < FIRST:
        held = found.customers.setdefault(key, PreviewCustomer(key))
        held.traits.update(msgspec.json.decode(one.traits))
        if len(held.interactions) < FIRST:
            held.interactions.append((one.time, one.name or one.kind))


def _note_refused(found: Preview, one: Refused) -> None:
    found.reasons[one.reason] += 1
    if len(found.refused) < _REFUSED:
        found.refused.append(one)
