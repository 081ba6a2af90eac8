"""What must hold and what is taken, as lines that people write, and back: `json order.state is paid`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from amity.kernel.errors import Invalid
from amity.rooms.metrics.rules.checks.language import Must, Step, Take, read_steps

_TESTS = {"is": "is", "is not": "is_not", "contains": "contains", "lacks": "lacks", "is there": "there"}
_WRITTEN = {name: words for words, name in _TESTS.items()} | {"at_most": "at most"}
_TEST = r"(is there|is not|is|contains|lacks)(?: (.*))?"
_PLAIN = re.compile(rf"(status|text) {_TEST}")
_NAMED = re.compile(rf"(header|json) (\S+) {_TEST}")
_DURATION = re.compile(r"duration at most (\S+)(?: ?ms)?")
_TAKE = re.compile(r"(\S+) = (json|pattern|header) (.+)")
FIELDS = ("name", "method", "url", "headers", "body", "musts", "takes")


def must_line(one: Must) -> str:
    """Return what must hold as a line."""
    if one.of == "duration":
        return f"duration at most {one.to} ms"
    return " ".join(part for part in (one.of, one.name, _WRITTEN[one.test], "" if one.test == "there" else one.to) if part)


def take_line(one: Take) -> str:
    """Return what is taken as a line."""
    return f"{one.name} = {one.by} {one.of}"


def must_of(line: str) -> dict[str, str]:
    """Read a line of what must hold. Raises Invalid."""
    if found := _DURATION.fullmatch(line):
        return {"of": "duration", "test": "at_most", "to": found[1].removesuffix("ms")}
    if found := _PLAIN.fullmatch(line):
        return {"of": found[1], "test": _TESTS[found[2]], "to": found[3] or ""}
    if found := _NAMED.fullmatch(line):
        return {"of": found[1], "name": found[2], "test": _TESTS[found[3]], "to": found[4] or ""}
    raise Invalid(
        f"“{line[:80]}” can't be read. Write: status is 200 · text contains Welcome · header content-type contains json · "
        "json order.state is paid · duration at most 800 ms."
    )


def take_of(line: str) -> dict[str, str]:
    """Read a line of what is taken. Raises Invalid."""
    if found := _TAKE.fullmatch(line):
        return {"name": found[1], "by": found[2], "of": found[3]}
    raise Invalid(
        f"“{line[:80]}” can't be read. Write: token = json access_token · order = pattern order-([0-9]+) · at = header location."
    )


def fields_of(step: Step) -> dict[str, str]:
    """Return a step as fields of a form."""
    return {
        "name": step.name, "method": step.method, "url": step.url, "headers": "\n".join(f"{name}: {value}" for name, value in step.headers.items()),
        "body": step.body, "musts": "\n".join(map(must_line, step.musts)), "takes": "\n".join(map(take_line, step.takes)),
    }  # fmt: skip


def steps_of(rows: Sequence[Mapping[str, str]]) -> list[Step]:
    """Read steps of a form's rows; those without an address are left out. Raises Invalid with the step's number."""
    found = []
    for n, row in enumerate([one for one in rows if one["url"].strip()], 1):
        try:
            found.append(_step(row))
        except Invalid as error:
            raise Invalid(f"Step {n}: {error.message}") from None
    return read_steps(msgspec.to_builtins(found))


def _step(row: Mapping[str, str]) -> dict[str, Any]:
    headers = {}
    for line in _lines(row["headers"]):
        name, colon, value = line.partition(":")
        if not colon:
            raise Invalid(f"“{line[:80]}” is no header; write Accept: application/json.")
        headers[name.strip()] = value.strip()
    return {
        "url": row["url"].strip(), "method": row["method"] or "GET", "name": row["name"].strip(), "headers": headers,
        "body": row["body"].replace("\r\n", "\n").strip(), "musts": [must_of(line) for line in _lines(row["musts"])],
        "takes": [take_of(line) for line in _lines(row["takes"])],
    }  # fmt: skip


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
