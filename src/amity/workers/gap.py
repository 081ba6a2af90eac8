"""A gap in the log: whether it still is one, what is missing, and going on without that because a person decided so."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction
from nats.js.errors import APIError, NotFoundError

from amity.engines.log.client import STREAM, SUBJECT, Entry, Log
from amity.engines.present.models import LogDamage
from amity.facts.envelope import decode_envelope
from amity.kernel.clock import from_ms
from amity.kernel.errors import LogGap
from amity.workers import position
from amity.workers.position import Standing

Ranges = Sequence[tuple[int, int]]
_SAMPLE = 5  # entries on each side from which it is estimated how many interactions are missing


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What one gap means: entries `first` to `last` (none known where `last` is lower), and where reading can go on behind.

    `before_at`, `after_at`: when the log stored the entries on either side; `interactions`: an estimate. None: not known.
    """

    standing: Standing
    said: str
    first: int
    last: int
    on_after: int
    before_at: datetime | None = None
    after_at: datetime | None = None
    interactions: int | None = None

    @property
    def entries(self) -> int:
        """How many entries are known to be missing."""
        return max(self.last - self.first + 1, 0)


def passed_ranges() -> list[tuple[int, int]]:
    """Return the ranges that people decided to go without; those of a log that another one has replaced count no more."""
    rows = LogDamage.objects.filter(outcome=LogDamage.PASSED).order_by("id").values_list("first_seq", "last_seq")
    ranges: list[tuple[int, int]] = []
    for first, last in rows:
        ranges = [*ranges, (first, last)] if last >= first else []
    return ranges


async def probe(log: Log, standing: Standing, passed: Ranges) -> LogGap | None:
    """Return the gap behind a reader's position, None where there is none any more. Raises NatsError while the log is away."""
    await log.state()
    reading = log.read(standing.seq, print_of=standing.entry_print, passed=passed, idle=0.5, patience=0.2)
    try:
        async with aclosing(reading) as lists:  # type: ignore[type-var]
            looks = 0
            async for entries in lists:
                looks += 1
                if entries or looks > 3:  # the second look asks for an entry at the very end, the third searches for it
                    break
    except LogGap as gap:
        return gap
    await log.state()
    return None


async def measure(log: Log, standing: Standing, gap: LogGap) -> Missing:
    """Return what a gap means for a reader. Raises NatsError while the log is away."""
    state = await log.state()
    first, last = gap.first, gap.last
    if not last:
        on_after = await _last_until(log, standing.entry_at, low=state.first_seq, high=state.last_seq)
        return Missing(standing=standing, said=gap.message, first=on_after + 1, last=on_after, on_after=on_after)
    if not gap.cut:
        behind = await _next(log, last)
        last = behind.seq - 1 if behind else max(last, state.last_seq)
    on_after = standing.seq if gap.cut else last
    around = [await _entry(log, seq) for seq in (*range(first - _SAMPLE, first), *range(on_after + 1, on_after + 1 + _SAMPLE))]
    known = [one for one in around if one is not None]
    before = [one.stored_at for one in known if one.seq < first]
    after = [one.stored_at for one in known if one.seq > on_after]
    return Missing(
        standing=standing,
        said=gap.message,
        first=first,
        last=last,
        on_after=on_after,
        before_at=from_ms(before[-1]) if before else None,
        after_at=from_ms(after[0]) if after else None,
        interactions=round(sum(map(_held, known)) / len(known) * (last - first + 1)) if known else None,
    )


def accept(missing: Sequence[Missing], *, by: str, reason: str) -> list[Missing]:
    """Go on without what is missing, and write down who decided so and why; return those that still stood as measured."""
    from amity.rooms.trust import api as trust
    from amity.rooms.trust.contracts import COMMAND_LINE

    done = []
    with transaction.atomic():
        for one in missing:
            if not position.jump(one.standing, one.on_after):
                continue
            done.append(one)
            if LogDamage.objects.filter(outcome=LogDamage.PASSED, first_seq=one.first, last_seq=one.last, said=one.said).exists():
                continue  # another reader of the set stood at the same gap
            LogDamage.objects.create(
                outcome=LogDamage.PASSED,
                first_seq=one.first,
                last_seq=one.last,
                said=one.said,
                before_at=one.before_at,
                after_at=one.after_at,
                interactions=one.interactions,
                decided_by=by,
                reason=reason,
            )
        for one in done:
            after = {"first": one.first, "last": one.last, "on_after": one.on_after, "reason": reason, "by": by}
            before = {"seq": one.standing.seq, "halted": one.said}
            trust.record(
                COMMAND_LINE, action="log.gap_passed", target=f"reader:{one.standing.reader}", before=before, after=after
            )
    return done


def note_rescued(entries: Sequence[Entry]) -> None:
    """Write down that entries had to be read from another replica than the first, once however many readers meet them."""
    seqs = [one.seq for one in entries if one.rescued]
    if not seqs:
        return
    first, last = seqs[0], seqs[-1]
    rows = LogDamage.objects.filter(outcome=LogDamage.RESCUED)
    if rows.filter(first_seq__lte=first, last_seq__gte=last).exists():
        return
    if not rows.filter(last_seq=first - 1).update(last_seq=last):
        LogDamage.objects.create(outcome=LogDamage.RESCUED, first_seq=first, last_seq=last)


async def _last_until(log: Log, instant: int, *, low: int, high: int) -> int:
    """Return the last sequence that was stored up to an instant; the one before the log's first where there is none."""
    found = low - 1
    while low <= high:
        middle = (low + high) // 2
        one = await _next(log, middle - 1)
        if one is None or one.stored_at > instant:
            high = middle - 1
        else:
            found, low = one.seq, one.seq + 1
    return found


async def _next(log: Log, after: int) -> Entry | None:
    try:
        found = await log.js.get_msg(STREAM, after + 1, subject=SUBJECT, next=True)
    except NotFoundError:
        return None
    return Entry(int(found.seq or 0), round(found.time.timestamp() * 1000) if found.time else 0, found.data or b"")


async def _entry(log: Log, seq: int) -> Entry | None:
    if seq < 1:
        return None
    try:
        found = await log.js.get_msg(STREAM, seq)
    except APIError:
        return None
    return Entry(seq, round(found.time.timestamp() * 1000) if found.time else 0, found.data or b"")


def _held(entry: Entry) -> int:
    try:
        return len(decode_envelope(entry.body).interactions)
    except msgspec.DecodeError:
        return 0
