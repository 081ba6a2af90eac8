"""Guesses a file's map from the names of its columns and what they hold. A guess is shown, and a person's map goes before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from amity.rooms.collection.rules.imports.columns import ColumnLook
from amity.rooms.collection.rules.imports.mapping import CUSTOMER_FIELDS, Column, Mapping, columns_used

_NAMES: dict[str, tuple[str, ...]] = {
    "user_id": ("userid", "customerid", "customer", "custid", "clientid", "client", "memberid", "member", "accountid", "contactid", "customerno", "customernumber", "kundennr", "kundennummer", "kundenid", "kunde", "caseconceptname", "casecustomer", "caseid", "user", "subscriberid", "personid", "recid"),
    "email": ("email", "emailaddress", "mail", "customeremail", "useremail"),
    "phone": ("phone", "phonenumber", "telephone", "tel", "mobile", "msisdn", "telefon", "handy"),
    "anonymous_id": ("anonymousid", "visitorid", "sessionid", "session", "deviceid", "cookieid", "clientuuid", "distinctid"),
    "time": ("timetimestamp", "timestamp", "time", "eventtime", "occurredat", "happenedat", "createdat", "created", "datetime", "eventdate", "invoicedate", "orderdate", "bestelldatum", "rechnungsdatum", "purchasedate", "datereceived", "receivedat", "completedat", "date", "zeitpunkt", "datum", "zeit"),
    "event": ("conceptname", "event", "eventname", "activity", "action", "eventtype", "ereignis", "aktion"),
    "message_id": ("messageid", "eventid"),
    "group_id": ("groupid", "companyid", "organisationid", "organizationid"),
    "value": ("revenue", "amount", "total", "ordertotal", "ordervalue", "value", "betrag", "umsatz", "summe"),
    "currency": ("currency", "currencycode", "waehrung", "währung"),
}  # fmt: skip
_TRAITS = ("email", "phone", "name", "firstname", "lastname", "fullname", "vorname", "nachname")
_SEGMENT = {"messageId", "userId", "anonymousId", "originalTimestamp", "event", "properties", "traits", "type"}
_MANY_NAMES = 300


@dataclass(frozen=True, slots=True)
class Question:
    """What can't be guessed: a field of the map, what to ask, what may be answered, and the line that answers it."""

    field: str
    asks: str
    choices: tuple[str, ...]
    line: str


def guess(given: Mapping, looks: dict[str, ColumnLook]) -> Mapping:
    """Return the map with what can be guessed filled in; what was given stays."""
    preset = _preset(given, tuple(looks))
    if preset:
        return msgspec.structs.replace(given, **preset)
    found: dict[str, Any] = {}
    free = {name: look for name, look in looks.items() if name not in columns_used(given)}
    for field in ("message_id", *CUSTOMER_FIELDS, "time", "event", "value", "group_id", "currency"):
        if not getattr(given, field) and (name := _pick(field, free)):
            found[field] = name
            del free[name]
    if given.lines is not None:  # a line's own money isn't the order's
        found.pop("value", None)
    if not _has(given, found, "time"):
        _guess_time(free, found)
    for field in ("event", "currency"):
        if field in found:
            found[field] = Column(found[field])
    if not given.kind and not _has(given, found, "time") and not _has(given, found, "event"):
        found["kind"] = "identify"
    return msgspec.structs.replace(given, **found)


def questions(mapping: Mapping, looks: dict[str, ColumnLook]) -> list[Question]:
    """Return what a person must still say before the file can be imported."""
    asked = []
    filled = tuple(name for name, look in looks.items() if look.kind != "empty")
    if not any(getattr(mapping, field) for field in CUSTOMER_FIELDS) and mapping.without_customer == "reject":
        asked.append(Question("user_id", "Which column says whose a row is?", filled, "user_id: NAME_OF_A_COLUMN"))
    if mapping.kind in {"", "track"} and not mapping.event and not _cases_name_it(mapping):
        asks = "What happened in each row? The event's name, the same for all, or the column that holds it."
        asked.append(Question("event", asks, (), "event: Order Completed   (or: event: {column: NAME_OF_A_COLUMN})"))
    if mapping.kind != "identify" and not mapping.time:
        times = tuple(name for name, look in looks.items() if look.dates.form)
        asked.append(Question("time", "Which column says when it happened?", times or filled, "time: NAME_OF_A_COLUMN"))
    look = looks.get(mapping.time)
    if look is not None and not mapping.dates and (look.dates.ambiguous or not look.dates.form):
        said = f"In {mapping.time!r} ({look.example}), " + (
            "nothing tells day and month apart. Which order is it?" if look.dates.ambiguous else "how is a time written?"
        )
        line = "dates: dmy   (or mdy)" if look.dates.ambiguous else "dates: '%d/%m/%Y %H:%M'"
        asked.append(Question("dates", said, ("dmy", "mdy") if look.dates.ambiguous else (), line))
    return asked


def _cases_name_it(mapping: Mapping) -> bool:
    return bool(mapping.when) and any(case.event for case in mapping.when)


def _has(given: Mapping, found: dict[str, Any], field: str) -> bool:
    return bool(getattr(given, field) or found.get(field))


def plain_name(name: str) -> str:
    """Return a column's name without case, spaces and marks."""
    return re.sub(r"[^\w]|_", "", name.casefold())


def _pick(field: str, free: dict[str, ColumnLook]) -> str:
    by_name = {plain_name(name): name for name in reversed(free)}
    named = [by_name[one] for one in _NAMES[field] if one in by_name]
    fitting = [name for name in named if _fits(field, free[name])]
    if not fitting and field == "email":
        fitting = [name for name, look in free.items() if look.emails]
    return fitting[0] if fitting else ""


def _fits(field: str, look: ColumnLook) -> bool:
    if look.kind == "empty":
        return False
    if field == "time":
        return bool(look.dates.form or look.dates.ambiguous)
    if field == "event":
        return look.kind == "text" and look.different <= _MANY_NAMES
    if field == "message_id":
        return look.different == look.filled
    if field == "value":
        return look.kind == "number"
    return look.kind not in {"object", "boolean"}


def _guess_time(free: dict[str, ColumnLook], found: dict[str, Any]) -> None:
    """Take the only column that holds times, if its name says nothing else."""
    times = [name for name, look in free.items() if look.kind == "time" and "birth" not in name.lower()]
    if len(times) == 1:
        found["time"] = times[0]
        del free[times[0]]


def _preset(given: Mapping, columns: Sequence[str]) -> dict[str, Any]:
    """Return the map of events in Segment's form or Amity's own, where the columns are theirs."""
    if given != msgspec.structs.replace(given, **dict.fromkeys(("event", "time", "user_id"), "")):
        return {}
    has = set(columns)
    if {"message_id", "time", "properties"} <= has and has & {"kind", "type"}:
        return _amity(has)
    if len(has & _SEGMENT) >= 3 and has & {"userId", "anonymousId"} and has & {"type", "event"}:
        return _segment(has)
    return {}


def _segment(has: set[str]) -> dict[str, Any]:
    names = {"message_id": "messageId", "user_id": "userId", "anonymous_id": "anonymousId", "group_id": "groupId",
             "previous_id": "previousId", "properties_from": "properties", "traits_from": "traits", "context_from": "context"}  # fmt: skip
    found: dict[str, Any] = {field: name for field, name in names.items() if name in has}
    found["time"] = _first(("originalTimestamp", "timestamp", "sentAt", "receivedAt"), has)
    found["kind"] = Column("type") if "type" in has else "track"
    found["event"] = Column("event", "name" if "name" in has else "") if "event" in has else Column(_first(("name", "type"), has))
    return {**found, "properties": ()}


def _amity(has: set[str]) -> dict[str, Any]:
    same = ("message_id", "time", "user_id", "anonymous_id", "group_id", "previous_id")
    found: dict[str, Any] = {name: name for name in same if name in has}
    found |= {f"{name}_from": name for name in ("properties", "traits", "context") if name in has}
    found["kind"] = Column("kind" if "kind" in has else "type")
    found["event"] = Column("name") if "name" in has else ""
    return {**found, "properties": ()}


def _first(names: Iterable[str], has: set[str]) -> str:
    return next((name for name in names if name in has), "")


def trait_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that describe a customer, whatever happened in the row."""
    return tuple(name for name in columns if plain_name(name) in _TRAITS)
