"""What people may ask of their data, how long the law gives for the answer, and where a request can go from where it is."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

KINDS: dict[str, str] = {
    "access": "Access: a copy of everything",
    "portability": "Portability: a copy to take elsewhere",
    "erasure": "Erasure: everything is deleted",
    "rectification": "Rectification: something is wrong",
    "restriction": "Restriction: kept, but not used",
    "opt_out": "Opt-out: no sale or sharing",
}
LAWS: dict[str, str] = {
    "gdpr": "GDPR (European Union, United Kingdom)",
    "ccpa": "CCPA (California)",
    "lgpd": "LGPD (Brazil)",
    "pipeda": "PIPEDA (Canada)",
}
WAYS: dict[str, str] = {
    "console": "Entered by a colleague",
    "form": "Public form",
    "api": "API",
    "opendsr": "OpenDSR",
    "segment": "Segment’s regulations",
}
STATES: dict[str, str] = {
    "unverified": "Waits for the person’s identity",
    "open": "In hand",
    "done": "Done",
    "refused": "Refused",
    "cancelled": "Cancelled",
}
ENDED = frozenset({"done", "refused", "cancelled"})
STEPS: dict[str, str] = {
    "received": "Received",
    "link_wanted": "A link to confirm was asked for",
    "link_sent": "A link to confirm was sent",
    "link_failed": "The link could not be sent",
    "verified": "The person’s identity is confirmed",
    "extended": "The time was extended",
    "archive_asked": "An archive was asked for",
    "archive_made": "The archive is made",
    "archive_taken": "The archive was downloaded",
    "archive_expired": "The archive’s file is deleted",
    "restricted": "The data is restricted",
    "released": "The restriction is lifted",
    "erasure_begun": "The erasure has begun",
    "erased": "Everything is erased",
    "opted_out": "No sale or sharing from now on",
    "corrected": "A trait was corrected",
    "reminded": "Privacy officers were reminded",
    "done": "Done",
    "refused": "Refused",
    "cancelled": "Cancelled",
}
SOON = timedelta(days=7)
_NEXT: dict[str, frozenset[str]] = {
    "unverified": frozenset({"open", "refused", "cancelled"}),
    "open": frozenset({"done", "refused", "cancelled"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When a request is due, when at the latest with an extension (None: there is none), and when receipt is to be confirmed."""

    due: datetime
    latest: datetime | None
    confirm_by: datetime | None = None


def needs_identity(kind: str) -> bool:
    """Whether a request of this kind is carried out only for somebody whose identity is confirmed.

    Opting out of sale and sharing need not be verifiable (11 CCR 7026(d)), and gives nobody anything.
    """
    return kind != "opt_out"


def may_become(state: str, then: str) -> bool:
    """Whether a request in `state` may come to be in `then`."""
    return then in _NEXT.get(state, frozenset())


def clock(law: str, kind: str, received: datetime) -> Clock:
    """Return the times that a law sets for a kind of request, from the instant at which it was received.

    GDPR and UK GDPR: one month, two further months with a reason (Art. 12(3)). CCPA: 45 days, 45 further days (Cal. Civ. Code
    1798.130(a)(2)(A); 11 CCR 7021(b)), receipt confirmed within 10 business days (11 CCR 7021(a)); opting out of sale and
    sharing, and limiting use, within 15 business days without extension (11 CCR 7026(f)(1), 7027(g)(1)). LGPD: 15 days (Art. 19,
    II). PIPEDA: 30 days (s. 8(3)), 30 further days with a notice (s. 8(4)). Business days are Monday to Friday: holidays are
    not left out, so that a day may come sooner than the law's, never later.
    """
    if law == "ccpa":
        if kind in {"opt_out", "restriction"}:
            return Clock(due=business_days(received, 15), latest=None)
        return Clock(
            due=received + timedelta(days=45), latest=received + timedelta(days=90), confirm_by=business_days(received, 10)
        )
    if law == "lgpd":
        return Clock(due=received + timedelta(days=15), latest=None)
    if law == "pipeda":
        return Clock(due=received + timedelta(days=30), latest=received + timedelta(days=60))
    return Clock(due=months(received, 1), latest=months(received, 3))


def business_days(instant: datetime, days: int) -> datetime:
    """Return the same time so many business days later; the day itself doesn't count."""
    while days:
        instant += timedelta(days=1)
        days -= instant.weekday() < 5
    return instant


def months(instant: datetime, count: int) -> datetime:
    """Return the same day so many months later, or that month's last day (Regulation 1182/71, Art. 3(2)(c))."""
    year, month = divmod(instant.year * 12 + instant.month - 1 + count, 12)
    return instant.replace(year=year, month=month + 1, day=min(instant.day, monthrange(year, month + 1)[1]))


def urgency(state: str, due: datetime, now: datetime) -> str:
    """Return `overdue`, `soon` (due within seven days) or nothing."""
    if state in ENDED:
        return ""
    return "overdue" if due < now else "soon" if due - now <= SOON else ""
