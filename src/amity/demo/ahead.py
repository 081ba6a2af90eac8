"""What will happen next at Linden: the story goes on after its year, three times as busy, so that one can watch it.

A month is lived from the state at its beginning each time that a stretch of it is asked for, and what lies outside the
stretch is thrown away: so nothing but that state has to be kept, and an interrupted trickle goes on where it was.
"""

from __future__ import annotations

from pathlib import Path

from amity.demo import truth
from amity.demo.company import Company
from amity.demo.pen import Entry
from amity.demo.record import Story, recall_lives, remember_lives
from amity.kernel.clock import DAY

FORGIVEN = 3 * DAY  # what was missed for longer, while Amity was off, isn't told any more


class Ahead:
    """The story after its end. Raises LookupError where nothing is kept of it, or it has come to the calendar's end."""

    def __init__(self, folder: Path, story: Story) -> None:
        self._folder, self._story = folder, story

    def between(self, after: int, until: int) -> tuple[list[Entry], int]:
        """Return what happens after an instant up to another one, in order, and up to when that is: not beyond a month's end."""
        company = self._company()
        while (ends := _ends(company)) <= after:
            company.live(within=(0, 0))
            remember_lives(self._folder, company, self._story)
        until = min(until, ends)
        return company.live(within=(after, until)), until

    def _company(self) -> Company:
        company = recall_lives(self._folder, self._story)
        if company is None:
            raise LookupError("Nothing is kept of the demo company's lives. Run amity demo again.")
        return company


def _ends(company: Company) -> int:
    """Return when the month that is to be lived ends."""
    if (company.month + 2) * truth.MONTH > company.calendar.days:
        raise LookupError("The demo company's calendar has come to its end.")
    return company.calendar.month_ends(company.month)
