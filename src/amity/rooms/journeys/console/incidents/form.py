"""An incident as fields of a form, and back. Pure but for Django's QueryDict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.fields import compared_of, property_of, text_of
from amity.engines.past.behaviour.language import Event
from amity.kernel.clock import to_ms
from amity.kernel.errors import Invalid
from amity.rooms.journeys.models import Incident
from amity.rooms.journeys.queries.incidents.kept import told_of
from amity.rooms.journeys.rules.incidents.language import Told, read, written
from amity.rooms.metrics.contracts import AlertTold

FIELDS = (
    "title", "severity", "status", "first", "last", "owner", "metric", "alert", "event", "of", "test", "to", "complaint", "days", "told",
    "told_of", "told_to", "json",
)  # fmt: skip
_FORM = "%Y-%m-%dT%H:%M"
_DAY = 86_400_000


def begun(zone: str, now: int) -> dict[str, str]:
    """Return the fields of an incident that nobody has said anything of: it begins now."""
    return dict.fromkeys(FIELDS, "") | {
        "severity": "major", "status": "open", "days": "7", "test": "equal", "first": written_at(now, zone),
    }  # fmt: skip


def of_alert(alert: AlertTold, zone: str) -> dict[str, str]:
    """Return what an alert says of an incident."""
    told = fields_of(read(json.dumps({"affected": alert.event}))) if alert.event else {}
    metric = str(alert.metric_id) if alert.adds_up else ""
    return (told or {}) | {
        "title": alert.title[:120], "first": written_at(alert.first, zone), "alert": str(alert.id), "owner": alert.owner, "metric": metric,
        "last": "" if alert.last is None else written_at(alert.last, zone), "status": "open" if alert.last is None else "over",
    }  # fmt: skip


def said(given: Mapping[str, str]) -> dict[str, str]:
    """Return what a form says."""
    return {name: given.get(name, "").strip()[:20_000] for name in FIELDS}


def given_of(one: Incident, zone: str) -> dict[str, str]:
    """Return an incident as fields."""
    told = told_of(one)
    fields = fields_of(told) or {"json": json.dumps(written(told), indent=2, ensure_ascii=False)}
    return dict.fromkeys(FIELDS, "") | {"days": "7", "test": "equal"} | fields | {
        "title": one.title, "severity": one.severity, "status": one.status, "first": written_at(one.first, zone), "owner": one.owner,
        "last": "" if one.last is None else written_at(one.last, zone), "metric": str(one.metric_id or ""), "alert": str(one.alert_id or ""),
    }  # fmt: skip


def fields_of(told: Told) -> dict[str, str] | None:
    """Return a definition as fields; None where it says more than they can."""
    affected, complaint, answer = told.affected, told.complaint, told.told
    days, rest = divmod(told.within.ms, _DAY)
    plain = [one for one in (affected, complaint, answer) if one is not None]
    if told.among is not None or rest or any(one.type or one.voice or len(one.where) > 1 for one in plain) or not affected.name:
        return None
    if (complaint is not None and complaint.where) or (answer is not None and answer.where and answer.where[0].test != "equal"):
        return None
    of, test, to = _tested(affected)
    _, _, told_to = _tested(answer) if answer else ("", "", "")
    return {
        "event": affected.name, "of": of, "test": test, "to": to, "complaint": complaint.name if complaint else "", "days": str(days),
        "told": answer.name if answer else "", "told_of": _tested(answer)[0] if answer else "", "told_to": told_to,
    }  # fmt: skip


def told_in(given: Mapping[str, str]) -> Told:
    """Return the definition that a form says. Raises Invalid with what to mend."""
    if given["json"]:
        return read(given["json"])
    if not given["event"]:
        raise Invalid("Say which event shows that somebody met it.")
    made: dict[str, Any] = {"affected": _event(given["event"], given["of"], given["test"], given["to"])}
    if given["complaint"]:
        made["complaint"] = {"name": given["complaint"]}
    if given["told"]:
        made["told"] = _event(given["told"], given["told_of"], "equal", given["told_to"])
    if not given["days"].isdecimal() or not 1 <= int(given["days"][:4]) <= 90:
        raise Invalid("A complaint counts for 1 to 90 days.")
    made["within"] = {"amount": int(given["days"]), "unit": "days"}
    return read(json.dumps(made))


def number_in(text: str) -> int | None:
    """Return an id that a form says; none for nothing."""
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 19 else None


def instant_in(text: str, zone: str) -> int | None:
    """Return an instant (ms) that a form says in a zone; none for nothing. Raises Invalid."""
    if not text:
        return None
    try:
        return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))
    except (ValueError, OverflowError):
        raise Invalid("Write a time as 2026-08-04T07:00.") from None


def written_at(ms: int, zone: str) -> str:
    """Return an instant as a form shows it."""
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).strftime(_FORM)


def _event(name: str, of: str, test: str, to: str) -> dict[str, Any]:
    return {"name": name} | ({"where": [{"of": property_of(of), **compared_of(test, to)}]} if of else {})


def _tested(one: Event) -> tuple[str, str, str]:
    if not one.where:
        return "", "equal", ""
    to = one.where[0].to
    text = ", ".join(map(text_of, to)) if isinstance(to, tuple) else "" if to is None else text_of(to)
    return one.where[0].of.removeprefix("properties."), one.where[0].test, text
