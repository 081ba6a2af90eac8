"""The live feed: what happens right now, for people who watch. A sample when there is much; nothing is kept."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from amity.workers.batch import SUPPRESSED, Batch, Item, Turned
from amity.workers.pipeline.decode import body_of
from amity.workers.pipeline.protect import as_kept

MOST = 40  # of one batch and workspace
LONGEST_BODY = 16_384
_encoder = msgspec.json.Encoder()


def subject(workspace: int) -> str:
    """Return where a workspace's feed is published."""
    return f"amity.live.{workspace}"


def feed(batch: Batch) -> dict[str, bytes]:
    """Return the messages that tell of a committed batch, by subject. Dropped ones come first: they are what people look for."""
    if batch.muted:
        return {}
    by_workspace: dict[int, list[dict[str, Any]]] = defaultdict(list)
    steps = _steps(batch)
    for one in batch.turned:
        if not one.from_item and len(by_workspace[one.rejection.workspace]) < MOST // 2:
            by_workspace[one.rejection.workspace].append(_of_rejection(one))
    ordered = [i for i in batch.items if i.dropped and i.dropped != SUPPRESSED][: MOST // 2] + [
        i for i in batch.items if not i.dropped
    ]
    for item in ordered:
        told = by_workspace[item.interaction.workspace]
        if len(told) < MOST:
            told.append(_of_item(item, steps))
    return {subject(workspace): _encoder.encode(told) for workspace, told in by_workspace.items() if workspace}


def _steps(batch: Batch) -> list[tuple[str, int]]:
    """Return each step that works items, with its microseconds shared out among those that it worked."""
    return [(t.name, round(t.seconds * 1_000_000 / max(t.entered, 1))) for t in batch.timings.values() if t.name in _PER_ITEM]


_PER_ITEM = {"decode", "dedupe", "describe", "check", "place", "shape"}


def _of_item(item: Item, steps: list[tuple[str, int]]) -> dict[str, Any]:
    one = item.interaction
    path: list[tuple[str, str, int]] = []
    for name, micros in steps:
        path.append((name, item.dropped if item.step == name else "passed", micros))
        if item.step == name:
            break
    return {
        "key": item.key,
        "message_id": one.message_id,
        "time": one.time,
        "received_at": one.received_at,
        "name": one.name,
        "type": one.kind,
        "channel": item.described.channel if item.described else "",
        "source_id": one.source,
        "customer_id": item.placement.customer_id if item.placement else None,
        "outcome": item.dropped or "accepted",
        "detail": item.detail,
        "steps": path,
        "body": _short(body_of(as_kept(item))),
        "flags": item.flags,
    }


def _of_rejection(one: Turned) -> dict[str, Any]:
    said = one.rejection
    return {
        "key": one.key,
        "message_id": said.message_id,
        "time": said.received_at,
        "received_at": said.received_at,
        "name": said.name,
        "type": "",
        "channel": "",
        "source_id": said.source,
        "customer_id": None,
        "outcome": said.reason,
        "detail": said.detail,
        "steps": [(one.step, said.reason, 0)],
        "body": _short(said.body),
    }


def _short(body: str) -> Any:
    """Return the body as JSON where it is some and short, else the beginning of its text. Numbers in it may be of any size."""
    if len(body) <= LONGEST_BODY:
        try:
            msgspec.json.decode(body)
            return msgspec.Raw(body.encode())
        except (msgspec.DecodeError, ValueError, RecursionError):
            return body
    return body[:LONGEST_BODY]
