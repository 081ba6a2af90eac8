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

from amity.engines.present.models import Position
from amity.facts.interaction import Interaction, Rejection
from amity.kernel.errors import AmityError
from amity.kernel.ids import shard_hash


class Fenced(AmityError):
    """Another process reads in this one's place: it has to stop."""

    code = "fenced"


@dataclass(slots=True)
class Standing:
    """A reader's place. `inherited` holds, for each earlier set, how far its readers came."""

    index: int
    of: int
    seq: int = 0
    inherited: list[list[int]] = field(default_factory=list)
    halted: str = ""

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
    own = Position.objects.get(reader=names[index])
    return Standing(index=index, of=of, seq=own.seq, inherited=own.inherited, halted=own.halted)


def _replace(held: dict[str, Position], names: list[str]) -> None:
    seqs = [p.seq for _, p in sorted(held.items(), key=lambda pair: int(pair[0].split("-")[1]))]
    slowest = min(held.values(), key=lambda p: p.seq, default=None)
    start = slowest.seq if slowest else 0
    inherited: list[list[int]] = list(slowest.inherited) if slowest else []
    if seqs and max(seqs) > start:
        inherited.append(seqs)
    Position.objects.filter(reader__in=held).delete()
    Position.objects.bulk_create([Position(reader=name, seq=start, inherited=inherited) for name in names])


def move(standing: Standing, seq: int) -> None:
    """Move the position on within the effects' transaction. Raises Fenced if it isn't where this reader left it."""
    kept = [layer for layer in standing.inherited if max(layer) > seq]
    changes: dict[str, Any] = {"seq": seq, "moved_at": Now(), "inherited": kept, "halted": ""}
    if not Position.objects.filter(reader=standing.reader, seq=standing.seq).update(**changes):
        raise Fenced(f"The position of {standing.reader} was moved by another process, which reads in its place.")


def moved(standing: Standing, seq: int) -> None:
    """Note after the commit that the position stands at `seq`."""
    standing.seq = seq
    standing.inherited = [layer for layer in standing.inherited if max(layer) > seq]


def jump(standing: Standing, seq: int) -> None:
    """Move the position without any effects: a person has decided that what lies between is lost."""
    kept = [layer for layer in standing.inherited if max(layer) > seq >= standing.seq]  # behind it, this is another log
    Position.objects.filter(reader=standing.reader).update(seq=seq, halted="", inherited=kept, moved_at=Now())
    standing.seq, standing.halted, standing.inherited = seq, "", kept


def halt(standing: Standing, reason: str) -> None:
    """Write down why this reader stopped for good."""
    standing.halted = reason
    Position.objects.filter(reader=standing.reader).update(halted=reason)
