"""Which interactions are meant, as SQL over one row of the past that is 0 or 1 and never NULL."""

from __future__ import annotations

from dataclasses import dataclass

from amity.engines.past.behaviour.binding import Binder, json_path
from amity.engines.past.behaviour.language import FIELDS, PROPERTY, Event, Filter, Scalar
from amity.kernel.errors import Invalid

NUMERIC = r"^-?[0-9]{1,15}(\\.[0-9]{1,15})?$"  # text that counts as a number; the same in every engine
_NUMBERS = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
_LIKE = {"contains": "position({}, {}) > 0", "starts_with": "startsWith({}, {})", "ends_with": "endsWith({}, {})"}


@dataclass(frozen=True, slots=True)
class Operand:
    """A property or field in SQL: as text, as a number, and whether it is there."""

    text: str  # Nullable(String): text, whole numbers and truths; no fractions, lists or objects
    number: str  # Nullable(Float64): numbers, and text that is one
    there: str
    json: str = ""  # Nullable(String): text, numbers and truths as JSON; no lists or objects


def operand(of: str) -> Operand:
    """Return a property or field. Raises Invalid for what is neither."""
    if of.startswith(PROPERTY):
        at = json_path("properties", of.removeprefix(PROPERTY))
        text = f"{at}.:String"
        return Operand(
            text=f"if(dynamicType({at}) IN ('String', 'Int64', 'UInt64', 'Bool'), toString({at}), NULL)",
            number=f"coalesce({at}.:Float64, toFloat64({at}.:Int64), toFloat64({at}.:UInt64), {_read(text)})",
            there=f"dynamicType({at}) != 'None'",
            json=f"multiIf(isNotNull({text}), toJSONString({text}), "
            f"dynamicType({at}) IN ('Int64', 'UInt64', 'Bool', 'Float64'), toString({at}), NULL)",
        )
    if of not in FIELDS:
        raise Invalid(f"{of!r} can't be tested: write properties.<name>, or one of {', '.join(FIELDS)}.")
    if of == "value":
        return Operand(
            text="CAST(NULL, 'Nullable(String)')", number="toFloat64(value)", there="isNotNull(value)", json="toString(value)"
        )
    text = f"toString({of})"
    if of == "source_id":
        return Operand(text=text, number="toFloat64(source_id)", there="1", json=text)
    return Operand(text=text, number=_read(text), there=f"{of} != ''", json=f"if({of} != '', toJSONString({text}), NULL)")


def _read(text: str) -> str:
    return f"if(match(ifNull({text}, ''), '{NUMERIC}'), toFloat64OrNull(ifNull({text}, '')), NULL)"


def matches(event: Event, bind: Binder) -> str:
    """Return the SQL that is 1 for interactions that the event means."""
    parts = [_filter(one, bind) for one in event.where]
    if event.name:
        parts.append(f"name = {bind(event.name, 'String')}")
    if event.type:
        parts.append(f"type = {bind(event.type, 'String')}")
    if event.voice:
        parts.append(f"voice = {bind(event.voice, 'String')}")
    if event.unnamed:
        parts.append("voice != 'ours'")
    return " AND ".join(f"({part})" for part in reversed(parts))


def _filter(one: Filter, bind: Binder) -> str:  # noqa: PLR0911  one answer for each test
    value = operand(one.of)
    to = one.to
    match one.test:
        case "present":
            return value.there
        case "absent":
            return f"NOT {value.there}"
        case "one_of":
            if not isinstance(to, tuple) or not to:
                raise Invalid(f"{one.of} is one of what? Give a list in `to`.")
            return " OR ".join(equals(value, each, bind) for each in to)
        case _ if to is None or isinstance(to, tuple):
            raise Invalid(f"{one.of} is compared to what? Give one value in `to`.")
        case "equal":
            return equals(value, to, bind)
        case "not_equal":
            return f"NOT ({equals(value, to, bind)})"
        case "contains" | "starts_with" | "ends_with":
            if not isinstance(to, str):
                raise Invalid(f"{one.of} {one.test.replace('_', ' ')} needs text in `to`.")
            return f"ifNull({_LIKE[one.test].format(value.text, bind(to, 'String'))}, 0)"
    return f"ifNull({value.number} {_NUMBERS[one.test]} {bind(number(one.of, to), 'Float64')}, 0)"


def equals(value: Operand, to: Scalar, bind: Binder) -> str:
    """Return whether a value is this text, this number or this truth. Text of a number is that number, too."""
    if isinstance(to, bool):
        return f"ifNull({value.text} = '{'true' if to else 'false'}', 0)"
    if isinstance(to, str):
        return f"ifNull({value.text} = {bind(to, 'String')}, 0)"
    return f"ifNull({value.number} = {bind(float(to), 'Float64')}, 0)"


def number(of: str, to: object) -> float:
    """Return a number that something is compared to. Raises Invalid."""
    if isinstance(to, bool) or not isinstance(to, int | float):
        raise Invalid(f"{of} is compared as a number, but `to` is {to!r}. Give a number without quotes.")
    return float(to)
