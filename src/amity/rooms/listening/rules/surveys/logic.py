"""Which questions somebody is asked, and which of their answers count: the one judge of page and server. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from amity.rooms.listening.contracts import Answer
from amity.rooms.listening.rules.surveys.language import END, Condition, Definition, Question, Test, pipes

Answers = Mapping[str, Answer]


def holds(condition: Condition | None, answers: Answers) -> bool:
    """Whether a condition holds of answers; none always does."""
    if condition is None:
        return True
    found = (passes(test, answers.get(test.question)) for test in condition.tests)
    return all(found) if condition.match == "all" else any(found)


def passes(test: Test, answer: Answer | None) -> bool:  # noqa: PLR0911  one for each test
    """Whether an answer is as a test says. What isn't answered passes `unanswered` and `not_equal` alone."""
    if test.how in {"answered", "unanswered"}:
        return (answer is not None) == (test.how == "answered")
    if answer is None:
        return test.how == "not_equal"
    if test.how == "equal":
        return _same(answer, test.to)
    if test.how == "not_equal":
        return not _same(answer, test.to)
    if test.how == "one_of":
        return any(_same(answer, one) for one in (test.to if isinstance(test.to, list) else ()))
    if test.how == "includes":
        return isinstance(answer, list) and test.to in answer
    if isinstance(answer, bool | str | list) or isinstance(test.to, bool | str | list) or test.to is None:
        return False
    return answer >= test.to if test.how == "at_least" else answer <= test.to


def path(one: Definition, answers: Answers) -> list[Question]:
    """Return the questions that these answers lead through, in order. It goes forward only, so it ends.

    Answers of questions that it doesn't come by say nothing, whatever they are.
    """
    places = {question.key: n for n, question in enumerate(one.questions)}
    heard: dict[str, Answer] = {}
    shown: list[Question] = []
    n = 0
    while n < len(one.questions):
        question, n = one.questions[n], n + 1
        if not holds(question.only_if, heard):
            continue
        shown.append(question)
        if question.key in answers:
            heard[question.key] = answers[question.key]
        to = next((jump.to for jump in question.then if holds(jump.when, heard)), "")
        if to == END:
            break
        n = places[to] if to else n
    return shown


def kept(one: Definition, answers: Answers) -> dict[str, Answer]:
    """Return the answers that count: those of questions that were shown."""
    return {question.key: answers[question.key] for question in path(one, answers) if question.key in answers}


def missing(one: Definition, answers: Answers) -> list[str]:
    """Return the keys of required questions on the way that aren't answered."""
    return [question.key for question in path(one, answers) if question.required and question.key not in answers]


def pages(one: Definition) -> list[list[Question]]:
    """Return the questions by page: a page ends where what follows may depend on what is answered on it."""
    found: list[list[Question]] = []
    targets = {jump.to for question in one.questions for jump in question.then}
    here: set[str] = set()
    for question in one.questions:
        leads_on = bool(found and found[-1][-1].then)
        if not found or leads_on or question.new_page or question.key in targets or _takes(question) & here:
            found.append([])
            here = set()
        found[-1].append(question)
        here.add(question.key)
    return found


def shown_on(one: Definition, number: int, answers: Answers) -> list[Question]:
    """Return the questions of a page (from 0) that these answers lead to."""
    way = {question.key for question in path(one, answers)}
    return [question for question in pages(one)[number] if question.key in way]


def next_page(one: Definition, after: int, answers: Answers) -> int | None:
    """Return the next page after one (-1: the first) that has a question to show; None at the end."""
    way, every = {question.key for question in path(one, answers)}, pages(one)
    return next((n for n in range(after + 1, len(every)) if any(question.key in way for question in every[n])), None)


def page_before(one: Definition, number: int, answers: Answers) -> int | None:
    """Return the page before one that has a question to show; None at the first."""
    way, every = {question.key for question in path(one, answers)}, pages(one)
    return next((n for n in range(number - 1, -1, -1) if any(question.key in way for question in every[n])), None)


def _takes(question: Question) -> set[str]:
    """Return the keys of the questions that a question's being shown or its words depend on."""
    needed = {test.question for test in question.only_if.tests} if question.only_if else set()
    texts = (question.ask, question.hint, question.low, question.high, *(option.text for option in question.options))
    return needed | {name for text in texts for _, kind, name in pipes(text) if kind == "answer"}


def _same(answer: Answer, to: object) -> bool:
    if isinstance(answer, bool) or isinstance(to, bool):
        return answer is to
    return answer == to


def in_order(one: Definition, keys: Sequence[str]) -> list[str]:
    """Return keys in the order in which they are asked."""
    wanted = set(keys)
    return [question.key for question in one.questions if question.key in wanted]
