"""Linden's year, month by month in order of time. The same seed, end and size give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from amity.demo import truth
from amity.demo.calendar import Calendar
from amity.demo.draws import Dice
from amity.demo.life import Month, live_month
from amity.demo.pen import Entry, Life, Pen
from amity.demo.people import Person, make_person

SOURCES = (("web", "Linden website", "website"), ("app", "Linden app", "mobile"), ("server", "Linden back office", "server"))
_BEYOND = 2 * truth.DAYS  # days that the calendar goes on after the story, for the live trickle
Watch = Callable[[Person, int, Month], None]


@dataclass(slots=True)
class Company:
    """All customers with their lives so far. `month` is the next one to live."""

    seed: int
    calendar: Calendar
    people: list[Person]
    lives: list[Life]
    month: int = 0
    dice: Dice = field(default_factory=Dice)

    def live(self, *, watch: Watch | None = None, within: tuple[int, int] | None = None) -> list[Entry]:
        """Live one month; return its interactions in order of time, or those after one instant up to another.

        `watch` hears the truth of each customer's month.
        """
        told: list[Entry] = []
        for person, life in zip(self.people, self.lives, strict=True):
            pen = Pen(person, life, seed=self.seed, calendar=self.calendar, month=self.month, dice=self.dice)
            entries, truly = live_month(pen)
            told += entries if within is None else [one for one in entries if within[0] < one[0] <= within[1]]
            if watch is not None and truly is not None:
                watch(person, self.month, truly)
        told.sort(key=_in_order)
        self.month += 1
        return told


def found(*, customers: int, seed: int, end: int) -> Company:
    """Found the company: its customers, before anything happened."""
    dice = Dice()
    return Company(
        seed=seed,
        calendar=Calendar(end=end, days=truth.DAYS + _BEYOND),
        people=[make_person(dice, number, seed=seed) for number in range(customers)],
        lives=[Life() for _ in range(customers)],
    )


def tell(company: Company, *, watch: Watch | None = None) -> Iterator[Entry]:
    """Tell the whole year up to its end. What lies beyond the end waits in the customers' lives."""
    while company.month < truth.MONTHS:
        yield from company.live(watch=watch)


def _in_order(one: Entry) -> tuple[int, int, int]:
    return one[:3]
