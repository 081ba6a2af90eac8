"""How it stands with a customer, as a sentence or two and as a row of numbers, each with a way to the interactions behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlencode

from amity.kernel.clock import from_ms
from amity.rooms.customers.contracts import Customer
from amity.rooms.customers.queries.standing import Standing
from amity.rooms.customers.rules.portrait.blanks import score
from amity.rooms.customers.rules.portrait.money import money
from amity.rooms.customers.rules.portrait.portray import channel_words, portray_name
from amity.rooms.customers.rules.portrait.words import count
from amity.rooms.customers.rules.relationship import Preferred, Satisfaction, preferred, satisfaction
from amity.shell.words import say_when


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number: what it is, its value in words, of how many interactions, and where these are."""

    label: str
    value: str
    note: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where numbers lead: the story's address, and a function that returns one interaction's."""

    story: str
    moment: Callable[[int, str], str]

    def only(self, **query: str) -> str:
        """Return the story's address with a filter."""
        return f"{self.story}?{urlencode(query)}"


def figures(customer: Customer, at: Standing, places: Places, *, now: datetime, zone: tzinfo) -> list[Figure]:
    """Return the numbers that tell how it stands; what nothing is known of yet is left out."""
    found = (
        _satisfied(satisfaction(at.answers), places, now, zone),
        _open(at, places, now, zone),
        _effort(at, places, now, zone),
        _channel(preferred(customer.channels), places),
        _value(customer, at, places),
    )
    return [one for one in found if one]


def told(customer: Customer, at: Standing, *, now: datetime) -> str:
    """Return how it stands with a customer in a sentence or two; empty where there is nothing to tell yet."""
    if not customer.first_seen or not customer.interactions:
        return ""
    known = _long((now - from_ms(customer.first_seen)).days)
    lately = count(at.stakes.sessions, "session") if at.stakes.sessions else "no session"
    liked = preferred(customer.channels)
    where = f", mostly on {_on(liked.channel)}" if liked and liked.times > liked.n / 2 else ""
    sentences = [f"With us {known}{where}; {lately} in the last 30 days."]
    brought = " and ".join(filter(None, (money(amount, currency) for currency, amount in customer.values.items() if amount)))
    if at.sums.payments:
        back = f" and got money back {_times(at.sums.refunds)}" if at.sums.refunds else ""
        sentences.append(f"Paid {_times(at.sums.payments)}{f', {brought} in all' if brought else ''}{back}.")
    scored = satisfaction(at.answers)
    if scored:
        sentences.append(f"Last scored us {score(scored.last)}.")
    if at.requests.issues:
        still = "is" if len(at.requests.issues) == 1 else "are"
        sentences.append(f"{count(len(at.requests.issues), 'request')} {still} open.")
    return " ".join(sentences)


def _satisfied(found: Satisfaction | None, places: Places, now: datetime, zone: tzinfo) -> Figure | None:
    if found is None:
        return None
    when = say_when(from_ms(found.last.time), now=now, zone=zone)
    if found.mean is None:
        note = f"the last, {when}; n = {found.n}, scale not told"
        return Figure(label="Satisfaction", value=score(found.last), note=note, url=places.only(kind="answers"))
    mean = f"mean {found.mean:.0f} of 100, n = {found.n}" if found.n > 1 else "n = 1"
    return Figure(
        label="Satisfaction", value=score(found.last), note=f"the last, {when}; {mean}", url=places.only(kind="answers")
    )


def _open(at: Standing, places: Places, now: datetime, zone: tzinfo) -> Figure | None:
    found = at.requests
    if not found.n:
        return None
    of = f"of {'the newest ' if found.more else ''}{found.n}"
    url = places.only(kind="requests")
    if not found.issues:
        return Figure(label="Open requests", value="None", note=f"{of}, all resolved", url=url)
    oldest = say_when(from_ms(found.issues[-1].time), now=now, zone=zone)
    return Figure(label="Open requests", value=str(len(found.issues)), note=f"{of}; the oldest from {oldest}", url=url)


def _effort(at: Standing, places: Places, now: datetime, zone: tzinfo) -> Figure | None:
    found = at.effort
    if not found.n:
        return None
    if found.last is None:
        note = f"went wrong in 30 days, n = {found.n:,} events"
        return Figure(label="Effort lately", value="Nothing", note=note, url=places.only(since="30"))
    when = say_when(from_ms(found.last.last_time), now=now, zone=zone)
    note = f"of {found.n:,} events in 30 days; the last: {portray_name(found.last.name)}, {when}"
    url = places.moment(found.last.last_time, found.last.last_key.hex)
    return Figure(label="Effort lately", value=f"{count(found.troubles, 'hitch', 'hitches')}", note=note, url=url)


def _channel(found: Preferred | None, places: Places) -> Figure | None:
    if found is None:
        return None
    share = f"{100 * found.times / found.n:.0f}% of {count(found.n, 'interaction')}"
    name = channel_words(found.channel)
    return Figure(
        label="Preferred channel", value=name[:1].upper() + name[1:], note=share, url=places.only(channel=found.channel)
    )


def _value(customer: Customer, at: Standing, places: Places) -> Figure | None:
    brought = " + ".join(filter(None, (money(amount, currency) for currency, amount in customer.values.items() if amount)))
    if not at.sums.payments and not at.sums.refunds:
        return None
    note = f"{count(at.sums.payments, 'payment')}, {count(at.sums.refunds, 'refund')}"
    return Figure(label="Value", value=brought or "Nothing left", note=note, url=places.only(kind="money"))


def _on(channel: str) -> str:
    words = channel_words(channel)
    return f"the {words}" if words in {"web", "app", "phone"} else words


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def _long(days: int) -> str:
    for size, unit in ((365, "year"), (30, "month"), (7, "week")):
        if days >= 2 * size or (unit == "year" and days >= size):
            return f"for {count(days // size, unit)}"
    return f"for {count(days, 'day')}" if days > 0 else "since today"
