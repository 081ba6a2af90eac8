"""The logic of surveys: every way ends, hidden questions have no answers, and the pages lead where the server judges."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from amity.rooms.listening.rules.surveys.judging import judged
from amity.rooms.listening.rules.surveys.language import Definition, Question, check, read, written
from amity.rooms.listening.rules.surveys.logic import kept, missing, next_page, pages, passes, path, shown_on
from tests.rooms.listening.making import definitions, sent_for


def answered(one: Definition, draw) -> dict:
    sent = {question.key: sent_for(question, draw) for question in one.questions}
    return judged(one.questions, sent)[0]


@given(st.data())
def test_every_way_goes_forward_and_ends(data):
    one = data.draw(definitions())
    check(one)
    places = {question.key: n for n, question in enumerate(one.questions)}
    way = [places[question.key] for question in path(one, answered(one, data.draw))]
    assert way == sorted(set(way))


@given(st.data())
def test_what_is_hidden_has_no_answer_and_says_nothing(data):
    one = data.draw(definitions())
    answers = answered(one, data.draw)
    left = kept(one, answers)
    assert left.keys() <= {question.key for question in path(one, answers)}
    assert kept(one, left) == left
    assert path(one, left) == path(one, answers)
    other = left | {
        key: value for key, value in answered(one, data.draw).items() if key not in {q.key for q in path(one, answers)}
    }
    assert kept(one, other) == left


@given(st.data())
def test_page_after_page_comes_by_the_same_questions(data):
    one = data.draw(definitions())
    final, number, seen = {}, next_page(one, -1, {}), []
    while number is not None:
        shown = shown_on(one, number, final)
        assert shown
        found, _ = judged(shown, {question.key: sent_for(question, data.draw) for question in shown})
        after = {key: value for key, value in final.items() if key not in {q.key for q in shown}} | found
        assert shown_on(one, number, after) == shown  # what is answered on a page changes nothing on it
        seen += [question.key for question in shown]
        final, number = after, next_page(one, number, after)
    assert seen == [question.key for question in path(one, final)]
    assert set(missing(one, final)) == {q.key for q in path(one, final) if q.required and q.key not in final}


@given(definitions())
def test_a_definition_is_read_as_it_was_written(one):
    import json

    assert read(json.dumps(written(one))) == one
    assert [question for page in pages(one) for question in page] == one.questions


def test_a_required_statement_of_a_bool_is_no_number():
    scale = Question(key="q", kind="nps", ask="?")
    from amity.rooms.listening.rules.surveys.language import Test

    assert not passes(Test(question="q", how="at_least", to=0.0), True)
    assert not passes(Test(question="q", how="equal", to=1.0), True)
    assert passes(Test(question="q", how="equal", to=9.0), 9)
    assert scale.scale == (0, 10)
