"""Dedupe: an interaction that was sent again is known by its key, in this batch, in the last days, or in the past."""

from __future__ import annotations

from collections import defaultdict

from amity.engines.present import seen
from amity.kernel.clock import DAY, now_ms
from amity.rooms.collection import api as collection
from amity.workers.batch import DUPLICATE, Batch, Item

_AT_ONCE = 5_000  # keys in one question


def dedupe(batch: Batch) -> None:
    """Drop what was taken before, and remember the rest. In a replay, what was taken before goes on as `known`, once."""
    first: dict[int, Item] = {}
    for item in batch.live:
        if first.setdefault(item.key.int, item) is not item:
            item.drop(DUPLICATE)
    items = list(first.values())
    before = seen.take([item.key for item in items], [item.interaction.received_at // seen.PERIOD for item in items])
    for item in items:
        item.taken = item.key.int not in before
    if batch.replayed:
        _sort_out_known(batch, items)
        return
    already = _in_the_past(_may_be_in_the_past(items))
    for item in items:
        if not item.taken or item.key.int in already:
            item.drop(DUPLICATE)


def _may_be_in_the_past(items: list[Item]) -> list[Item]:
    """Return new items that tell of so long ago that they may have been sent before all that is remembered.

    Nothing of a source that was first heard within the time remembered can have been: an import needs no such question.
    """
    late = [item for item in items if item.taken and item.interaction.received_at - item.interaction.time >= seen.WINDOW]
    if not late:
        return []
    now = now_ms()
    heard = collection.first_accepted({item.interaction.source for item in late})
    since = {source: now - first >= seen.WINDOW for source, first in heard.items()}
    return [item for item in late if since.get(item.interaction.source)]


def _sort_out_known(batch: Batch, items: list[Item]) -> None:
    """In a replay, let go on what was taken from this very place of the log, and drop what was taken from another."""
    elsewhere = _in_the_past(items, "find_elsewhere", first=batch.first_seq, last=batch.last_seq)
    for item in items:
        item.known = not item.taken
        if item.key.int in elsewhere:
            item.drop(DUPLICATE)


def give_back(batch: Batch) -> None:
    """Forget the keys of items that were dropped after dedupe: they stand in quarantine and may be sent again.

    One of the same key that came in the same batch goes there too, as it would have from a batch of its own.
    """
    back = [item for item in batch.items if item.dropped and item.taken and item.dropped != DUPLICATE]
    reasons = {item.key.int: item for item in back}
    for item in batch.items if reasons else ():
        if item.dropped == DUPLICATE and (first := reasons.get(item.key.int)) is not None:
            item.dropped, item.detail, item.step = first.dropped, first.detail, first.step
    seen.forget([item.key for item in back], [seen.period_of(item.interaction.received_at) for item in back])


def _in_the_past(items: list[Item], question: str = "find_keys", **more: int) -> set[int]:
    """Return the keys that the past holds already, asked by workspace and span of days so that few parts are read."""
    from amity.engines.past.client import ask
    from amity.engines.past.rows import seconds

    spans: dict[tuple[int, int], list[Item]] = defaultdict(list)
    for item in items:
        spans[item.interaction.workspace, item.interaction.time // (30 * DAY)].append(item)
    found: set[int] = set()
    for (workspace, _), group in spans.items():
        times = [item.interaction.time for item in group]
        around = {"since": min(times) - 2 * DAY, "until": max(times) + 2 * DAY}
        for start in range(0, len(group), _AT_ONCE):
            rows = ask(
                package="amity.workers",
                name=question,
                workspace_id=workspace,
                keys=[str(item.key) for item in group[start : start + _AT_ONCE]],
                **{name: round(seconds(at) * 1000) for name, at in around.items()},
                **more,
            )
            found.update(row["message_key"].int for row in rows)
    return found
