"""Parts of the language as fields of a form say them, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from amity.engines.past.behaviour.language import FIELDS, PROPERTY

WINDOWS = {
    "": "ever", "last:1:days": "in the last day", "last:7:days": "in the last 7 days", "last:30:days": "in the last 30 days",
    "last:90:days": "in the last 90 days", "last:365:days": "in the last 365 days", "this:day": "today", "this:week": "this week",
    "this:month": "this month", "this:quarter": "this quarter", "this:year": "this year", "previous:day": "yesterday",
    "previous:week": "last calendar week", "previous:month": "last calendar month", "previous:year": "last calendar year",
}  # fmt: skip


def property_of(text: str) -> str:
    """Return a property or field as the language names it."""
    return text if not text or text in FIELDS or text.startswith(PROPERTY) else PROPERTY + text


def compared_of(test: str, to: str, *, text: bool = False) -> dict[str, Any]:
    """Return a test of a property or trait from what a form says."""
    test = test or "equal"
    if test in {"present", "absent"}:
        return {"is": test}
    if test == "one_of":
        return {"is": test, "to": [_value(one.strip(), text=text) for one in to.split(",") if one.strip()]}
    return {"is": test, "to": _value(to, text=text or test in {"contains", "starts_with", "ends_with"})}


def _value(value: str, *, text: bool) -> Any:
    """Return a number or truth where the text is exactly one: 007 stays text."""
    if text:
        return value
    if value in {"true", "false"}:
        return value == "true"
    number = number_of(value)
    return number if not isinstance(number, str) and text_of(number) == value else value


def number_of(value: str) -> Any:
    """Return a number where the text is one, else the text."""
    try:
        return int(value)
    except ValueError:
        try:
            return float(value) if value.lower() not in {"nan", "inf", "-inf", "infinity", "-infinity"} else value
        except ValueError:
            return value


def text_of(value: Any) -> str:
    """Return a value as a form shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(text_of(one) for one in value)
    return str(value)


def window_of(text: str) -> dict[str, Any]:
    """Return the window that a form names."""
    kind, *rest = text.split(":")
    if kind == "last" and len(rest) == 2:
        return {"kind": "last", "amount": number_of(rest[0]), "unit": rest[1]}
    return {"kind": kind, "date": rest[0]} if kind == "since" and rest else {"kind": kind, "unit": ":".join(rest)}


def window_text(within: Mapping[str, Any]) -> str:
    """Return a window as a form names it."""
    return ":".join(str(within[name]) for name in ("kind", "amount", "unit", "date") if name in within)
