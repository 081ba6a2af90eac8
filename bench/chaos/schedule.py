"""Which process is hit, when and how: drawn from a seed before anything runs, so that a run can be had again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

How = Literal["kill", "stop"]

VICTIMS: dict[str, float] = {  # how often each is hit; the dear ones, which start everything anew, less often
    "edge": 20,
    "worker": 20,
    "nats": 16,
    "postgresql": 16,
    "history": 14,
    "console": 6,
    "supervisor": 4,
    "everything": 4,
}
PARTS = {"postgresql": (("all", 6.0), ("postmaster", 2.0), ("backend", 2.0), ("orphans", 1.0))}
_HASTE = 0.3  # the share of faults that don't wait until the one before was recovered from


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing done to Amity.

    It comes once so many requests were acknowledged, or so many seconds passed, after the one before; `hasty`: whether or not that
    was recovered from. `part` says which of PostgreSQL's processes, `draw` chooses among them; of `orphans` the
    postmaster is killed, and the others stand still for good.
    """

    number: int
    victim: str
    how: How
    part: str
    after_acks: int
    after_seconds: float
    hasty: bool
    draw: float
    stretch: float = 1.0  # how much longer than told a stop lasts


def make_schedule(*, seed: int, kills: int, stops: float) -> list[Fault]:
    """Return so many faults; the share `stops` of them stops a process for a while instead of killing it.

    Every victim is hit about as often as its weight says, in any run of some dozens: they are dealt like cards, not diced.
    """
    dice = random.Random(f"schedule {seed}")
    victims = _dealt(dice, kills)
    stopped = set(dice.sample(range(kills), round(kills * stops)))
    return [_fault(dice, number, victims[number], stop=number in stopped) for number in range(kills)]


def early_moments(*, seed: int, number: int) -> list[float]:
    """Return after how many seconds each of the first starts is cut short."""
    dice = random.Random(f"early {seed}")
    return [dice.uniform(0.3, 8.0) for _ in range(number)]


def _dealt(dice: random.Random, kills: int) -> list[str]:
    dealt: list[str] = []
    while len(dealt) < kills:
        hand = [name for name, weight in VICTIMS.items() for _ in range(max(1, round(weight / 4)))]
        dice.shuffle(hand)
        dealt += hand
    return dealt[:kills]


def _fault(dice: random.Random, number: int, victim: str, *, stop: bool) -> Fault:
    if stop and victim == "everything":
        victim = "nats"  # nothing would notice time standing still for all alike
    parts = PARTS.get(victim, (("", 1.0),))
    [part] = dice.choices([name for name, _ in parts], [weight for _, weight in parts])
    hasty = number > 0 and dice.random() < _HASTE
    by_acks = dice.random() < 0.5 and not hasty
    return Fault(
        number=number,
        victim=victim,
        how="stop" if stop else "kill",
        part="all" if stop and part in {"backend", "orphans"} else part,
        after_acks=dice.randint(1, 25) if by_acks else 0,
        after_seconds=0.0 if by_acks else dice.uniform(0.02, 1.0),
        hasty=hasty,
        draw=dice.random(),
        stretch=1.5 if stop and dice.random() < 0.3 else 1.0,  # then the supervisor loses its patience
    )
