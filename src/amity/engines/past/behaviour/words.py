"""What is said about behaviour, as sentences that a person reads. Pure."""

from __future__ import annotations

from typing import Any, assert_never

from amity.engines.past.behaviour.language import PROPERTY, Between, Event, Filter, Last, Previous, Since, This, Window

TESTS = {
    "equal": "is", "not_equal": "is not", "one_of": "is one of", "contains": "contains", "starts_with": "begins with",
    "ends_with": "ends with", "above": "is more than", "at_least": "is at least", "below": "is less than",
    "at_most": "is at most", "present": "is known", "absent": "isn’t known",
}  # fmt: skip
_TYPES = {"page": "a page view", "screen": "a screen", "track": "an event", "identify": "a change of who they are",
          "group": "a company", "alias": "a second name"}  # fmt: skip


def event_words(event: Event) -> str:
    """Return which interactions are meant."""
    filters = event.where
    if event.name:
        name = f"“{event.name}”"
    elif filters and filters[0].of == "name" and filters[0].test == "one_of" and isinstance(filters[0].to, tuple):
        *most, last = [f"“{one}”" for one in filters[0].to]
        name, filters = f"{', '.join(most)} or {last}" if most else last, filters[1:]
    elif event.type:
        name = _TYPES[event.type]
    else:
        name = "something we did" if event.voice == "ours" else "anything"
    return name + (f" where {' and '.join(map(_filter, filters))}" if filters else "")


def _filter(one: Filter) -> str:
    return f"{of_words(one.of)} {TESTS[one.test]}{compared_words(one.to)}"


def of_words(of: str) -> str:
    """Return a property's or field's name."""
    return of.removeprefix(PROPERTY).replace("_", " ") if not of.startswith(PROPERTY) else of.removeprefix(PROPERTY)


def window_words(window: Window | None) -> str:
    """Return a window in words, after a space or a comma; nothing for all of the past."""
    match window:
        case None:
            return ""
        case Last(amount=amount, unit=unit):
            return f" in the last {amount:,} {unit}" if amount > 1 else f" in the last {unit.removesuffix('s')}"
        case This(unit=unit):
            return " today" if unit == "day" else f" this {unit}"
        case Previous(unit=unit):
            return " yesterday" if unit == "day" else f" last calendar {unit}"
        case Since(date=date):
            return f" since {date}"
        case Between(first=first, last=last):
            return f" from {first} to {last}"
    assert_never(window)


def compared_words(to: Any) -> str:
    """Return what something is compared to, after a space; nothing where there is nothing."""
    if to is None:
        return ""
    if isinstance(to, tuple):
        return " " + ", ".join(_value(one) for one in to[:5]) + (f" and {len(to) - 5:,} more" if len(to) > 5 else "")
    return f" {_value(to)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"“{value}”" if isinstance(value, str) else f"{value:,}"
