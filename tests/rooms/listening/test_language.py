"""The language of surveys: what is refused says what is wrong and where; texts, forms, colours, facts, scores."""

from __future__ import annotations

import json

import pytest

from amity.kernel.errors import Invalid
from amity.rooms.listening.rules.surveys.facts import told
from amity.rooms.listening.rules.surveys.form import fields_of, key_of, question_of
from amity.rooms.listening.rules.surveys.judging import judged
from amity.rooms.listening.rules.surveys.language import Definition, Question, filled, read, said, schema, written
from amity.rooms.listening.rules.surveys.links import LinkOver, Named, Ticket, open_link, open_ticket, seal_link, seal_ticket
from amity.rooms.listening.rules.surveys.scoring import score
from amity.rooms.listening.rules.surveys.words import chosen, direction, on_colour, words_in

NPS = {"key": "likely", "kind": "nps", "ask": "How likely?"}
WHY = {"key": "why", "kind": "text", "ask": "Why {{answer.likely}}?"}
PICK = {
    "key": "pick",
    "kind": "single",
    "ask": "Which?",
    "options": [{"key": "a", "text": "A"}, {"key": "b", "text": {"en": "B", "ar": "ب"}}],
}


def of(*questions, **more) -> str:
    return json.dumps({"version": 1, "title": "T", "languages": ["en", "ar"], "questions": list(questions)} | more)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "no JSON"),
        pytest.param("[" * 100_000, "object", id="deep"),
        ("{}", "title"),
        (of(title=" "), "needs a title"),
        (of(NPS, NPS), "Two questions"),
        (of(NPS | {"key": "end"}), "called end"),
        (of(NPS | {"key": "End"}), "questions[0].key"),
        (of(NPS | {"ask": ""}), "Say what"),
        (of(NPS | {"size": 3}), "size"),
        (of(PICK | {"options": PICK["options"][:1]}), "at least two"),
        (of(PICK | {"options": [PICK["options"][0]] * 2}), "the same key"),
        (of(NPS | {"options": PICK["options"]}), "only single"),
        (of(NPS | {"least": 1}), "least"),
        (of({"key": "n", "kind": "number", "ask": "?", "least": 3, "most": 2}), "more than the most"),
        (of({"key": "s", "kind": "statement", "ask": "!", "required": True}), "statement"),
        (of(NPS | {"only_if": {"tests": [{"question": "why", "is": "answered"}]}}, WHY), "no earlier question"),
        (of(NPS | {"only_if": {"tests": [{"question": "likely", "is": "answered"}]}}), "no earlier question"),
        (of(NPS, WHY | {"then": [{"to": "likely"}]}), "every way ends"),
        (of(NPS | {"then": [{"to": "likely"}]}), "every way ends"),
        (of(NPS, WHY | {"only_if": {"tests": [{"question": "likely", "is": "at_most", "to": "6"}]}}), "with a number"),
        (of(PICK, WHY | {"ask": "?", "only_if": {"tests": [{"question": "pick", "is": "equal", "to": "z"}]}}), "no such option"),
        (of(NPS, WHY | {"ask": "{{answer.what}}"}), "no answer called what"),
        (of(NPS | {"ask": {"fr": "Quoi ?"}}), "none of the survey's languages"),
        (of(NPS | {"hint": "a\0b"}), "NUL"),
        (of(NPS, colour="red; x"), "colour"),
        (of(languages=["en", "en"]), "once"),
        pytest.param(of(NPS | {"ask": "x" * 4_001}), "4000", id="long"),
        pytest.param(of(*({**NPS, "key": f"q{n}"} for n in range(101))), "100", id="many"),
    ],
)
def test_what_is_wrong_is_said(text, why):
    with pytest.raises(Invalid, match=why.replace("[", r"\[")):
        read(text)


def test_it_fits_its_own_schema_and_comes_back_as_it_was():
    import jsonschema_rs

    one = read(
        of(NPS | {"then": [{"to": "end", "if": {"tests": [{"question": "likely", "is": "at_least", "to": 9}]}}]}, WHY, PICK)
    )
    jsonschema_rs.validator_for(schema()).validate(written(one))
    assert read(json.dumps(written(one))) == one


def test_texts_are_said_in_a_language_and_filled_as_plain_text():
    one = read(of(NPS, PICK, title={"en": "Hello", "ar": "مرحبا"}))
    assert (said(one.title, "ar", one), said(one.title, "de", one), said(one.questions[1].options[1].text, "ar", one)) == (
        "مرحبا",
        "Hello",
        "ب",
    )
    words = "Hi {{ customer.first_name | there }}, {{answer.likely}}{{customer.{{x}}"
    assert filled(words, {"likely": "9"}, {}) == "Hi there, 9{{customer.{{x}}"
    assert filled(words, {}, {"first_name": "{{answer.likely}}"}).startswith(
        "Hi {{answer.likely}}, "
    )  # what is put in is not read again
    assert (direction("ar-EG"), direction("en"), words_in("xx")["send"]) == ("rtl", "ltr", "Send")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("ar-EG,en;q=0.5", "ar"),
        ("de, ar;q=0.3, en;q=0.9", "en"),
        pytest.param("x" * 9_999, "en", id="long"),
        ("ar;q=x", "ar"),
        (",;,", "en"),
    ],
)
def test_the_language_is_what_a_browser_accepts(accepted, language):
    assert chosen(["en", "ar"], wanted="zz", accepted=accepted) == language


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#0f596a", "#777777", "#ff0000", "#00ff00", "#767676"])
def test_words_on_a_colour_can_be_read(colour):
    def light(one: str) -> float:
        parts = [int(one[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] + 0.05

    pair = sorted((light(colour), light(on_colour(colour))))
    assert pair[1] / pair[0] >= 4.5


@pytest.mark.parametrize(
    ("question", "given", "expected"),
    [
        (NPS, ["10"], (10, "")), (NPS, ["11"], (None, "no_such")), (NPS, ["٣"], (None, "no_such")), (NPS, ["3.0"], (None, "no_such")),
        (NPS | {"required": True}, [" "], (None, "required")), (PICK, ["b"], ("b", "")), (PICK, ["<script>"], (None, "no_such")),
        (PICK | {"kind": "multiple"}, ["b", "a"], (["a", "b"], "")), (PICK | {"kind": "multiple"}, ["a", "z"], (None, "no_such")),
        ({"key": "n", "kind": "number", "ask": "?", "least": 1, "most": 9}, ["3,5"], (3.5, "")),
        ({"key": "n", "kind": "number", "ask": "?", "least": 1}, ["0"], (None, "too_small")),
        ({"key": "n", "kind": "number", "ask": "?", "most": 9}, ["1" * 15], (None, "too_large")),
        ({"key": "n", "kind": "number", "ask": "?"}, ["1e999"], (None, "no_number")), ({"key": "n", "kind": "number", "ask": "?"}, ["nan"], (None, "no_number")),
        ({"key": "d", "kind": "date", "ask": "?"}, ["2024-02-29"], ("2024-02-29", "")), ({"key": "d", "kind": "date", "ask": "?"}, ["2023-02-29"], (None, "no_date")),
        ({"key": "c", "kind": "consent", "ask": "?"}, ["yes"], (True, "")), ({"key": "t", "kind": "text", "ask": "?"}, ["a\0b"], ("a\ufffdb", "")),
        ({"key": "t", "kind": "text", "ask": "?"}, ["x" * 4_001], (None, "too_long")), ({"key": "s", "kind": "statement", "ask": "!"}, ["x"], (None, "")),
    ],
)  # fmt: skip
def test_the_server_judges_each_answer(question, given, expected):
    [one] = read(of(question)).questions
    answers, wrong = judged([one], {one.key: given})
    assert (answers.get(one.key), wrong.get(one.key, "")) == expected


def test_a_form_says_a_question_and_a_question_a_form():
    one = read(of(NPS, PICK, languages=["en", "ar"]))
    for question in one.questions:
        given = {name: value for name, value in fields_of(question, one).items() if isinstance(value, str)}
        assert read(of(question_of(given, one, question))).questions == [question]
    new = question_of({"kind": "text", "ask.en": "Why, likely?", "if0.question": "likely", "if0.how": "at_most", "if0.to": "6",
                       "then0.how": "always", "then0.goto": "end"}, one, None)  # fmt: skip
    assert (new["key"], new["only_if"], new["then"]) == (
        "why_likely", {"tests": [{"question": "likely", "is": "at_most", "to": 6.0}]}, [{"to": "end"}],
    )  # fmt: skip
    assert (key_of("7 سؤال!", {"q_7"}), key_of("end", set())) == ("q_7_2", "end_2")
    with pytest.raises(Invalid, match="no number"):
        question_of({"kind": "text", "ask.en": "?", "if0.question": "likely", "if0.how": "at_most", "if0.to": "x"}, one, None)


def test_a_response_is_told_in_the_words_that_the_metrics_count():
    ces = {"key": "easy", "kind": "ces", "ask": "Easy?"}
    hidden = {
        "key": "more",
        "kind": "csat",
        "ask": "?",
        "only_if": {"tests": [{"question": "likely", "is": "at_least", "to": 9}]},
    }
    one = read(of(NPS, WHY, ces, hidden, PICK))
    facts = told(one, {"likely": 3, "why": "late", "easy": 2, "more": 5, "pick": "b"}, about={"survey": "S"}, language="en")
    assert [(fact.part, fact.name, fact.properties["type"], fact.properties["scale"], fact.properties["score"]) for fact in facts] == [
        ("likely", "Survey Answered", "nps", 10, 3), ("easy", "Survey Answered", "ces", 7, 2),
    ]  # fmt: skip
    assert facts[0].properties["comment"] == "late"
    assert facts[0].properties["answers"] == {"likely": "3", "why": "late", "easy": "2", "pick": "B"}
    assert "comment" not in facts[1].properties
    [form] = told(read(of(PICK)), {"pick": "a"}, about={}, language="en")
    assert form.properties == {"type": "form", "answers": {"pick": "A"}}


def test_scores_are_those_of_the_metrics():
    from amity.rooms.metrics.rules.statistics import Sums, net, proportion, ratio

    nps = score("nps", {10: 30, 9: 20, 8: 30, 5: 20})
    theirs = net(Sums(n=100, events=100, x=100, xx=100, plus=50, minus=20, y=30, yy=70, xy=30))
    assert (nps.value, nps.low, nps.high) == (pytest.approx(theirs.value), pytest.approx(theirs.low), pytest.approx(theirs.high))
    csat = score("csat", {5: 20, 4: 20, 1: 20})
    theirs = proportion(Sums(n=60, events=60, y=40, x=60, yy=40, xx=60, xy=40))
    assert (csat.value, csat.low, csat.high) == (
        pytest.approx(theirs.value),
        pytest.approx(theirs.low),
        pytest.approx(theirs.high),
    )
    ces = score("ces", {7: 3, 2: 1})
    theirs = ratio(Sums(n=4, events=4, y=23, x=4, yy=151, xx=4, xy=23))
    assert (ces.value, ces.low, ces.high) == (pytest.approx(theirs.value), pytest.approx(theirs.low), pytest.approx(theirs.high))
    assert score("nps", {}).value is None


def test_links_and_tickets_pass_for_nothing_else():
    from uuid import uuid4

    secret, who = bytes(32), uuid4()
    link = seal_link(link_id="a" * 16, secret=secret, held=Named(customer_id=who, ends_at=120_000))
    assert open_link(link, secret=secret, now=0).customer_id == who
    ticket = seal_ticket(token=link, secret=secret, held=Ticket(response_id=who, version=3, made_at=5))
    assert open_ticket(ticket, token=link, secret=secret) == Ticket(response_id=who, version=3, made_at=5)
    for wrong in (
        lambda: open_link(link, secret=secret, now=120_000), lambda: open_link("b" + link[1:], secret=secret, now=0),
        lambda: open_link(link, secret=bytes(31) + b"1", now=0), lambda: open_ticket(ticket, token=link + "x", secret=secret),
        lambda: open_ticket(link[16:], token=link, secret=secret), lambda: open_link("a" * 16 + ticket, secret=secret, now=0),
        lambda: open_ticket("", token=link, secret=secret), lambda: open_ticket(ticket + "=", token=link, secret=secret),
    ):  # fmt: skip
        with pytest.raises(LinkOver):
            wrong()


def test_an_empty_survey_is_one():
    assert Definition(title="T").questions == []
    assert Question(key="q", kind="text", ask="?").scale is None
