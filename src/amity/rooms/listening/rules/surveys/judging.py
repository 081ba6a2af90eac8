"""What somebody sent, read as answers: each is judged by its question, whatever the page let through. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from math import isfinite

from amity.rooms.listening.contracts import Answer
from amity.rooms.listening.rules.surveys.language import Definition, Question, said
from amity.rooms.listening.rules.texts import storable

LONGEST = 4_000
_NUMBER = re.compile(r"[+-]?(\d{1,15}([.,]\d{0,9})?|[.,]\d{1,9})")

Sent = Mapping[str, Sequence[str]]


def judged(questions: Sequence[Question], sent: Sent) -> tuple[dict[str, Answer], dict[str, str]]:
    """Return the answers in what was sent for these questions, and the code of what is wrong with others, by key.

    Codes: `required`, `no_such` (not to be chosen), `no_number`, `too_small`, `too_large`, `no_date`, `too_long`.
    """
    answers: dict[str, Answer] = {}
    wrong: dict[str, str] = {}
    for question in questions:
        given = [storable(one).replace("\r\n", "\n").strip() for one in sent.get(question.key, ())]
        given = [one for one in given if one]
        found, code = _one(question, given)
        if code:
            wrong[question.key] = code
        elif found is None:
            if question.required:
                wrong[question.key] = "required"
        else:
            answers[question.key] = found
    return answers, wrong


def _one(question: Question, given: list[str]) -> tuple[Answer | None, str]:  # noqa: PLR0911  one for each kind
    if not given or question.kind == "statement":
        return None, ""
    text = given[0]
    if question.scale is not None:
        return _point(text, question.scale)
    match question.kind:
        case "single":
            return (text, "") if text in {option.key for option in question.options} else (None, "no_such")
        case "multiple":
            known = [option.key for option in question.options if option.key in given]
            return (known, "") if len(known) == len(set(given)) else (None, "no_such")
        case "number":
            return _number(text, question)
        case "date":
            return _date(text)
        case "consent":
            return (True, "") if text == "yes" else (None, "no_such")
        case _:
            return (text, "") if len(text) <= LONGEST else (None, "too_long")


def _point(text: str, scale: tuple[int, int]) -> tuple[Answer | None, str]:
    known = {str(n): n for n in range(scale[0], scale[1] + 1)}
    return (known[text], "") if text in known else (None, "no_such")


def _number(text: str, question: Question) -> tuple[Answer | None, str]:
    if not _NUMBER.fullmatch(text) or not text.isascii():
        return None, "no_number"
    value = float(text.replace(",", "."))
    if not isfinite(value):
        return None, "no_number"
    if question.least is not None and value < question.least:
        return None, "too_small"
    if question.most is not None and value > question.most:
        return None, "too_large"
    return value, ""


def _date(text: str) -> tuple[Answer | None, str]:
    try:
        return date.fromisoformat(text).isoformat(), ""
    except ValueError:
        return None, "no_date"


def in_words(one: Definition, question: Question, answer: Answer, language: str) -> str:
    """Return an answer as people read it."""
    names = {option.key: said(option.text, language, one) for option in question.options}
    if isinstance(answer, list):
        return ", ".join(names.get(key, key) for key in answer)
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, str):
        return names.get(answer, answer)
    return f"{answer:g}" if isinstance(answer, float) else str(answer)
