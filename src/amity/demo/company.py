"""Linden's half year: every customer's story, told in one order of time. The same seed, end and size give the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import msgspec

from amity.demo.banking import already_customer, open_account, pay_by_card, use_app
from amity.demo.calendar import Calendar
from amity.demo.pen import Entry, Pen
from amity.demo.people import make_person
from amity.demo.service import complain, newsletter, relationship_survey
from amity.demo.shopping import visit_shop, visit_store
from amity.demo.words import Speaker

DAYS = 182
SOURCES = {"web": ("Linden website", "website"), "app": ("Linden app", "mobile"), "server": ("Linden back office", "server")}


@dataclass(frozen=True, slots=True)
class Told:
    """One interaction as it will be sent: JSON in Segment's form, without `sentAt`."""

    time: int
    customer: int
    source: str
    body: bytes


def tell(*, customers: int, seed: int, end: int, progress: Callable[[int], None] | None = None) -> list[Told]:
    """Return the whole story in order of time, ending at `end` (milliseconds since 1970); about 33 interactions a customer."""
    calendar = Calendar(end=end, days=DAYS)
    speaker = Speaker(Random(f"{seed}:words"))  # noqa: S311  a story, not a secret
    encode = msgspec.json.Encoder().encode
    told: list[tuple[int, int, int, Told]] = []
    for number in range(customers):
        for at, who, index, source, message in _life(
            Pen(make_person(number, seed=seed, days=DAYS), seed=seed, calendar=calendar, speaker=speaker)
        ):
            told.append((at, who, index, Told(at, who, source, encode(message))))
        if progress and number % 50 == 49:
            progress(number + 1)
    told.sort(key=lambda one: one[:3])
    return [one[3] for one in told]


def _life(pen: Pen) -> list[Entry]:
    person = pen.person
    if person.banks and person.joined == 0:
        already_customer(pen)
    elif person.banks:
        open_account(pen, person.joined)
    share = (DAYS - person.joined) / DAYS * person.activity
    if person.shops:
        _shop(pen, share)
    if pen.banking:
        _bank(pen, share)
    if pen.known:
        _keep_in_touch(pen, share)
    return pen.entries


def _shop(pen: Pen, share: float) -> None:
    rng, calendar, first = pen.rng, pen.calendar, pen.person.joined
    for _ in range(_about(rng, 2.5 * share + 0.4)):
        visit_shop(pen, calendar.day(rng, "web", first=first))
    if pen.person.city.store:
        for _ in range(_about(rng, 0.8 * share)):
            visit_store(pen, calendar.day(rng, "store", first=first))


def _bank(pen: Pen, share: float) -> None:
    rng, calendar = pen.rng, pen.calendar
    opened = calendar.day_of(pen.opened_at or calendar.start) + 1
    for _ in range(_about(rng, 6.0 * share)):
        use_app(pen, calendar.day(rng, "app", first=opened))
    for _ in range(_about(rng, 9.0 * share)):
        pay_by_card(pen, calendar.day(rng, "web", first=opened + 3))


def _keep_in_touch(pen: Pen, share: float) -> None:
    person, rng, calendar = pen.person, pen.rng, pen.calendar
    topics = ("price", "app_bad", "mail_bad", "wait") if pen.banking else ("price", "product_bad", "mail_bad")
    for _ in range(_about(rng, 0.3 * share)):
        day = calendar.day(rng, "desk", first=person.joined + 5)
        complain(pen, calendar.moment(rng, "desk", day, ahead=person.city.ahead), rng.choice(topics))
    for number, day in enumerate(range(person.joined + 20, DAYS, 60)):
        relationship_survey(pen, min(day + person.number % 13, DAYS - 1))
        if person.marketing and (clicked := newsletter(pen, day, number)):
            visit_shop(pen, day, at=clicked + 3_000, campaign=("newsletter", "email", "weekend-edit"))


def _about(rng: Random, mean: float) -> int:
    """Return a whole number around a mean (Poisson, by counting exponential pauses)."""
    count, left = 0, mean
    while (left := left - rng.expovariate(1.0)) > 0:
        count += 1
    return count
