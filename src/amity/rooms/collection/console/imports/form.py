"""The map as a form: a choice of columns for each field, the guesses chosen already; or the map itself as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from amity.rooms.collection.rules.imports.looking import Look
from amity.rooms.collection.rules.imports.mapping import Column, Mapping, mapping_of, read_mapping

WHO = (
    ("user_id", "Customer id", "What your own systems call the customer."),
    ("email", "E-mail", ""),
    ("phone", "Phone", ""),
    ("anonymous_id", "Visitor or session", "For rows before somebody is known."),
)
DATES = (
    ("iso", "2024-02-29 13:05"),
    ("dmy", "29/02/2024: day first"),
    ("mdy", "02/29/2024: month first"),
    ("ymd", "2024/02/29: year first"),
    ("digits", "20240229"),
    ("seconds", "1709211900: seconds since 1970"),
    ("milliseconds", "1709211900000: milliseconds since 1970"),
)
_PLAIN = ("user_id", "email", "phone", "anonymous_id", "time", "dates", "value")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One choice of a column: its name in the map, label, hint, and what is chosen."""

    name: str
    label: str
    hint: str
    chosen: str


def mapping_from(sent: QueryDict) -> Mapping:
    """Return the map that somebody filled in. Raises Invalid."""
    text = sent.get("map", "").strip()
    if text:
        return read_mapping(text)
    given: dict[str, Any] = {name: sent.get(name, "").strip() for name in (*_PLAIN, "timezone")}
    column, event = sent.get("event_column", "").strip(), sent.get("event", "").strip()
    given["event"] = {"column": column} if column else event
    if given["value"]:
        held = sent.get("currency_column", "").strip()
        given["currency"] = {"column": held} if held else sent.get("currency", "").strip().upper()
    if not given["event"] and not given["time"]:
        given["kind"] = "identify"
    given["without_customer"] = "anonymous" if "guests" in sent else "reject"
    return mapping_of({name: value for name, value in given.items() if value})


def shown(look: Look, *, currency: str) -> dict[str, Any]:
    """Return what the form shows: every field with what is chosen."""
    mapping = look.mapping
    event = mapping.event
    return {
        "who": [Field(name=name, label=label, hint=hint, chosen=getattr(mapping, name)) for name, label, hint in WHO],
        "time": mapping.time,
        "dates": mapping.dates,
        "other_dates": mapping.dates not in {"", *(form for form, _ in DATES)},
        "forms": DATES,
        "timezone": mapping.timezone,
        "event": event if isinstance(event, str) else "",
        "event_column": event.column if isinstance(event, Column) else "",
        "value": mapping.value,
        "currency": mapping.currency if isinstance(mapping.currency, str) and mapping.currency else currency,
        "currency_column": mapping.currency.column if isinstance(mapping.currency, Column) else "",
        "guests": mapping.without_customer == "anonymous",
        "beyond": _beyond(mapping),
    }


def _beyond(mapping: Mapping) -> bool:
    """Whether the map says what the form has no field for: then it is shown, and changed, as text."""
    has = (mapping.lines, mapping.when, mapping.properties, mapping.traits, mapping.properties_from, mapping.traits_from)
    more = (mapping.context_from, mapping.group_id, mapping.message_id, mapping.previous_id, mapping.leave_out, mapping.text)
    return bool(any(has) or any(more) or isinstance(mapping.kind, Column))
