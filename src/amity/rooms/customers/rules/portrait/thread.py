"""String moments on a thread: days, visits within them, and page views of a visit folded into one bead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from uuid import UUID

from amity.kernel.clock import from_ms
from amity.rooms.customers.contracts import NO_SESSION, Moment
from amity.rooms.customers.rules.portrait.blanks import host
from amity.rooms.customers.rules.portrait.portray import portray
from amity.rooms.customers.rules.portrait.shapes import Portrait
from amity.rooms.customers.rules.portrait.words import count, cut, day_name, span

FOLD_FROM = 2


@dataclass(frozen=True, kw_only=True)
class Bead:
    """One moment as it is told; `at` is in the workspace's time zone."""

    moment: Moment
    portrait: Portrait
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Several views of one visit, told as one; `beads` are newest first."""

    beads: Sequence[Bead]
    sentence: str
    place: str
    shows: str

    @property
    def at(self) -> datetime:
        """When the last of them happened."""
        return self.beads[0].at

    @property
    def icon(self) -> str:
        """The icon of the view that gives the fold its name."""
        return self.beads[0].portrait.icon


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A stretch of one session (or of moments outside any, then without words), newest first."""

    session_id: UUID
    words: str
    items: Sequence[Bead | Fold]


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of the story; without a title where an earlier stretch has shown it."""

    day: date
    title: str
    visits: Sequence[Visit]


def string(
    moments: Iterable[Moment], *, zone: tzinfo, today: date, shown_day: date | None = None, shown_visit: UUID | None = None
) -> list[Day]:
    """Return the days of a stretch of story, newest first.

    `shown_day` and `shown_visit` are the last ones that the reader already sees above, which get no heading again.
    """
    beads = [Bead(moment=each, portrait=portray(each), at=from_ms(each.time).astimezone(zone)) for each in moments]
    known = {shown_visit} if shown_visit else set()
    days = []
    for day, of_day in groupby(beads, key=lambda bead: bead.at.date()):
        title = "" if day == shown_day else day_name(day, today)
        days.append(Day(day=day, title=title, visits=list(_visits(list(of_day), known))))
    return days


def _visits(beads: list[Bead], known: set[UUID]) -> Iterator[Visit]:
    for session_id, of_session in groupby(beads, key=lambda bead: bead.moment.session_id):
        stretch = list(of_session)
        items = list(_folded(stretch))
        words = _visit_words(stretch) if session_id not in known and session_id != NO_SESSION and len(items) > 1 else ""
        if session_id != NO_SESSION:
            known.add(session_id)
        yield Visit(session_id=session_id, words=words, items=items)


def _folded(stretch: list[Bead]) -> Iterator[Bead | Fold]:
    in_session = stretch[0].moment.session_id != NO_SESSION
    for browsing, run in groupby(stretch, key=lambda bead: bead.portrait.browsing):
        views = list(run)
        if browsing and in_session and len(views) >= FOLD_FROM:
            yield _fold(views)
        else:
            yield from views


def _fold(views: list[Bead]) -> Fold:
    types = {bead.moment.type for bead in views}
    one = "page" if types == {"page"} else "screen" if types == {"screen"} else "view"
    many = count(len(views), one)
    took = (views[0].at - views[-1].at).total_seconds()
    during = f"{many} in {span(took)}" if took >= 1 else many
    named = next((bead for bead in views if bead.portrait.icon == "bag"), views[0])
    place = views[0].portrait.place
    return Fold(beads=views, sentence=named.portrait.sentence, place=f"{place}, {during}" if place else during, shows=many)


def _visit_words(stretch: list[Bead]) -> str:
    first = stretch[-1].moment
    whole = first.session_start
    took = (stretch[0].at - stretch[-1].at).total_seconds()
    parts = [f"Visit of {span(took)}" if whole and took >= 1 else "Visit", count(len(stretch), "interaction") if whole else ""]
    client = " on ".join(filter(None, (first.browser, first.os)))
    parts += [cut(client, 60), _came_from(first) if whole else ""]
    return ", ".join(filter(None, parts))


def _came_from(first: Moment) -> str:
    campaign = first.campaign_name or first.campaign_source
    if campaign:
        return f"through “{cut(campaign, 60)}”"
    came = host(first.referrer)
    return f"from {came}" if came and came != host(first.url) else ""
