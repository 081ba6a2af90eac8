"""An audit as its page shows it: figures as words, each finding with where to act."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from amity.rooms.journeys.models import Dismissal
from amity.rooms.journeys.rules.audit.findings import FOUND, HIGH, KINDS, MEDIUM, UNJUDGED, Check, Figure, Finding
from amity.rooms.trust.contracts import Access

MARKS = {HIGH: "bad", MEDIUM: "warn"}
_ACTS = {
    "sources": ("Look at the sources", "collection:sources", "sources.read"),
    "funnel": ("Open the funnel", "journeys:funnel", "journeys.read"),
    "journey": ("Open the journey", "journeys:journey", "journeys.read"),
    "metrics": ("Watch it as a metric", "metrics:list", "metrics.read"),
    "pains": ("Say what it costs", "journeys:new_pain", "journeys.write"),
    "audiences": ("Choose whom to show it", "customers:audiences", "customers.read"),
    "preferences": ("Let customers choose how often", "customers:consent_settings", "customers.read"),
    "consent": ("Look at purposes and answers", "customers:consent_settings", "customers.read"),
}


def audit_shown(access: Access, checks: list[Check], dismissed: dict[str, Dismissal]) -> dict[str, Any]:
    """Return findings that stand, those that were dismissed, what is clear, and what can't be judged."""
    rows = [_finding(access, check, one) | {"dismissal": dismissed.get(one.key)} for check in checks for one in check.findings]
    order = [HIGH, MEDIUM]
    rows.sort(key=lambda row: (order.index(row["one"].severity) if row["one"].severity in order else 2, -row["one"].customers))
    return {
        "rows": [row for row in rows if row["dismissal"] is None], "put_by": [row for row in rows if row["dismissal"] is not None],
        "clear": [{"kind": KINDS[one.kind], "looked": one.looked} for one in checks if one.state not in {FOUND, UNJUDGED}],
        "unjudged": [{"kind": KINDS[one.kind], "needs": one.needs} for one in checks if one.state == UNJUDGED],
    }  # fmt: skip


def _finding(access: Access, check: Check, one: Finding) -> dict[str, Any]:
    return {
        "one": one, "kind": KINDS[check.kind], "mark": MARKS.get(one.severity, "quiet"), "figures": [_figure(each) for each in one.figures],
        "act": _act(access, one),
    }  # fmt: skip


def _act(access: Access, one: Finding) -> dict[str, str] | None:
    label, name, permission = _ACTS[one.act]
    if not access.can(permission):
        return None
    given: dict[str, Any] = {"workspace": access.workspace_slug}
    if one.act_id is not None:
        given["funnel_id" if one.act == "funnel" else "journey_id"] = one.act_id
    return {"label": label, "url": reverse(name, kwargs=given)}


def _figure(one: Figure) -> dict[str, str]:
    span = "" if one.low is None or one.high is None else f"{words(one.low, one.unit)} to {words(one.high, one.unit)}"
    base = "" if one.n is None else f"of {one.n:,} {one.of}"
    return {"label": one.label, "value": words(one.value, one.unit), "span": span, "base": base or one.of}


def words(value: float, unit: str) -> str:
    """Return a figure with its unit."""
    match unit:
        case "share":
            return f"{value * 100:.1f}%"
        case "points":
            return f"{value * 100:.1f} points"
        case "ms":
            return f"{value:,.0f} ms"
        case "count":
            return f"{value:,.0f}"
        case "messages" | "times":
            return f"{value:,.1f} {unit}" if value % 1 else f"{value:,.0f} {unit}"
    return f"{value:.2f}"
