"""What a customer does, as one row that each interaction moves on."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from amity.kernel.clock import MINUTE
from amity.rooms.customers.contracts import Incoming
from amity.rooms.customers.rules import consent as consents
from amity.rooms.customers.rules.sequence import Edge, Standing, Step, follow, out_of_order
from amity.rooms.customers.rules.traits import storable_text

MOST_CHANNELS = 50


class Activity(msgspec.Struct):
    """One customer's activity, being worked on. `standing` is None until the customer did something itself.

    `since` is set once sessions and edges have to be worked out anew from that instant on; `recount` the totals too.
    `parted`: an unmerge took something from this customer minutes ago.
    """

    workspace: int
    customer: UUID
    first_seen: int = 0
    last_seen: int = 0
    interactions: int = 0
    channels: dict[str, int] = {}
    values: dict[str, Decimal] = {}
    consent: dict[str, consents.Answer] = {}
    standing: Standing | None = None
    new: bool = False
    since: int | None = None
    recount: bool = False
    parted: bool = False
    country: str = ""
    country_time: int = 0

    @property
    def seen_minute(self) -> int:
        """What lists are ordered by."""
        return self.last_seen // MINUTE

    def mark(self, since: int) -> None:
        """Ask for sessions and edges to be worked out anew."""
        self.since = since if self.since is None else min(self.since, since)


def step_of(one: Incoming) -> Step:
    """Return an interaction as a step of a sequence."""
    return Step(one.time, one.key, storable_text(one.name), one.campaign)


def earn(activity: Activity, amount: Decimal | None, currency: str) -> None:
    """Add money that an interaction brought, or took back."""
    if amount is not None:
        activity.values[currency] = activity.values.get(currency, Decimal(0)) + amount


def act(activity: Activity, one: Incoming, midnight: ZoneInfo | None, *, again: bool = False) -> tuple[Edge, bool]:
    """Move on by what the customer did or said. Returns its edge, and whether that is provisional because it came late.

    `again`: it may be counted already (a replay), so totals, sessions and edges are all to be worked out anew.
    """
    step, standing = step_of(one), activity.standing
    if again:
        activity.recount = True
        activity.mark(one.time)
    else:
        _count(activity, one)
    if standing is None:
        activity.first_seen = activity.last_seen = one.time
    elif one.time > activity.last_seen:
        activity.last_seen = one.time
    elif one.time < activity.first_seen:
        activity.first_seen = one.time
    if standing is not None and (step.time, step.key) <= (standing.time, standing.key):
        activity.mark(one.time)
        return out_of_order(standing, step), True
    activity.standing, edge = follow(standing, step, midnight)
    return edge, again


def witness(activity: Activity, one: Incoming) -> None:
    """Take in what the company did: it tells when the customer was met only as long as the customer did nothing itself."""
    if activity.standing is None:
        activity.first_seen = min(activity.first_seen or one.time, one.time)
        activity.last_seen = max(activity.last_seen, one.time)


def meet(activity: Activity, country: str, time: int) -> None:
    """Learn the country where the customer was met; the latest counts, of equally late ones the last by alphabet."""
    if (time, country) > (activity.country_time, activity.country) and len(country) == 2 and country.isalpha():
        activity.country, activity.country_time = country, time


def join(activity: Activity, other: Activity) -> dict[str, consents.Answer]:
    """Take in the activity of another customer who turned out to be the same; returns which answers were replaced."""
    ours, theirs = activity.standing, other.standing
    activity.interactions += other.interactions
    for channel, number in other.channels.items():
        activity.channels[channel] = activity.channels.get(channel, 0) + number
    for currency, amount in other.values.items():
        earn(activity, amount, currency)
    replaced = consents.join(activity.consent, other.consent)
    meet(activity, other.country, other.country_time)
    if other.since is not None:
        activity.mark(other.since)
    activity.recount |= other.recount
    if theirs is None:
        if ours is None:
            activity.first_seen = min(filter(None, (activity.first_seen, other.first_seen)), default=0)
            activity.last_seen = max(activity.last_seen, other.last_seen)
        return replaced
    if ours is None:
        activity.standing, activity.first_seen, activity.last_seen = theirs, other.first_seen, other.last_seen
        return replaced
    activity.mark(max(activity.first_seen, other.first_seen))
    activity.first_seen = min(activity.first_seen, other.first_seen)
    activity.last_seen = max(activity.last_seen, other.last_seen)
    if (theirs.time, theirs.key) > (ours.time, ours.key):
        activity.standing = theirs
    return replaced


def _count(activity: Activity, one: Incoming) -> None:
    activity.interactions += 1
    channel = storable_text(one.channel)
    if channel in activity.channels or len(activity.channels) < MOST_CHANNELS:
        activity.channels[channel] = activity.channels.get(channel, 0) + 1
