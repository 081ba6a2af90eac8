"""Where a reader stands in the log, and who may move it.

Readers come in sets: `worker-0-of-2` and `worker-1-of-2` are one. When a set of another size takes over, each of its
readers begins where the slowest of the old ones stood and remembers how far the others had come, so that no interaction
is left out and none is worked twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from amity.engines.log.client import Entry, fingerprint
from amity.engines.present.models import Position
from amity.facts.interaction import Interaction, Rejection
from amity.kernel.errors import AmityError
from amity.kernel.ids import shard_hash


class Fenced(AmityError):
    """Another process reads in this one's place: it has to stop."""

    code = "fenced"


@dataclass(slots=True)
class Standing:
    """A reader's place. `inherited` holds, for each earlier set, how far its readers came.

    `entry_print` and `entry_at` are the fingerprint of entry `seq` and when the log stored it; empty where that isn't known.
    """

    index: int
    of: int
    seq: int = 0
    inherited: list[list[int]] = field(default_factory=list)
    halted: str = ""
    entry_print: str = ""
    entry_at: int = 0

    @property
    def reader(self) -> str:
        """The name under which its position is kept."""
        return reader_name(self.index, self.of)

    def mine(self, thing: Interaction | Rejection, seq: int) -> bool:
        """Whether this reader is the one to work something that stands at `seq`: its shard, and not done by a reader before."""
        if self.of == 1 and not self.inherited:
            return True
        number = seq if isinstance(thing, Rejection) else shard_hash(thing.workspace, thing.customer_key)
        if number % self.of != self.index:
            return False
        return not any(seq <= seqs[number % len(seqs)] for seqs in self.inherited)


def reader_name(index: int, of: int) -> str:
    """Return the name of a worker's position."""
    return f"worker-{index}-of-{of}"


def take_up(index: int, of: int) -> Standing:
    """Return where this reader stands; the first reader of a new set replaces the old set's positions."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('present_position'))")
        names = [reader_name(i, of) for i in range(of)]
        held = {p.reader: p for p in Position.objects.filter(reader__startswith="worker-").select_for_update()}
        if not set(names) <= held.keys():
            _replace(held, names)
    return stand(index, of)


def _replace(held: dict[str, Position], names: list[str]) -> None:
    seqs = [p.seq for _, p in sorted(held.items(), key=lambda pair: _numbers(pair[0])[0])]
    slowest = min(held.values(), key=lambda p: p.seq, default=None)
    start = slowest.seq if slowest else 0
    inherited: list[list[int]] = list(slowest.inherited) if slowest else []
    if seqs and max(seqs) > start:
        inherited.append(seqs)
    Position.objects.filter(reader__in=held).delete()
    known = {"entry_print": slowest.entry_print, "entry_at": slowest.entry_at} if slowest else {}
    Position.objects.bulk_create([Position(reader=name, seq=start, inherited=inherited, **known) for name in names])


def move(standing: Standing, last: Entry) -> None:
    """Move the position to an entry within its effects' transaction. Raises Fenced if it isn't where this reader left it."""
    kept = [layer for layer in standing.inherited if max(layer) > last.seq]
    changes: dict[str, Any] = {"seq": last.seq, "moved_at": Now(), "inherited": kept, "halted": ""}
    changes |= {"entry_print": fingerprint(last.body), "entry_at": last.stored_at}
    if not Position.objects.filter(reader=standing.reader, seq=standing.seq).update(**changes):
        raise Fenced(f"The position of {standing.reader} was moved by another process, which reads in its place.")


def moved(standing: Standing, last: Entry) -> None:
    """Note after the commit that the position stands at an entry."""
    standing.seq, standing.entry_print, standing.entry_at = last.seq, fingerprint(last.body), last.stored_at
    standing.inherited = [layer for layer in standing.inherited if max(layer) > last.seq]


def jump(standing: Standing, seq: int) -> bool:
    """Let a halted reader go on behind `seq`, because a person decided so. False where it no longer stands as it did."""
    kept = [layer for layer in standing.inherited if max(layer) > seq >= standing.seq]  # behind it, this is another log
    changes: dict[str, Any] = {"seq": seq, "halted": "", "inherited": kept, "moved_at": Now()}
    if seq != standing.seq:
        changes |= {"entry_print": "", "entry_at": 0}
    found = Position.objects.filter(reader=standing.reader, seq=standing.seq).exclude(halted="")
    return bool(found.update(**changes))


def halt(standing: Standing, reason: str) -> None:
    """Write down why this reader stopped for good."""
    standing.halted = reason
    Position.objects.filter(reader=standing.reader).update(halted=reason)


def go_on(standing: Standing) -> None:
    """Write down that a reader reads again: what it had stopped at is no more."""
    standing.halted = ""
    Position.objects.filter(reader=standing.reader).update(halted="")


def stand(index: int, of: int) -> Standing:
    """Return where a reader stands. Raises Fenced where its set was replaced by another."""
    own = Position.objects.filter(reader=reader_name(index, of)).first()
    if own is None:
        raise Fenced(f"{reader_name(index, of)} was replaced by a set of another size.")
    return _standing(own, index, of)


def halted() -> list[Standing]:
    """Return all readers that have stopped for good."""
    found = Position.objects.filter(reader__startswith="worker-").exclude(halted="").order_by("reader")
    return [_standing(one, *_numbers(one.reader)) for one in found]


def _standing(own: Position, index: int, of: int) -> Standing:
    return Standing(
        index=index,
        of=of,
        seq=own.seq,
        inherited=own.inherited,
        halted=own.halted,
        entry_print=own.entry_print,
        entry_at=own.entry_at,
    )


def _numbers(reader: str) -> tuple[int, int]:
    _, index, _, of = reader.split("-")
    return int(index), int(of)
