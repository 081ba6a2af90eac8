"""Catalogue: tell the collection room what flowed, by shape, so that a thousand alike cost as much as one."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from amity.kernel.clock import HOUR
from amity.rooms.collection import api as collection
from amity.workers.batch import Batch, Item

_PLAN = {collection.BLOCKED, "unplanned_event", "plan_violation"}


def catalogue(batch: Batch) -> None:
    """Count the batch's shapes and broken rules, once each: what a replay meets again was counted before."""
    tally: dict[tuple[Any, ...], list[int]] = {}
    broken: list[collection.Found] = []
    for item in batch.items:
        if item.known or item.shape is None:
            continue
        dropped = item.dropped
        if dropped and dropped not in _PLAN:
            continue
        one, told = item.interaction, item.described
        library = _library(item)
        key = (
            one.workspace, one.source, one.kind, one.name, told.channel if told else "", library,
            one.received_at // HOUR, bool(dropped), item.shape,
        )  # fmt: skip
        held = tally.get(key)
        if held is None:
            tally[key] = [1, one.received_at, one.received_at]
        else:
            held[0] += 1
            if one.received_at > held[2]:
                held[2] = one.received_at
            elif one.received_at < held[1]:
                held[1] = one.received_at
        if item.verdict is not None:
            broken.append(_found(item, library))
    if tally:
        collection.count_shapes(tally)
    if broken:
        collection.count_violations(broken)


def _found(item: Item, library: str) -> collection.Found:
    one = item.interaction
    if item.verdict is None:
        raise ValueError("only for what broke a rule")
    return collection.Found(one.workspace, one.source, one.kind, one.name, library, one.received_at, item.key, item.verdict)


def _library(item: Item) -> str:
    """Return the client's library and version."""
    library = item.context.get("library")
    if not isinstance(library, dict):
        return ""
    name, version = library.get("name"), library.get("version")
    if type(name) is str and type(version) is str:  # as nearly all are; whatever else it is may not even be hashed
        return _joined(name[:50], version[:28])
    return _joined(str(name or "")[:50], str(version or "")[:28])


@lru_cache(maxsize=1_024)
def _joined(name: str, version: str) -> str:
    return f"{name} {version}".strip()
