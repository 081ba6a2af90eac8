"""Give rows of the past to the customers whose they are. Bounded, and harmless to repeat from wherever it was broken off.

A row's customer is part of its place in the table, so it is copied first and taken away from where it was then. In between it
stands twice under one customer, who both ids still lead to. Who calls this holds the barrier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from amity.engines.past.client import ask, command, question
from amity.rooms.customers.rules.rederive import Happened

PACKAGE = "amity.rooms.customers"
AT_ONCE = 2_000


def strangers(root: Mapping[UUID, UUID], whose: Mapping[UUID, UUID], happened: Iterable[Happened]) -> dict[UUID, list[UUID]]:
    """Return the keys of interactions that don't stand, once, under an id of the customer whose they are, by that customer."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for one in happened:
        key = one.incoming.key
        if root[one.customer] != whose[key] or one.copies:
            found[whose[key]].append(key)
    return found


def give(*, workspace_id: int, target: UUID, keys: Collection[UUID], out_of: Collection[UUID]) -> None:
    """Move interactions under the id `target` from wherever among `out_of` they stand."""
    wanted = [str(key) for key in keys]
    others = [str(one) for one in out_of if one != target]
    there = _under(workspace_id, target, wanted)
    lacking = [key for key in wanted if key not in there]
    if lacking:
        command(question(PACKAGE, "give_rows"), workspace_id=workspace_id, target=str(target), customer_ids=others, keys=lacking)
        there = _under(workspace_id, target, wanted)
    arrived = [key for key in wanted if key in there]  # what isn't there stays where it is
    if arrived:
        command(question(PACKAGE, "take_rows"), workspace_id=workspace_id, customer_ids=others, keys=arrived)


def _under(workspace_id: int, target: UUID, keys: Sequence[str]) -> set[str]:
    rows = ask(package=PACKAGE, name="held_under", workspace_id=workspace_id, customer_ids=[str(target)], keys=list(keys))
    return {str(row["message_key"]) for row in rows}
