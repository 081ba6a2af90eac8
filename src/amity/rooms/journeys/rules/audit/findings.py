"""What an audit says: checks, findings, and the figures that show them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from amity.rooms.journeys.rules.audit.rates import Gap, Rate

FOUND, CLEAR, UNJUDGED = "found", "clear", "unjudged"
HIGH, MEDIUM, LOW = "high", "medium", "low"
KINDS = {
    "silos": "Data silos",
    "channels": "Channels that differ",
    "speed": "Slow pages on valuable journeys",
    "errors": "Errors that don’t help",
    "signing_in": "Friction at signing in",
    "features": "Too much shown",
    "contact": "Too many messages",
    "consent": "Data used without consent",
}
LEAST = 0.05  # a difference or a share below this isn't worth a finding, however sure it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure that shows a finding. `unit`: share, points, ms, count, or nothing; `n` of what it is, with a 95% interval where it has one."""

    label: str
    value: float
    unit: str
    n: int | None = None
    of: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An anti-pattern that was found. `key` stays the same from one audit to the next, so that what was dismissed stays so.

    `customers` and `interactions` are its size; `act` says where to do something about it, with the id that the place needs.
    """

    key: str
    title: str
    about: str
    severity: str
    customers: int
    interactions: int
    figures: Sequence[Figure]
    act: str
    act_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One kind of anti-pattern: whether any was found, what was looked at, and, where nothing can be said, what that needs."""

    kind: str
    state: str
    looked: str = ""
    needs: str = ""
    findings: Sequence[Finding] = field(default_factory=tuple)


def told(kind: str, findings: Sequence[Finding], looked: str) -> Check:
    """Return what a check came to, the gravest first."""
    order = [HIGH, MEDIUM, LOW]
    ranked = sorted(findings, key=lambda one: (order.index(one.severity), -one.customers, one.key))
    return Check(kind=kind, state=FOUND if ranked else CLEAR, looked=looked, findings=tuple(ranked))


def unjudged(kind: str, needs: str) -> Check:
    """Return that nothing can be said, and what would be needed."""
    return Check(kind=kind, state=UNJUDGED, needs=needs)


def severity(customers: int, active: int) -> str:
    """Return how grave a finding is by how many of the active customers it meets: a twentieth is high, a hundredth medium."""
    return HIGH if customers * 20 >= active else MEDIUM if customers * 100 >= active else LOW


def shown(label: str, one: Rate, *, of: str) -> Figure:
    """Return a share as a figure."""
    return Figure(label=label, value=one.value, unit="share", n=one.n, of=of, low=one.low, high=one.high)


def apart(label: str, one: Gap) -> Figure:
    """Return a difference of shares as a figure, in points."""
    return Figure(label=label, value=one.value, unit="points", low=one.low, high=one.high)


def key_of(*parts: object) -> str:
    """Return a finding's key, no longer than the present holds."""
    return ":".join(str(one) for one in parts)[:500]


def count(number: int, what: str) -> str:
    """Return how many there are, in words."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
