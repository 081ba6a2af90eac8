"""The language of surveys, version 1: questions, what they depend on, where an answer leads. `read` says what is wrong, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.kernel.errors import Invalid

MOST_QUESTIONS, MOST_OPTIONS, MOST_TESTS, LONGEST_DEFINITION = 100, 100, 20, 500_000
END = "end"
Key = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
Language = Annotated[str, Meta(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
Words = Annotated[str, Meta(max_length=4_000)]
Text = Words | dict[Language, Words]
Kind = Literal["nps", "csat", "ces", "single", "multiple", "text", "number", "date", "consent", "statement"]
Look = Literal["numbers", "stars", "faces"]
How = Literal["answered", "unanswered", "equal", "not_equal", "at_least", "at_most", "one_of", "includes"]

SCALES: Mapping[str, tuple[int, int]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
_NEEDS_NONE, _NUMERIC = {"answered", "unanswered"}, {"at_least", "at_most"}
_PIPE = re.compile(r"\{\{\s*(answer|customer)\.([A-Za-z0-9_.$ -]{1,60}?)\s*(?:\|([^{}|]{0,120}))?\}\}")


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a definition."""


class Test(Part, frozen=True, rename={"how": "is"}):
    """Whether an answer is so. `to` is a number, a text, a truth or, for `one_of`, a list."""

    question: Key
    how: How
    to: str | float | bool | list[str] | None = None


class Condition(Part, frozen=True):
    """Holds where all of the tests do, or any of them."""

    tests: Annotated[list[Test], Meta(min_length=1, max_length=MOST_TESTS)]
    match: Literal["all", "any"] = "all"


class Jump(Part, frozen=True, rename={"when": "if"}):
    """Where it goes on after a question: at a later one, or at the end. Without `if`, always."""

    to: Key
    when: Condition | None = None


class Option(Part, frozen=True):
    """One of the answers to choose from."""

    key: Key
    text: Text


class Question(Part, frozen=True):
    """A question. `only_if` hides it unless it holds; `then` says where it goes on; `new_page` parts it from what is before."""

    key: Key
    kind: Kind
    ask: Text
    hint: Text = ""
    required: bool = False
    low: Text = ""
    high: Text = ""
    look: Look = "numbers"
    options: Annotated[list[Option], Meta(max_length=MOST_OPTIONS)] = []
    least: float | None = None
    most: float | None = None
    only_if: Condition | None = None
    then: Annotated[list[Jump], Meta(max_length=MOST_TESTS)] = []
    new_page: bool = False

    @property
    def scale(self) -> tuple[int, int] | None:
        """The lowest and highest point of a scale; None for what is none."""
        return SCALES.get(self.kind)


class Definition(Part, frozen=True):
    """A survey as it is asked. The first language is that of texts that aren't said in another."""

    title: Text
    questions: Annotated[list[Question], Meta(max_length=MOST_QUESTIONS)] = []
    intro: Text = ""
    thanks: Text = ""
    languages: Annotated[list[Language], Meta(min_length=1, max_length=40)] = msgspec.field(default_factory=lambda: ["en"])
    colour: Annotated[str, Meta(pattern="^#[0-9a-f]{6}$")] = "#0f596a"
    version: Literal[1] = 1

    def question(self, key: str) -> Question | None:
        """Return a question by its key."""
        return next((one for one in self.questions if one.key == key), None)


_decoder = msgspec.json.Decoder(Definition)


def read(text: str | bytes) -> Definition:
    """Read a definition from JSON. Raises Invalid with what is wrong, and where."""
    if len(text) > LONGEST_DEFINITION:
        raise Invalid(f"A definition has at most {LONGEST_DEFINITION:,} characters.")
    try:
        found = _decoder.decode(text)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at `")
        place = where.rstrip("`").removeprefix("$.").removeprefix("$")
        raise Invalid(f"{said.rstrip('.')}{f', at {place}' if place else ''}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, UnicodeEncodeError, RecursionError) as error:
        raise Invalid(f"The definition is no JSON: {str(error).removeprefix('JSON is malformed: ')}.") from None
    if b"\\u0000" in msgspec.json.encode(found):
        raise Invalid("A definition can't hold NUL characters: no engine keeps them.")
    check(found)
    return found


def check(one: Definition) -> None:
    """Raise Invalid for a definition that can't be asked as it stands."""
    if len(set(one.languages)) < len(one.languages):
        raise Invalid("Each language stands once.")
    for where, text in _texts(one):
        _check_text(where, text, one)
    if not said(one.title, one.languages[0], one):
        raise Invalid("A survey needs a title.")
    places: dict[str, int] = {}
    for n, question in enumerate(one.questions):
        if question.key in places or question.key == END:
            raise Invalid(f"Two questions are called {question.key}." if question.key != END else "No question is called end.")
        places[question.key] = n
        _check_question(question, one)
    for n, question in enumerate(one.questions):
        _check_logic(question, n, places, one)


def _check_question(question: Question, one: Definition) -> None:
    here = f"question {question.key}"
    if not said(question.ask, one.languages[0], one):
        raise Invalid(f"Say what {here} asks.")
    chooses = question.kind in {"single", "multiple"}
    if chooses and len(question.options) < 2:
        raise Invalid(f"At {here}: give at least two answers to choose from.")
    if question.options and not chooses:
        raise Invalid(f"At {here}: only single and multiple choice have options.")
    if len({option.key for option in question.options}) < len(question.options):
        raise Invalid(f"At {here}: two options have the same key.")
    for option in question.options:
        if not said(option.text, one.languages[0], one):
            raise Invalid(f"At {here}: option {option.key} says nothing.")
    if question.kind == "statement" and question.required:
        raise Invalid(f"At {here}: a statement asks nothing, so it can't be required.")
    if question.kind != "number" and (question.least is not None or question.most is not None):
        raise Invalid(f"At {here}: only numbers have a least and a most.")
    if question.least is not None and question.most is not None and question.least > question.most:
        raise Invalid(f"At {here}: the least is more than the most.")


def _check_logic(question: Question, n: int, places: Mapping[str, int], one: Definition) -> None:
    here = f"question {question.key}"
    if question.only_if is not None:
        _check_condition(question.only_if, here, n - 1, places, one)
    for jump in question.then:
        if jump.to != END and places.get(jump.to, -1) <= n:
            raise Invalid(f"At {here}: it goes on at a later question or at the end, so that every way ends; {jump.to} is none.")
        if jump.when is not None:
            _check_condition(jump.when, here, n, places, one)


def _check_condition(condition: Condition, here: str, last: int, places: Mapping[str, int], one: Definition) -> None:
    for test in condition.tests:
        asked = one.question(test.question)
        if asked is None or places[test.question] > last:
            raise Invalid(f"At {here}: {test.question} is no earlier question.")
        if asked.kind == "statement":
            raise Invalid(f"At {here}: {test.question} is a statement, which nobody answers.")
        _check_test(test, asked, here)


def _check_test(test: Test, asked: Question, here: str) -> None:  # noqa: C901  one branch for each test
    is_number = isinstance(test.to, int | float) and not isinstance(test.to, bool)
    if test.how in _NEEDS_NONE:
        if test.to is not None:
            raise Invalid(f"At {here}: “{test.how}” compares with nothing.")
    elif test.how in _NUMERIC:
        if not is_number or not (asked.scale or asked.kind == "number"):
            raise Invalid(f"At {here}: “{test.how}” compares a number or scale with a number.")
    elif test.how == "one_of":
        if not isinstance(test.to, list):
            raise Invalid(f"At {here}: “one_of” needs a list.")
    elif test.how == "includes":
        if asked.kind != "multiple" or not isinstance(test.to, str):
            raise Invalid(f"At {here}: “includes” looks for one option of a multiple choice.")
    elif test.to is None or isinstance(test.to, list):
        raise Invalid(f"At {here}: “{test.how}” needs one value.")
    known: set[str] = {option.key for option in asked.options}
    named: list[str] = test.to if isinstance(test.to, list) else [test.to] if isinstance(test.to, str) else []
    if known and not known.issuperset(named):
        raise Invalid(f"At {here}: {asked.key} has no such option.")


def _check_text(where: str, text: Text, one: Definition) -> None:
    if isinstance(text, dict):
        unknown = sorted(set(text) - set(one.languages))
        if unknown:
            raise Invalid(f"At {where}: {unknown[0]} is none of the survey's languages.")
    for _, kind, name in pipes(text):
        if kind == "answer":
            asked = one.question(name)
            if asked is None or asked.kind == "statement":
                raise Invalid(f"At {where}: there is no answer called {name}.")


def _texts(one: Definition) -> Iterator[tuple[str, Text]]:
    yield from (("title", one.title), ("intro", one.intro), ("thanks", one.thanks))
    for question in one.questions:
        for name in ("ask", "hint", "low", "high"):
            yield f"question {question.key}, {name}", getattr(question, name)
        for option in question.options:
            yield f"question {question.key}, option {option.key}", option.text


def pipes(text: Text) -> Iterator[tuple[re.Match[str], str, str]]:
    """Give what a text takes from elsewhere: the place in it, `answer` or `customer`, and the name."""
    for words in text.values() if isinstance(text, dict) else (text,):
        for found in _PIPE.finditer(words):
            yield found, found[1], found[2]


def said(text: Text, language: str, one: Definition) -> str:
    """Return a text in a language; in the survey's first where it isn't said."""
    if isinstance(text, str):
        return text.strip()
    return (text.get(language) or text.get(one.languages[0]) or "").strip()


def filled(words: str, answers: Mapping[str, str], traits: Mapping[str, str]) -> str:
    """Return words with what they take from earlier answers and from what is known of a customer, both as plain text."""

    def one(found: re.Match[str]) -> str:
        known = answers if found[1] == "answer" else traits
        return known.get(found[2]) or (found[3] or "").strip()

    return _PIPE.sub(one, words)


def written(one: Definition) -> dict[str, Any]:
    """Return a definition as it is kept: JSON objects."""
    found: dict[str, Any] = {"version": 1, **msgspec.json.decode(msgspec.json.encode(one))}
    return found


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a definition (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Amity survey, version 1",
        **msgspec.json.schema(Definition),
    }
