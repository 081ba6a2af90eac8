"""Which of the shipped metrics a workspace's interactions can answer."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from amity.engines.past.behaviour.binding import Binder
from amity.engines.past.behaviour.language import Event
from amity.engines.past.behaviour.predicates import matches
from amity.engines.past.client import ask
from amity.kernel.clock import MINUTE, now_ms
from amity.rooms.metrics.queries.summing import asked_rows
from amity.rooms.metrics.rules.catalogue import Shipped, shipped

_event = msgspec.json.Decoder(Event)


def fitting(workspace_id: int) -> list[Shipped]:
    """Return the shipped metrics whose interactions have arrived, money in the currency that most of it came in."""
    return _fitting(workspace_id, now_ms() // MINUTE)


@lru_cache(maxsize=64)
def _fitting(workspace_id: int, minute: int) -> list[Shipped]:  # noqa: ARG001  the minute is what makes it new
    [row] = ask(package="amity.rooms.metrics", name="currency", workspace_id=workspace_id)
    if not row["number"]:
        return []
    all_of_them = shipped(row["currency"] or "EUR")
    bind = Binder()
    needs = {msgspec.json.encode(event): "" for one in all_of_them for event in one.needs}
    for n, text in enumerate(needs):
        needs[text] = f"countIf({matches(_event.decode(text), bind)}) > 0 AS n{n}"
    sql = f"SELECT {', '.join(needs.values())} FROM interactions_raw WHERE workspace_id = {bind(workspace_id, 'UInt32')}"  # noqa: S608
    [found] = asked_rows(sql, bind.values)
    there = dict(zip(needs, found, strict=True))
    return [one for one in all_of_them if all(there[msgspec.json.encode(event)] for event in one.needs)]
