"""Stories of a made-up journey as numpy columns: what is done is known, so what it foretells is known too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amity.kernel.clock import DAY
from amity.rooms.journeys.rules.friction.rows import Lines
from amity.rooms.journeys.rules.moments.gains import Gain, Rows


@dataclass
class Walk:
    """Interactions sorted by customer and time; `mask` has a bit for each stage that one means."""

    who: np.ndarray
    at: np.ndarray
    mask: np.ndarray

    @property
    def customers(self) -> np.ndarray:
        return self.who

    @property
    def held(self) -> np.ndarray:
        return np.zeros(len(self.who), dtype=np.int64)

    keys = None
    previous = None


def walk(rows: list[tuple[int, int, int]]) -> Walk:
    """Rows of (customer, time in ms, stage)."""
    rows = sorted(rows)
    who, at, stage = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(3))
    return Walk(who, at, 1 << stage)


def lines(rows: list[tuple[int, int]] | list[tuple[int, int, float]]) -> Lines:
    """Rows of (customer, time) or (customer, time, amount)."""
    rows = sorted(rows)
    who, at = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(2))
    return Lines(who=who, at=at, amount=np.array([row[2] for row in rows], dtype=float) if rows and len(rows[0]) > 2 else None)


def random_walks(dice: np.random.Generator, *, customers: int, stages: int, days: int) -> list[tuple[int, int, int]]:
    """Return customers who do stages at random times, each at another millisecond."""
    rows = []
    for who in range(customers):
        times = dice.choice(days * DAY, int(dice.integers(1, 14)), replace=False)
        rows += [(who, int(at) + 1, int(dice.integers(0, stages))) for at in times]
    return rows


def gain(outcome: np.ndarray, before: np.ndarray, more: np.ndarray, who: np.ndarray, *, here: np.ndarray, splits: list) -> Gain:
    """Return what `more` columns gain over those `before`."""
    rows = Rows(outcome, who, here, np.column_stack([before, more]), splits)
    return rows.gain(range(before.shape[1]), range(before.shape[1], before.shape[1] + more.shape[1]))
