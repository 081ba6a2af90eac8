"""Tests of a journey as a file says them, one sentence each: `median time to Have it < 5 days`, `metric CES >= 5.5 with n >= 50`.

Errors name the line. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from amity.engines.past.behaviour.language import UNITS
from amity.kernel.errors import Invalid
from amity.rooms.journeys.contracts import FEW
from amity.rooms.journeys.rules.conformance.deviating import KINDS

MOST_TESTS = 200
LONGEST_FILE = 200_000
DEVIATIONS = {label.lower().removesuffix(" before"): kind for kind, label in KINDS.items()}
SIGNS = {"<=": "≤", "≤": "≤", "<": "<", ">=": "≥", "≥": "≥", ">": ">"}
# Units of time in ms.
TIMES = {"ms": 1, "s": 1_000, "seconds": 1_000, "second": 1_000, "min": 60_000} | UNITS
TIMES |= {unit.removesuffix("s"): ms for unit, ms in UNITS.items()}
_SENTENCE = re.compile(
    r"(?P<what>.+?)\s*(?P<sign><=|>=|≤|≥|<|>)\s*(?P<bound>-?[0-9][0-9_]*(?:\.[0-9]+)?)\s*(?P<unit>%|[a-zA-Z]+)?"
    r"(?:\s+with\s+n\s*(?:>=|≥)\s*(?P<least>[0-9]{1,9}))?"
)
_SUBJECTS = (
    ("metric", re.compile(r"metric\s+(?P<name>.+)")),
    ("time", re.compile(r"(?P<at>median|p25|p50|p75|p90)\s+time(?:\s+to\s+(?P<name>.+))?")),
    ("reach", re.compile(r"reach\s+(?P<name>.+)")),
    ("rework", re.compile(r"rework(?:\s+of\s+(?P<name>.+))?")),
    ("fitness", re.compile(r"fitness")),
    ("conforming", re.compile(r"conforming")),
    ("deviation", re.compile(rf"(?P<at>{'|'.join(DEVIATIONS)})\s+(?P<name>.+)")),
)
_HELP = "Write for example: median time to Bought < 2 days; rework <= 1; reach Bought >= 40%; fitness >= 0.9; metric CES >= 5.5 with n >= 50."
_PERIOD = re.compile(r"last ([0-9]{1,6}) (minutes|hours|days|weeks)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One test: a subject with what it is of, a sign, a bound (a share from 0 to 1, ms for times), the least n that it needs.

    `at`: the percentile of a time, the kind of a deviation. `unit` as it was written.
    """

    line: int
    text: str
    subject: str
    name: str
    at: str
    sign: str
    bound: float
    unit: str
    least: int

    def holds(self, value: float) -> bool:
        """Return whether a value is on the right side of the bound."""
        return {"<": value < self.bound, "≤": value <= self.bound, ">": value > self.bound, "≥": value >= self.bound}[self.sign]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The tests of one journey, by its name. `period` as the language of events writes it; `its_own` where the file says none."""

    journey: str
    line: int
    case: str = ""
    period: dict[str, Any] | None = None
    its_own: bool = True
    checks: tuple[Check, ...] = field(default_factory=tuple)


def read(text: str) -> tuple[Checks, ...]:
    """Read a file: one journey, or a list of several. Raises Invalid with the line and how to mend it."""
    import yaml

    if len(text) > LONGEST_FILE:
        raise Invalid("The file is too long for tests of journeys.")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _wrong(mark.line + 1 if mark else 1, f"This is no YAML: {error.problem or error.context}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise _wrong(1, f"This is no YAML: {error}.") from None
    if node is None:
        raise _wrong(1, "There is nothing in it. Begin with: journey: NAME")
    found = tuple(_journey(one) for one in (node.value if isinstance(node, yaml.SequenceNode) else [node]))
    if not found:
        raise _wrong(1, "There is no journey in it. Begin with: journey: NAME")
    return found


def _journey(node: Any) -> Checks:
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise _wrong(_line(node), "A journey’s tests begin with: journey: NAME")
    held: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        if name not in {"journey", "case", "period", "tests"}:
            raise _wrong(_line(key), f"{name!r} is unknown here. There are: journey, case, period, tests.")
        if name in held:
            raise _wrong(_line(key), f"{name!r} is said twice.")
        held[name] = value
    for needed in ("journey", "tests"):
        if needed not in held:
            raise _wrong(_line(node), f"The line {needed!r} is missing.")
    tests = held["tests"]
    if not isinstance(tests, yaml.SequenceNode) or not 1 <= len(tests.value) <= MOST_TESTS:
        raise _wrong(_line(tests), f"Tests are a list of 1 to {MOST_TESTS} sentences, each on a line that begins with a dash.")
    period, its_own = _period(held["period"]) if "period" in held else (None, True)
    return Checks(
        journey=_text(held["journey"]), line=_line(held["journey"]), case=_text(held["case"]) if "case" in held else "", period=period,
        its_own=its_own, checks=tuple(_check(one) for one in tests.value),
    )  # fmt: skip


def _period(node: Any) -> tuple[dict[str, Any] | None, bool]:
    text = _text(node)
    if text == "any time":
        return None, False
    found = _PERIOD.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= 100_000:
        raise _wrong(_line(node), f"{text!r} is no period. Write for example: last 30 days; or: any time.")
    return {"kind": "last", "amount": int(found[1]), "unit": found[2]}, False


def _check(node: Any) -> Check:
    text, line = _text(node), _line(node)
    found = _SENTENCE.fullmatch(text)
    if found is None:
        raise _wrong(line, f"{text!r} is no test that I understand. {_HELP}")
    subject, parts = _subject(line, found["what"])
    at = parts.get("at") or ""
    unit = found["unit"] or ""
    bound = _bound(line, subject, float(found["bound"].replace("_", "")), unit)
    return Check(
        line=line, text=text, subject=subject, name=(parts.get("name") or "").strip(), at=DEVIATIONS.get(at, at), sign=SIGNS[found["sign"]],
        bound=bound, unit=unit, least=int(found["least"]) if found["least"] else FEW,
    )  # fmt: skip


def _subject(line: int, what: str) -> tuple[str, dict[str, str | None]]:
    for subject, pattern in _SUBJECTS:
        if found := pattern.fullmatch(what):
            return subject, found.groupdict()
    raise _wrong(line, f"{what!r} is nothing that can be tested. {_HELP}")


def _bound(line: int, subject: str, number: float, unit: str) -> float:
    """Return the bound as it is compared; a metric's is turned once its unit is known."""
    if unit and unit != "%" and unit not in TIMES:
        raise _wrong(line, f"{unit!r} is no unit. There are: %, {', '.join(sorted(TIMES))}.")
    if subject == "time":
        if unit in {"", "%"}:
            raise _wrong(line, "A time needs a unit, such as 2 days.")
        return number * TIMES[unit]
    if subject in {"reach", "conforming", "deviation"} and unit != "%":
        raise _wrong(line, "A share needs a percent sign, such as 40%.")
    if subject in {"rework", "fitness"} and unit:
        raise _wrong(line, f"{subject.capitalize()} has no unit.")
    return number / 100 if unit == "%" and subject != "metric" else number


def _text(node: Any) -> str:
    import yaml

    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        raise _wrong(_line(node), "Here a text is expected. Put it into quotes if YAML takes it for something else.")
    return str(node.value).strip()[:500].replace("\0", "")


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _wrong(line: int, said: str) -> Invalid:
    return Invalid(f"Line {line}: {said}")
