"""What went wrong for a customer and stayed so, from the names of what they met.

A trouble is open until its success comes later: "Payment Declined" until a "Payment Completed", an "Order Completed" or
the like. Names are the company's own words, so only plain English words of failure and success are recognised; a name
without one is never called friction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from amity.rooms.customers.contracts import Friction
from amity.rooms.customers.rules.words import words_of

_TROUBLE = frozenset({"declined", "failed", "failure", "rejected", "error", "errored", "bounced", "denied", "unavailable"})
_SUCCESS = frozenset({"completed", "succeeded", "success", "approved", "accepted", "paid", "resolved", "fixed", "delivered"})
_PAYING = frozenset({"payment", "card", "checkout", "order", "purchase", "charge", "invoice"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """How often a customer met interactions of one name, when last (ms) and on which channel."""

    name: str
    times: int
    last_time: int
    channel: str


def open_friction(met: Iterable[Met]) -> list[Friction]:
    """Return troubles that no success of the same subject followed, the latest first."""
    known = [(one, frozenset(words_of(one.name))) for one in met]
    good = [(one, words) for one, words in known if words & _SUCCESS and not words & _TROUBLE]
    found = [
        Friction(name=one.name, times=one.times, last_time=one.last_time, channel=one.channel)
        for one, words in known
        if words & _TROUBLE and not any(s.last_time > one.last_time and _same_subject(words, other) for s, other in good)
    ]
    return sorted(found, key=lambda f: (-f.last_time, f.name))


def _same_subject(trouble: frozenset[str], success: frozenset[str]) -> bool:
    subject, other = trouble - _TROUBLE, success - _SUCCESS
    return bool(subject & other) or bool(subject & _PAYING and other & _PAYING)
