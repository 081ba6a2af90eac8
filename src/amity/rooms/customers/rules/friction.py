"""What went wrong for a customer and stayed so, from the names of what they met.

A trouble is open until its success comes later: "Payment Declined" until a "Payment Completed", an "Order Completed" or
the like. What is trouble, the story's marks know too (`portrait/trouble.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from amity.rooms.customers.contracts import Friction
from amity.rooms.customers.rules.portrait.trouble import FAILURE, SUCCESS, name_words, trouble_of

_PAYING = frozenset({"payment", "card", "checkout", "order", "purchase", "charge", "invoice"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """How often a customer met events of one name; when (ms), as which interaction and on which channel the last time."""

    name: str
    times: int
    last_time: int
    last_key: UUID
    channel: str


def open_friction(met: Iterable[Met]) -> list[Friction]:
    """Return troubles that no success of the same subject followed, the latest first."""
    known = [(one, frozenset(name_words(one.name)), bool(trouble_of(one.name))) for one in met]
    good = [(one, words) for one, words, trouble in known if words & SUCCESS and not trouble]
    found = [
        Friction(name=one.name, times=one.times, last_time=one.last_time, last_key=one.last_key, channel=one.channel)
        for one, words, trouble in known
        if trouble and not any(s.last_time > one.last_time and _same_subject(words, other) for s, other in good)
    ]
    return sorted(found, key=lambda f: (-f.last_time, f.name))


def _same_subject(trouble: frozenset[str], success: frozenset[str]) -> bool:
    subject, other = trouble - FAILURE, success - SUCCESS
    return bool(subject & other) or bool(subject & _PAYING and other & _PAYING)
