"""What people may ask of their data, how long the law gives for the answer, and where a request can go from where it is."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, timedelta

KINDS: dict[str, str] = {
    "access": "Access: a copy of everything",
    "portability": "Portability: a copy to take elsewhere",
    "erasure": "Erasure: everything is deleted",
    "rectification": "Rectification: something is wrong",
    "restriction": "Restriction: kept, but not used",
    "opt_out": "Opt-out: no sale or sharing",
}
LAWS: dict[str, str] = {"gdpr": "GDPR", "ccpa": "CCPA", "lgpd": "LGPD"}
STATES: dict[str, str] = {
    "unverified": "Waits for the person's identity",
    "open": "Waits for a colleague",
    "ready": "Is about to begin",
    "running": "Is being done",
    "done": "Done",
    "refused": "Refused",
    "cancelled": "Cancelled",
}
ENDED = frozenset({"done", "refused", "cancelled"})
REMIND = timedelta(days=7)

_NEXT: dict[str, frozenset[str]] = {
    "unverified": frozenset({"open", "ready", "refused", "cancelled"}),
    "open": frozenset({"ready", "done", "refused", "cancelled"}),
    "ready": frozenset({"running", "cancelled"}),
    "running": frozenset({"done"}),
}


def may_become(state: str, then: str) -> bool:
    """Whether a request in `state` may come to be in `then`. What has begun to be erased can't be called back."""
    return then in _NEXT.get(state, frozenset())


def due(law: str, received: datetime) -> datetime:
    """Return by when a request must be answered.

    GDPR: one month (Art. 12(3)). CCPA: 45 days (Cal. Civ. Code 1798.130(a)(2)). LGPD: 15 days (Art. 19, II).
    """
    if law == "gdpr":
        return _months(received, 1)
    return received + timedelta(days={"ccpa": 45, "lgpd": 15}[law])


def extended(law: str, received: datetime) -> datetime | None:
    """Return by when at the latest, with a reason that the person is told; None where the law allows no longer.

    GDPR: two further months (Art. 12(3)). CCPA: 45 further days (Cal. Civ. Code 1798.145(h)(1)). LGPD: none.
    """
    if law == "gdpr":
        return _months(received, 3)
    return received + timedelta(days=90) if law == "ccpa" else None


def hint_of(kind: str, value: str) -> str:
    """Return an identifier so shortened that a colleague knows it again and nobody else learns it."""
    text = re.sub(r"\s+", " ", value).strip()
    if kind == "email" and "@" in text:
        name, _, domain = text.rpartition("@")
        host, dot, top = domain.rpartition(".")
        return f"{kind} {name[:1]}…@{host[:1]}…{dot}{top}"[:120]
    shown = text[:2] if len(text) > 5 else ""
    return f"{kind} {shown}…{text[-2:] if len(text) > 8 else ''}"[:120]


def _months(instant: datetime, months: int) -> datetime:
    """Return the same day so many months later, or that month's last day (Regulation 1182/71, Art. 3)."""
    year, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    return instant.replace(year=year, month=month + 1, day=min(instant.day, monthrange(year, month + 1)[1]))
