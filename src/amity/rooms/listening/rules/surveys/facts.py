"""A completed response as interactions: one `Survey Answered` for each score, so that the metrics count it at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from amity.rooms.listening.contracts import Answer
from amity.rooms.listening.rules.surveys.judging import in_words
from amity.rooms.listening.rules.surveys.language import Definition, filled, said
from amity.rooms.listening.rules.surveys.logic import kept, path

ANSWERED, SHOWN = "Survey Answered", "Survey Displayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An interaction: `part` names it within its response."""

    part: str
    name: str
    properties: dict[str, Any]


def told(one: Definition, answers: Mapping[str, Answer], *, about: Mapping[str, Any], language: str) -> list[Told]:
    """Return a completed response as interactions, in the order of its questions; `about` says of which survey and response.

    A score's comment is the first text after it and before the next score. All answers in words stand with the first of them. A
    survey without a score is told once, of type `form`.
    """
    heard = kept(one, answers)
    asked = [question for question in path(one, answers) if question.key in heard]
    words = {question.key: in_words(one, question, heard[question.key], language) for question in asked}
    found: list[Told] = []
    scored = False
    for question in asked:
        answer = heard[question.key]
        if question.scale is not None:
            scored = True
            properties = {
                **about, "type": question.kind, "scale": question.scale[1], "score": answer, "question": question.key,
                "asked": filled(said(question.ask, one.languages[0], one), words, {})[:500],
            }  # fmt: skip
            found.append(Told(part=question.key, name=ANSWERED, properties=properties))
        elif question.kind == "text" and scored and "comment" not in found[-1].properties:
            found[-1].properties["comment"] = answer
    if not found:
        comment = next((heard[question.key] for question in asked if question.kind == "text"), None)
        properties = {**about, "type": "form"} | ({"comment": comment} if comment is not None else {})
        found.append(Told(part="form", name=ANSWERED, properties=properties))
    found[0].properties["answers"] = words
    return found
