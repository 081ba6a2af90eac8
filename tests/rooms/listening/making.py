"""Surveys for tests: definitions that Hypothesis makes, and answers to them."""

from __future__ import annotations

from hypothesis import strategies as st

from amity.rooms.listening.rules.surveys.language import Condition, Definition, Jump, Option, Question, Test

KINDS = ("nps", "csat", "ces", "single", "multiple", "text", "number", "consent", "date", "statement")
OPTIONS = [Option(key=key, text=key) for key in ("a", "b", "c")]


@st.composite
def tests_of(draw, question: Question) -> Test:
    """Return a test that the language allows of a question's answers."""
    how = draw(st.sampled_from(["answered", "unanswered", "equal", "not_equal", "at_least", "at_most", "includes", "one_of"]))
    if how in {"answered", "unanswered"} or question.kind in {"date", "text"}:
        return Test(question=question.key, how=how if how in {"answered", "unanswered"} else "answered")
    if question.scale or question.kind == "number":
        how = how if how in {"equal", "not_equal", "at_least", "at_most"} else "at_most"
        return Test(question=question.key, how=how, to=float(draw(st.integers(0, 10))))
    if question.kind == "consent":
        return Test(question=question.key, how="equal", to=draw(st.booleans()))
    if question.kind == "multiple":
        return Test(question=question.key, how="includes", to=draw(st.sampled_from("abc")))
    if how == "one_of":
        return Test(question=question.key, how=how, to=draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True)))
    return Test(question=question.key, how="equal" if how != "not_equal" else how, to=draw(st.sampled_from("abc")))


@st.composite
def definitions(draw) -> Definition:
    """Return a survey with logic: conditions on earlier questions, jumps to later ones."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=9))
    keys = [f"q{n}" for n in range(len(kinds))]
    made: list[Question] = []
    for n, kind in enumerate(kinds):
        question = Question(
            key=keys[n], kind=kind, ask="?", options=OPTIONS if kind in {"single", "multiple"} else [],
            required=kind != "statement" and draw(st.booleans()), new_page=draw(st.booleans()),
        )  # fmt: skip
        known = [one for one in made if one.kind != "statement"]
        only_if = None
        if known and draw(st.booleans()):
            tests = [draw(tests_of(draw(st.sampled_from(known)))) for _ in range(draw(st.integers(1, 3)))]
            only_if = Condition(tests=tests, match=draw(st.sampled_from(["all", "any"])))
        then = []
        for _ in range(draw(st.integers(0, 2))):
            asked = [*known, question] if kind != "statement" else known
            when = Condition(tests=[draw(tests_of(draw(st.sampled_from(asked))))]) if asked and draw(st.booleans()) else None
            then.append(Jump(to=draw(st.sampled_from([*keys[n + 1 :], "end"])), when=when))
        made.append(
            Question(
                key=question.key, kind=kind, ask="?", options=question.options, required=question.required, only_if=only_if, then=then,
                new_page=question.new_page,
            )
        )  # fmt: skip
    return Definition(title="T", questions=made)


def sent_for(question: Question, draw) -> list[str]:
    """Return what somebody may send for a question, right or wrong."""
    if draw(st.integers(0, 3)) == 0:
        return []
    right = {
        "single": ["a"], "multiple": ["a", "c"], "text": ["so"], "number": ["4"], "consent": ["yes"], "date": ["2026-01-31"], "statement": ["x"],
    }  # fmt: skip
    if question.scale is not None:
        return [str(draw(st.integers(*question.scale)))]
    return right[question.kind]
