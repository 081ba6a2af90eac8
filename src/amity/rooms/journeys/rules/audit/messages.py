"""Anti-patterns in what was sent: too much of it, and to whom it should not have been. Pure; customers are places in an array."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amity.kernel.clock import DAY
from amity.rooms.journeys.contracts import FEW
from amity.rooms.journeys.rules.audit.findings import (
    HIGH,
    LEAST,
    Check,
    Figure,
    Finding,
    apart,
    count,
    key_of,
    severity,
    shown,
    told,
    unjudged,
)
from amity.rooms.journeys.rules.audit.rates import Rate, gap, rate, z_of

if TYPE_CHECKING:
    import numpy as np

WEEK = 7 * DAY
MANY = 3  # messages a week that are still usual
DOSES = ((1, 1, "one"), (2, 3, "two or three"), (4, 10**9, "four or more"))
_CHANNELS = {"email": "marketing_email", "sms": "marketing_sms", "push": "marketing_push", "whatsapp": "marketing_whatsapp"}
_MARKETING = re.compile(r"news|offer|promo|sale|campaign|discount|deal|marketing|cart|winback|upsell|advert", re.IGNORECASE)
_SURVEY = re.compile(r"^survey")
_PLAIN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of message: its channel, event, what it was called (a template or campaign), and the purpose that it names, if it does."""

    channel: str
    name: str
    about: str
    purpose: str

    @property
    def needed(self) -> str:
        """The purpose that it needs by what it is called: a survey's, a channel's marketing, or none that is known."""
        if self.purpose:
            return self.purpose
        if _SURVEY.match(_PLAIN.sub("", self.name).lower()):
            return "surveys"
        return _CHANNELS.get(self.channel, "") if _MARKETING.search(self.about) else ""

    @property
    def label(self) -> str:
        """How it is called."""
        return self.about or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Misuse:
    """What was done with customers of one kind after they had refused its purpose: how often, to how many, out of how many times in all."""

    what: str
    purpose: str
    purpose_name: str
    times: int
    customers: int
    of: int
    assumed: bool
    sent: bool = True


def counted_once(kinds: Sequence[Kind]) -> list[bool]:
    """Return which kinds count as messages: surveys' don't, and where deliveries are told, what was sent is the same again."""
    delivered = {(one.channel, one.about) for one in kinds if one.name.lower().endswith("delivered")}
    return [
        not _SURVEY.match(_PLAIN.sub("", one.name).lower())
        and not (one.name.lower().endswith("sent") and (one.channel, one.about) in delivered)
        for one in kinds
    ]


def contact(  # noqa: PLR0913  one argument for each part
    who: np.ndarray, at: np.ndarray, left: np.ndarray, left_at: np.ndarray, *, active: int, first: int
) -> Check:
    """Return whether customers get too many messages, and unsubscribe more the more they get. Messages in order of customer and time.

    A customer's week counts where it had a message. Who unsubscribes does so of the week with the last message, at most seven days before.
    """
    import numpy as np

    if not len(who) or len(np.unique(who)) < FEW:
        return unjudged("contact", f"messages to {FEW} customers, such as Email Delivered")
    week = (at - first) // WEEK
    cells, places, number = np.unique(np.stack([who, week], axis=1), axis=0, return_inverse=True, return_counts=True)
    places = places.reshape(-1)
    mine, people = cells[:, 0], int(who.max()) + 1
    weeks, z, found = np.bincount(mine, minlength=people), z_of(len(DOSES)), []
    over = number > MANY
    much = rate(np.bincount(mine, weights=over, minlength=people), weeks, z=z)
    if much.low > LEAST:
        met = len(np.unique(mine[over]))
        found.append(
            Finding(
                key="contact:often", title=f"Customers get more than {MANY} messages a week",
                about="Whoever writes that often isn’t read. Join messages, and leave out those that can wait.",
                severity=severity(met, active), customers=met, interactions=int(number[over].sum()),
                figures=[shown(f"Weeks with more than {MANY}", much, of="weeks with a message"), Figure(label="In the fullest week", value=int(number.max()), unit="messages")],
                act="preferences",
            )
        )  # fmt: skip
    gone = _left(who, at, places, left, left_at, len(cells))
    doses = [(name, _dose(mine, number, gone, low, high, people, z)) for low, high, name in DOSES]
    there = [(name, one) for name, one in doses if not one.few]
    if len(there) > 1 and gone.any():
        (few_name, few), (many_name, many) = there[0], there[-1]
        more = gap(many, few)
        if more.low > 0:
            met = len(np.unique(mine[number >= DOSES[[n for _, _, n in DOSES].index(many_name)][0]]))
            found.append(
                Finding(
                    key="contact:dose", title="The more messages, the more customers unsubscribe",
                    about="A week with more of them is followed by more unsubscribing. It may be the kind of message, not the number: look at both.",
                    severity=severity(met, active), customers=met, interactions=int(gone.sum()),
                    figures=[shown(f"Unsubscribed after a week with {name}", one, of="weeks") for name, one in there] + [apart(f"More after {many_name} than after {few_name}", more)],
                    act="preferences",
                )
            )  # fmt: skip
    said = "unsubscribing was seen" if gone.any() else "no unsubscribing was seen, so nothing is said of what it follows"
    return told(
        "contact",
        found,
        f"{count(len(who), 'message')} in {count(len(cells), 'week')} of {count(much.customers, 'customer')}; {said}",
    )


def _dose(mine: np.ndarray, number: np.ndarray, gone: np.ndarray, low: int, high: int, people: int, z: float) -> Rate:  # noqa: PLR0913, PLR0917
    import numpy as np

    some = (number >= low) & (number <= high)
    return rate(np.bincount(mine[some], weights=gone[some], minlength=people), np.bincount(mine[some], minlength=people), z=z)


def _left(who: np.ndarray, at: np.ndarray, places: np.ndarray, left: np.ndarray, left_at: np.ndarray, cells: int) -> np.ndarray:  # noqa: PLR0913, PLR0917
    """Return of each customer's week whether they unsubscribed after one of its messages."""
    import numpy as np

    gone = np.zeros(cells, dtype=bool)
    for one, when in zip(left.tolist(), left_at.tolist(), strict=True):
        first, last = np.searchsorted(who, one, "left"), np.searchsorted(who, one, "right")
        before = first + int(np.searchsorted(at[first:last], when, "right")) - 1
        if before >= first and when - int(at[before]) <= WEEK:
            gone[places[before]] = True
    return gone


def consent(misuses: Sequence[Misuse], *, asked: int, refusals: Mapping[str, int]) -> Check:
    """Return what was done with customers for a purpose that they had refused. `asked`: how often it was looked at; `refusals` by purpose."""
    if not asked:
        return unjudged("consent", "messages with a purpose, or page views, of customers with a consent history")
    if not any(refusals.values()):
        return unjudged("consent", "customers who refused a purpose: nobody’s refusal is known")
    found = [
        Finding(
            key=key_of("consent", one.purpose, one.what), title=f"{one.what} {'reached' if one.sent else 'were recorded of'} customers who refused {one.purpose_name}",
            about=f"They had said no before, by their consent history.{' That it needs this purpose is taken from its name.' if one.assumed else ''}",
            severity=HIGH, customers=one.customers, interactions=one.times,
            figures=[Figure(label="To customers who had refused", value=one.times, unit="count", n=one.of, of="times in all")],
            act="consent",
        )
        for one in misuses if one.times
    ]  # fmt: skip
    return told("consent", found, f"{count(asked, 'message')} and page views, against {count(sum(refusals.values()), 'refusal')}")
