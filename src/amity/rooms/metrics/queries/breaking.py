"""Breakdowns: by a property or field of the interaction, by a trait of the customer, by audiences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amity.engines.past.behaviour.predicates import operand
from amity.kernel.errors import Invalid
from amity.rooms.metrics.queries.summing import asked_rows
from amity.rooms.metrics.rules.compiling import REST, Asked

if TYPE_CHECKING:
    import numpy as np

MOST = 10  # segments that are shown by themselves; all others are one
TRAIT, AUDIENCE = "trait:", "audience:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """`of` is a property or field, `trait:<name>` or `audience:<id>,<id>`; nothing is no breakdown.

    `top`: the values of a property that are shown by themselves. `segments`: customers by segment, where the present knows them.
    """

    of: str = ""
    top: Sequence[str] | None = None
    segments: Mapping[str, np.ndarray] | None = None


def broken(of: str, asked: Asked, *, workspace_id: int, time_zone: str) -> Breakdown:
    """Return a breakdown with its segments found. Raises Invalid, NotFound."""
    if of.startswith(TRAIT):
        return Breakdown(of=of, segments=_by_trait(of.removeprefix(TRAIT), workspace_id))
    if of.startswith(AUDIENCE):
        return Breakdown(of=of, segments=_by_audience(of.removeprefix(AUDIENCE), workspace_id, time_zone))
    operand(of)  # says what is wrong with it
    rows = asked_rows(asked.largest(MOST + 1), asked.params)
    names = [str(name) for name, _ in rows]
    return Breakdown(of=of, top=names if len(names) <= MOST else names[:MOST])


def _by_trait(name: str, workspace_id: int) -> Mapping[str, np.ndarray]:
    from amity.rooms.customers import api as customers

    if not name:
        raise Invalid("Name the trait: trait:plan.")
    found = customers.customers_by_trait(name, workspace_id=workspace_id)
    largest = sorted(found, key=lambda value: (-len(found[value]), value))
    shown = {value: found[value] for value in largest[:MOST]}
    if len(largest) > MOST:
        import numpy as np

        shown[REST] = np.sort(np.concatenate([found[value] for value in largest[MOST:]]))
    return shown


def _by_audience(text: str, workspace_id: int, time_zone: str) -> Mapping[str, np.ndarray]:
    from amity.rooms.customers import api as customers

    try:
        ids = [int(one) for one in text.split(",")]
    except ValueError:
        raise Invalid("Name audiences by their numbers: audience:3,7.") from None
    if len(ids) > MOST:
        raise Invalid(f"At most {MOST} audiences are compared.")
    names = customers.audience_names(workspace_id)
    found = {}
    for one in ids:
        if one not in names:
            raise Invalid(f"There is no audience {one} here.")
        found[names[one]] = customers.who_meets({"kind": "audience", "id": one}, workspace_id=workspace_id, time_zone=time_zone)
    return found
