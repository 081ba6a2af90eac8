"""An incident as its pages show it: its figures in words, its hours as bars, its timeline in order."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.words import event_words
from amity.kernel.clock import DAY, HOUR
from amity.rooms.journeys.contracts import Share
from amity.rooms.journeys.models import Incident, IncidentEntry
from amity.rooms.journeys.queries.incidents.impact import Impact
from amity.rooms.journeys.rules.incidents.language import CONTACTS, Told
from amity.rooms.metrics.contracts import AlertTold, Forecast

_WHY = {
    "no past": "There is too little past to expect anything of these hours: six weeks are needed.",
    "few": "Too little happens in these hours to tell a loss from chance.",
}


def words_of(told: Told) -> dict[str, Any]:
    """Return a definition in words."""
    return {
        "affected": event_words(told.affected), "among": told.among is not None, "complaint": event_words(told.complaint or CONTACTS),
        "days": f"{told.within.amount:,} {told.within.unit}", "told": event_words(told.told) if told.told else "",
    }  # fmt: skip


def figures(found: Impact, zone: str) -> dict[str, Any]:
    """Return an impact's figures in words."""
    most = max(found.by_step) or 1
    start = found.first // HOUR * HOUR
    bars = [
        {"number": number, "high": round(number / most * 56, 1), "up": round(58 - number / most * 56, 1), "said": _when(start + n * found.step, found.step, zone),
         "x": round(n * 100 / len(found.by_step), 3), "wide": round(92 / len(found.by_step), 3)}
        for n, number in enumerate(found.by_step)
    ]  # fmt: skip
    largest = max((each.number for one in found.journeys for each in one.stages), default=1) or 1
    return {
        "found": found, "bars": bars, "step": "hour" if found.step == HOUR else f"{found.step // HOUR} hours" if found.step < DAY else f"{found.step // DAY} days",
        "complained": share_words(found.complained), "usually": share_words(found.usually),
        "told": share_words(found.told) if found.told else None, "loss": loss_words(found.loss) if found.loss else None,
        "untold": found.told.n - found.told.number if found.told else 0,
        "journeys": [
            {"one": one, "stages": [{"one": each, "wide": round(each.number / largest * 100, 1)} for each in one.stages if each.number]}
            for one in found.journeys
        ],
    }  # fmt: skip


def share_words(one: Share) -> dict[str, Any]:
    """Return a share in words; too few say none."""
    return {
        "number": one.number, "n": one.n, "few": one.few, "value": f"{one.value:.1%}", "range": f"{one.low:.1%} to {one.high:.1%}",
    }  # fmt: skip


def loss_words(one: Forecast) -> dict[str, Any]:
    """Return what was lost in words, below 0 where more came than was expected."""
    found: dict[str, Any] = {
        "one": one, "value": _amount(one.value), "why": _WHY.get(one.why, ""), "unit": one.unit, "gained": False, "weeks": min(one.weeks, 6 if one.weeks < 30 else 12),
    }  # fmt: skip
    if one.lost is None or one.why:
        return found
    lost, low, high = one.lost
    return found | {
        "lost": _amount(lost), "range": f"{_amount(low)} to {_amount(high)}", "sure": low > 0 or high < 0, "too_much": one.direction == "down",
        "expected": _amount(one.expected or 0.0), "expected_range": f"{_amount(one.low or 0.0)} to {_amount(one.high or 0.0)}",
        "share": f"{lost / one.expected:.0%}" if one.expected else "",
    }  # fmt: skip


def timeline(one: Incident, entries: list[IncidentEntry], alert: AlertTold | None) -> list[dict[str, Any]]:
    """Return what happened when, the oldest first: what is known of itself between what people wrote."""
    rows = [{"at": one.first, "kind": "began", "text": "It begins", "by": "", "audience_id": None}]
    if one.last is not None:
        rows.append({"at": one.last, "kind": "ended", "text": "It ends", "by": "", "audience_id": None})
    if alert is not None:
        rows.append({"at": alert.opened_at, "kind": "alert", "text": f"Alert: {alert.title}", "by": "", "audience_id": None})
        rows += [
            {"at": at, "kind": "told", "text": f"{name} was written to", "by": "", "audience_id": None}
            for name, at in alert.told
            if at is not None
        ]
    rows += [
        {"at": each.at, "kind": each.kind, "text": each.text, "by": each.made_by, "audience_id": each.audience_id}
        for each in entries
    ]
    return sorted(rows, key=lambda row: int(str(row["at"])))


def lasted(one: Incident, now: int) -> int:
    """Return for how many seconds an incident lasted, or lasts so far."""
    return ((now if one.last is None else one.last) - one.first) // 1000


def _when(at: int, step: int, zone: str) -> str:
    here = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    return f"{here.day} {here:%b}, {here:%H:%M}" if step < DAY else f"{here.day} {here:%b}"


def _amount(value: float) -> str:
    size, sign = abs(value), "−" if value < 0 else ""
    return f"{sign}{size:,.0f}" if size >= 100 or float(size).is_integer() else f"{sign}{size:,.2f}"
