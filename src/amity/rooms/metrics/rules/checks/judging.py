"""What an answer gives, and whether it is as it must be. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from amity.kernel.errors import Invalid
from amity.rooms.metrics.rules.checks.filling import filled
from amity.rooms.metrics.rules.checks.language import LONGEST_VALUE, Must, Step, Take, milliseconds, statuses
from amity.rooms.metrics.rules.checks.paths import Missing, read_json, text_of, value_at
from amity.rooms.metrics.rules.checks.patterns import first_group

_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer: `headers` by names in small letters, `ms` that it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    ms: int

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


def fault_of(step: Step, given: Given, values: Mapping[str, str]) -> tuple[str, str]:
    """Return which kind of thing isn't as it must be and a sentence that says how; empty where all is."""
    if not step.musts and given.status >= 400:
        return "status", f"It answered {given.status}."
    for must in step.musts:
        said = _fault(must, filled(must.to, values), given)
        if said:
            return must.of, said
    return "", ""


def taken(takes: Sequence[Take], given: Given) -> dict[str, str]:
    """Return the values taken of an answer. Raises Invalid where one isn't there."""
    found = {}
    for take in takes:
        try:
            value = _taken(take, given)
        except (Missing, Invalid):
            value = None
        if value is None:
            raise Invalid(f"{take.name} could not be taken: the answer has no {take.by} {take.of}.")
        if len(value) > LONGEST_VALUE:
            raise Invalid(f"{take.name} could not be taken: it has more than {LONGEST_VALUE:,} characters.")
        found[take.name] = value
    return found


def _taken(take: Take, given: Given) -> str | None:
    if take.by == "header":
        return given.headers.get(take.of.lower())
    if take.by == "pattern":
        return first_group(take.of, given.text)
    return text_of(value_at(read_json(given.body), take.of))


def _fault(must: Must, to: str, given: Given) -> str:  # noqa: PLR0911  one answer for each kind
    match must.of:
        case "status":
            fits = any(low <= given.status <= high for low, high in statuses(must.to))
            wanted = f"{'not ' if must.test == 'is_not' else ''}{must.to}"
            return "" if fits == (must.test == "is") else f"It answered {given.status}, wanted was {wanted}."
        case "duration":
            most = milliseconds(must.to)
            return "" if given.ms <= most else f"It took {given.ms:,} ms, at most {most:,} were wanted."
        case "text":
            there = to in given.text
            return (
                ""
                if there == (must.test == "contains")
                else f"Its text {'lacks' if must.test == 'contains' else 'holds'} “{_cut(to)}”."
            )
        case "header":
            return _compared(must, f"The header {must.name}", given.headers.get(must.name.lower()), to)
    try:
        value = text_of(value_at(read_json(given.body), must.name))
    except Missing:
        return f"Its JSON has no {must.name}."
    except Invalid as error:
        return f"{error.message.capitalize()}."
    return _compared(must, must.name, value, to)


def _compared(must: Must, name: str, value: str | None, to: str) -> str:
    if value is None:
        return f"{name} is missing."
    if must.test == "there":
        return ""
    if must.test == "contains":
        return "" if to in value else f"{name} is “{_cut(value)}”, which lacks “{_cut(to)}”."
    same = value == to or (must.of == "json" and _number(value) is not None and _number(value) == _number(to))
    if must.test == "is_not":
        return f"{name} is “{_cut(value)}”." if same else ""
    return "" if same else f"{name} is “{_cut(value)}”, wanted was “{_cut(to)}”."


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
