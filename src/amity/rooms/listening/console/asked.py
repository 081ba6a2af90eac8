"""A survey's questions as its page shows them: texts filled in, what was answered, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from amity.rooms.listening.contracts import Answer
from amity.rooms.listening.rules.surveys.judging import in_words
from amity.rooms.listening.rules.surveys.language import Definition, Question, Text, filled, said
from amity.rooms.listening.rules.surveys.words import words_in

# Mouths of five faces, from sad to glad, in a box of 24: drawn, since not every device has the signs.
_MOUTHS = ("M7.5 17.5q4.5-5 9 0", "M8 17q4-2.5 8 0", "M8 16h8", "M8 15.5q4 2.5 8 0", "M7.5 15q4.5 5 9 0")


def fields(  # noqa: PLR0913  one argument for each part
    one: Definition, questions: Sequence[Question], *, language: str, answers: Mapping[str, Answer], traits: Mapping[str, str],
    wrong: Mapping[str, str], heard: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return questions as the page shows them; `heard` is put into texts instead of the answers, where there are none yet."""
    words = words_in(language)
    heard = heard_of(one, answers, language) if heard is None else heard

    def text(given: Text) -> str:
        return filled(said(given, language, one), heard, traits)

    found = []
    for question in questions:
        answer = answers.get(question.key)
        chosen = {str(each) for each in answer} if isinstance(answer, list) else {_value(answer)}
        code = wrong.get(question.key, "")
        found.append(
            {
                "key": question.key, "kind": question.kind, "ask": text(question.ask), "hint": text(question.hint),
                "required": question.required, "low": text(question.low), "high": text(question.high), "wrong": words[code] if code else "",
                "points": _points(question, chosen), "value": _value(answer), "chosen": answer is True,
                "options": [{"key": each.key, "text": text(each.text), "chosen": each.key in chosen} for each in question.options],
                "look": question.look if question.kind == "csat" else "numbers", "least": question.least, "most": question.most,
            }
        )  # fmt: skip
    return found


def heard_of(one: Definition, answers: Mapping[str, Answer], language: str) -> dict[str, str]:
    """Return answers in words, by their questions' keys."""
    return {
        question.key: in_words(one, question, answers[question.key], language)
        for question in one.questions
        if question.key in answers
    }


def _points(question: Question, chosen: set[str]) -> list[dict[str, Any]]:
    if question.scale is None:
        return []
    low, high = question.scale
    look = question.look if question.kind == "csat" else "numbers"
    return [
        {
            "value": n,
            "chosen": str(n) in chosen,
            "mark": "★" if look == "stars" else str(n),
            "mouth": _MOUTHS[n - 1] if look == "faces" else "",
        }
        for n in range(low, high + 1)
    ]


def _value(answer: Answer | None) -> str:
    if answer is None or isinstance(answer, list | bool):
        return ""
    return f"{answer:g}" if isinstance(answer, float) else str(answer)
