"""“What matters now”: at most three cards, each built from facts that the data holds, and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from amity.kernel.clock import from_ms
from amity.rooms.customers.console.consent.words import name_of, newest_of
from amity.rooms.customers.console.relationship import Places
from amity.rooms.customers.contracts import Customer, Friction, Moment, Stakes
from amity.rooms.customers.queries.standing import Standing, Sums
from amity.rooms.customers.rules.portrait.blanks import score
from amity.rooms.customers.rules.portrait.money import money
from amity.rooms.customers.rules.portrait.portray import channel_words, portray, portray_name
from amity.rooms.customers.rules.portrait.words import count, short_date
from amity.rooms.customers.rules.relationship import Open, Satisfaction, satisfaction
from amity.shell.words import say_when

_MOST, _PRESSING = 3, ("bad", "warn", "quiet", "good")
_UNHAPPY = 40  # of 100: below that an answer's score is a warning
_TIMES = {1: "", 2: ", twice", 3: ", three times"}


@dataclass(frozen=True, kw_only=True)
class Card:
    """One card: a mark (good, warn, bad or quiet) with its word, a lead, and why. `quote` is the customer's own words.

    `url` leads to the interactions behind it, in the words `link`.
    """

    mark: str
    word: str
    lead: str = ""
    quote: str = ""
    why: str = ""
    link: str = ""
    url: str = ""


def cards(customer: Customer, at: Standing, places: Places, *, now: datetime, zone: tzinfo) -> list[Card]:
    """Return the three things that matter most about a customer, the most pressing first."""
    found = [
        _trouble(at.stakes, at.worst, customer, places, now, zone),
        *_request(at.requests, places, now, zone),
        *_unhappy(satisfaction(at.answers), places, now, zone),
        _worth(customer, at.stakes, at.sums, places, now, zone),
        _words(at.said, places, now, zone),
    ]
    return sorted(found, key=lambda card: _PRESSING.index(card.mark))[:_MOST]


def withheld(customer: Customer) -> str:
    """Return the purposes to which the customer said no, as words; empty if there is none."""
    purposes = [name_of(one.purpose, {}).lower() for one in newest_of(customer.consent) if not one.granted]
    if len(purposes) > 3:
        return f"{', '.join(purposes[:2])} and {len(purposes) - 2} more"
    return " and ".join(filter(None, [", ".join(purposes[:-1]), purposes[-1] if purposes else ""]))


def _request(requests: Open, places: Places, now: datetime, zone: tzinfo) -> list[Card]:
    if not requests.issues:
        return []
    newest, more = requests.issues[0], len(requests.issues) - 1
    told = portray(newest)
    facts = [detail.text for detail in told.details]
    return [
        Card(
            mark="bad" if told.trouble else "warn",
            word=f"Open since {say_when(from_ms(newest.time), now=now, zone=zone)}",
            lead=told.sentence,
            why=" · ".join(filter(None, (*facts, f"{count(more, 'more request')} open" if more else "")))
            or "No end of it came yet.",
            link="See all requests" if more else "See the request",
            url=places.only(kind="requests") if more else places.moment(newest.time, newest.key.hex),
        )
    ]


def _unhappy(found: Satisfaction | None, places: Places, now: datetime, zone: tzinfo) -> list[Card]:
    if found is None or found.mean is None or found.mean >= _UNHAPPY:
        return []
    return [
        Card(
            mark="warn",
            word=f"Unhappy, {say_when(from_ms(found.last.time), now=now, zone=zone)}",
            lead=f"Scored us {score(found.last)}",
            why=f"Mean {found.mean:.0f} of 100 over {count(found.n, 'answer')}",
            link="See the answers",
            url=places.only(kind="answers"),
        )
    ]


def _trouble(  # noqa: PLR0913, PLR0917  each is a fact that the card is built from
    stakes: Stakes, met: Moment | None, customer: Customer, places: Places, now: datetime, zone: tzinfo
) -> Card:
    if not stakes.friction:
        seen = say_when(from_ms(stakes.last_seen), now=now, zone=zone)
        lead = f"Last seen {seen}" if stakes.interactions else "Not seen yet"
        last = f"{count(stakes.sessions, 'session')} in 30 days" if stakes.sessions else "No session in 30 days"
        return Card(
            mark="good", word="No open trouble in 30 days", lead=lead, why=" · ".join(filter(None, (last, _last_thing(customer))))
        )
    worst, others = stakes.friction[0], stakes.friction[1:]
    told = portray(met).details if met else ()
    facts = ", ".join(f"{one.label}: {one.text}" if one.label else one.text for one in told)
    where = f"On {channel_words(worst.channel)}" if worst.channel not in {"", "server"} else ""
    also = f"Also: {', '.join(portray_name(one.name) + _times(one) for one in others[:2])}" if others else ""
    more = f"and {len(others) - 2} more" if len(others) > 2 else ""
    return Card(
        mark="bad",
        word=f"Unsolved, {say_when(from_ms(worst.last_time), now=now, zone=zone)}",
        lead=portray_name(worst.name) + _times(worst),
        why=" · ".join(filter(None, (facts or where, also, more))) or "Nothing that mends it came since.",
        link="See what happened",
        url=places.moment(worst.last_time, worst.last_key.hex),
    )


def _worth(  # noqa: PLR0913, PLR0917  each is a fact that the card is built from
    customer: Customer, stakes: Stakes, sums: Sums, places: Places, now: datetime, zone: tzinfo
) -> Card:
    known = (
        f"{count(customer.interactions, 'interaction')} since {_day(customer.first_seen, now, zone)}"
        if customer.first_seen
        else ""
    )
    brought = [money(amount, currency) for currency, amount in stakes.values.items() if amount]
    if not any(brought):
        return Card(mark="quiet", word="Brought so far", lead="Nothing bought yet", why=known)
    times = (
        f"{count(sums.payments, 'payment')}, the last {say_when(from_ms(sums.last_payment), now=now, zone=zone)}"
        if sums.payments
        else ""
    )
    return Card(
        mark="quiet",
        word="Brought so far",
        lead=" + ".join(filter(None, brought)),
        why=" · ".join(filter(None, (times, known))),
        link="See the payments" if sums.payments else "",
        url=places.only(kind="money"),
    )


def _words(said: Sequence[Moment], places: Places, now: datetime, zone: tzinfo) -> Card:
    for moment in said:
        told = portray(moment)
        if told.quote:
            place = f", {told.place}" if told.place else ""
            facts = " · ".join([told.sentence, *(detail.text for detail in told.details)])
            when = say_when(from_ms(moment.time), now=now, zone=zone)
            mark, url = "warn" if told.trouble else "quiet", places.only(kind="said")
            return Card(mark=mark, word=f"Said {when}{place}", quote=told.quote, why=facts, link="See what they said", url=url)
    return Card(
        mark="quiet",
        word="In their own words",
        lead="Nothing said yet",
        why="Chats, answers to surveys, reviews and complaints that you send stand here as they were written.",
    )


def _times(friction: Friction) -> str:
    return _TIMES.get(friction.times, f", {friction.times:,} times")


def _last_thing(customer: Customer) -> str:
    return f"last: {_small(portray_name(customer.last_name))}" if customer.last_name else ""


def _day(instant: int, now: datetime, zone: tzinfo) -> str:
    return short_date(from_ms(instant).astimezone(zone).date(), now.astimezone(zone).date())


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
