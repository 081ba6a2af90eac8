"""A question as fields of a form, and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from amity.kernel.errors import Invalid
from amity.rooms.listening.rules.surveys.language import Condition, Definition, Question, Text

TEXTS = ("ask", "hint", "low", "high")
TESTS = {
    "answered": "is answered", "unanswered": "isn’t answered", "equal": "is", "not_equal": "isn’t", "at_least": "is at least",
    "at_most": "is at most", "includes": "includes",
}  # fmt: skip
KINDS = {
    "nps": "NPS, 0 to 10", "csat": "CSAT, 1 to 5", "ces": "CES, 1 to 7", "single": "One of several", "multiple": "Any of several",
    "text": "Text", "number": "Number", "date": "Date", "consent": "Consent", "statement": "Statement, asks nothing",
}  # fmt: skip
LOOKS = {"numbers": "Numbers", "stars": "Stars", "faces": "Faces"}
ROWS = 2


def fields_of(question: Question, one: Definition) -> dict[str, Any]:
    """Return a question as fields; `rest` says that its logic is more than they can say, and stays as it is."""
    found: dict[str, Any] = {
        "key": question.key, "kind": question.kind, "required": question.required, "look": question.look, "new_page": question.new_page,
        "least": _number(question.least), "most": _number(question.most), "rest": _is_more(question),
    }  # fmt: skip
    for n, language in enumerate(one.languages):
        for name in TEXTS:
            found[f"{name}.{language}"] = _in(getattr(question, name), language, first=n == 0)
        found[f"options.{language}"] = "\n".join(_in(each.text, language, first=n == 0) for each in question.options)
    only, jumps = question.only_if, question.then
    found["match"] = only.match if only else "all"
    for n in range(ROWS):
        test = only.tests[n] if only and n < len(only.tests) else None
        found |= _test_fields(f"if{n}", test.question if test else "", test.how if test else "", test.to if test else None)
        jump = jumps[n] if n < len(jumps) else None
        test = jump.when.tests[0] if jump and jump.when and len(jump.when.tests) == 1 else None
        found |= _test_fields(
            f"then{n}", "", test.how if test else "always" if jump else "", test.to if test else None
        )  # fmt: skip
        found[f"then{n}.goto"] = jump.to if jump else ""
    return found


def question_of(given: Mapping[str, str], one: Definition, before: Question | None) -> dict[str, Any]:
    """Return the question that a form says, as JSON objects. Raises Invalid."""
    kind, ask = given.get("kind", ""), given.get(f"ask.{one.languages[0]}", "").strip()
    key = given.get("key", "").strip() or (before.key if before else key_of(ask or kind, {each.key for each in one.questions}))
    made: dict[str, Any] = {"key": key, "kind": kind, "required": bool(given.get("required")) and kind != "statement"}
    for name in TEXTS:
        made[name] = _text_in(given, name, one.languages)
    if kind == "csat":
        made["look"] = given.get("look", "numbers")
    if given.get("new_page"):
        made["new_page"] = True
    if kind in {"single", "multiple"}:
        made["options"] = _options_in(given, one.languages, before)
    if kind == "number":
        for name in ("least", "most"):
            if given.get(name, "").strip():
                made[name] = _float_in(given[name])
    if before is not None and _is_more(before):
        kept = msgspec.to_builtins(before)
        return made | {name: kept[name] for name in ("only_if", "then") if name in kept}
    return made | _logic_in(given, one, key)


def key_of(text: str, taken: set[str]) -> str:
    """Return a key that is free, made of a text."""
    base = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:30].strip("_")
    base = base if re.match("[a-z]", base) else f"q_{base}".strip("_")
    found, n = base, 2
    while found in taken or found == "end":
        found, n = f"{base}_{n}", n + 1
    return found


def condition_words(condition: Condition) -> str:
    """Return a condition in words, with the questions' keys."""
    said = [
        f"{test.question} {TESTS.get(test.how, 'is one of')}{'' if test.to is None else f' {_to_text(test.to)}'}"
        for test in condition.tests
    ]
    return (" and " if condition.match == "all" else " or ").join(said)


def _logic_in(given: Mapping[str, str], one: Definition, key: str) -> dict[str, Any]:
    tests, jumps = [], []
    for n in range(ROWS):
        if given.get(f"if{n}.question"):
            tests.append(_test_in(given, f"if{n}", given[f"if{n}.question"], one))
        how, to = given.get(f"then{n}.how", ""), given.get(f"then{n}.goto", "")
        if how and to:
            jump: dict[str, Any] = {"to": to}
            if how != "always":
                jump["if"] = {"tests": [_test_in(given, f"then{n}", key, one, kind=given.get("kind", ""))]}
            jumps.append(jump)
    made: dict[str, Any] = {}
    if tests:
        made["only_if"] = {"tests": tests} | ({"match": "any"} if given.get("match") == "any" else {})
    if jumps:
        made["then"] = jumps
    return made


def _test_in(given: Mapping[str, str], row: str, question: str, one: Definition, kind: str = "") -> dict[str, Any]:
    how, to = given.get(f"{row}.how", "") or "answered", given.get(f"{row}.to", "").strip()
    made: dict[str, Any] = {"question": question, "is": how}
    if how in {"answered", "unanswered"}:
        return made
    asked = one.question(question)
    kind = kind or (asked.kind if asked else "")
    if kind in {"nps", "csat", "ces", "number"}:
        return made | {"to": _float_in(to)}
    if kind == "consent":
        return made | {"to": to.lower() in {"yes", "true", "1"}}
    named = {option.key for option in asked.options} if asked else set()
    by_text = {text.lower(): option.key for option in (asked.options if asked else ()) for text in _all(option.text)}
    return made | {"to": to if to in named else by_text.get(to.lower(), to)}


def _options_in(given: Mapping[str, str], languages: Sequence[str], before: Question | None) -> list[dict[str, Any]]:
    lines = {language: given.get(f"options.{language}", "").replace("\r\n", "\n").split("\n") for language in languages}
    known = {_in(each.text, languages[0], first=True): each.key for each in before.options} if before else {}
    first = [(n, line.strip()) for n, line in enumerate(lines[languages[0]]) if line.strip()]
    taken = {known[text] for _, text in first if text in known}
    made = []
    for n, text in first:
        key = known.get(text) or key_of(text, taken)
        taken.add(key)
        others = {
            language: lines[language][n].strip()
            for language in languages[1:]
            if n < len(lines[language]) and lines[language][n].strip()
        }
        made.append({"key": key, "text": {languages[0]: text, **others} if others else text})
    return made


def _text_in(given: Mapping[str, str], name: str, languages: Sequence[str]) -> str | dict[str, str]:
    said = {language: given.get(f"{name}.{language}", "").replace("\r\n", "\n").strip() for language in languages}
    said = {language: text for language, text in said.items() if text}
    return said.get(languages[0], "") if set(said) <= {languages[0]} else said


def text_in(given: Mapping[str, str], name: str, languages: Sequence[str]) -> str | dict[str, str]:
    """Return a text of a form in the languages in which it is said."""
    return _text_in(given, name, languages)


def text_fields(text: Text, name: str, languages: Sequence[str]) -> dict[str, str]:
    """Return a text as fields, one for each language."""
    return {f"{name}.{language}": _in(text, language, first=n == 0) for n, language in enumerate(languages)}


def _in(text: Text, language: str, *, first: bool) -> str:
    return text.get(language, "") if isinstance(text, dict) else text if first else ""


def _all(text: Text) -> list[str]:
    return list(text.values()) if isinstance(text, dict) else [text]


def _is_more(question: Question) -> bool:
    only, jumps = question.only_if, question.then
    if only and (len(only.tests) > ROWS or any(test.how == "one_of" for test in only.tests)):
        return True
    tests = [jump.when.tests for jump in jumps if jump.when]
    return len(jumps) > ROWS or any(
        len(each) > 1 or each[0].question != question.key or each[0].how == "one_of" for each in tests
    )


def _test_fields(row: str, question: str, how: str, to: object) -> dict[str, str]:
    return {f"{row}.question": question, f"{row}.how": how, f"{row}.to": "" if to is None else _to_text(to)}


def _to_text(to: object) -> str:
    if isinstance(to, bool):
        return "yes" if to else "no"
    if isinstance(to, list):
        return ", ".join(map(str, to))
    return f"{to:g}" if isinstance(to, float) else str(to)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _float_in(text: str) -> float:
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        raise Invalid(f"“{text[:40]}” is no number.") from None
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124  a NaN is the one that isn't itself
        raise Invalid("This number is too large.")
    return value
