"""Surveys of other systems: what comes, what the report says, and nothing that is given breaks it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.errors import Invalid
from amity.rooms.listening.rules.surveys.importing import bring_in
from amity.rooms.listening.rules.surveys.language import check

SURVEYJS = {
    "title": {"default": "How was it?", "de": "Wie war es?"}, "completedHtml": "<h3>Thank you</h3>",
    "pages": [
        {"name": "p1", "elements": [
            {"type": "rating", "name": "nps", "title": "How <b>likely</b>?", "rateMin": 0, "rateMax": 10, "isRequired": True,
             "minRateDescription": "Not", "maxRateDescription": "Very"},
            {"type": "panel", "name": "more", "elements": [{"type": "comment", "name": "why", "title": "Why?", "visibleIf": "{nps} < 7"}]},
        ]},
        {"name": "p2", "elements": [
            {"type": "checkbox", "name": "What went?", "choices": ["Late", {"value": "dear", "text": {"default": "Dear", "de": "Teuer"}}]},
            {"type": "rating", "name": "ten", "title": "Of ten", "rateMax": 9}, {"type": "matrix", "name": "grid", "title": "Grid"},
            {"type": "text", "inputType": "number", "name": "age", "title": "Age", "min": 0, "max": 120}, {"type": "boolean", "name": "again", "title": "Again?"},
        ]},
    ],
}  # fmt: skip
FORMBRICKS = {
    "data": {
        "name": "Care", "welcomeCard": {"enabled": True, "headline": {"default": "Hello", "de": "Hallo"}}, "endings": [{"headline": {"default": "Bye"}}, {}],
        "questions": [
            {"id": "q1", "type": "rating", "scale": "smiley", "range": 5, "headline": {"default": "Satisfied?", "de": "Zufrieden?"}, "required": True,
             "lowerLabel": {"default": "No"}, "upperLabel": {"default": "Yes"}, "logic": [{}]},
            {"id": "q2", "type": "multipleChoiceSingle", "headline": {"default": "Which?"}, "choices": [
                {"id": "c1", "label": {"default": "Shop"}}, {"id": "c2", "label": {"default": "Phone"}}]},
            {"id": "q3", "type": "openText", "headline": {"default": "Why {{x}}?"}}, {"id": "q4", "type": "fileUpload", "headline": {"default": "File"}},
        ],
    }
}  # fmt: skip
TYPEFORM = {
    "title": "Form", "welcome_screens": [{"title": "Hi"}], "thankyou_screens": [{"title": "Ta"}], "logic": [{"type": "field"}],
    "fields": [
        {"ref": "likely", "type": "nps", "title": "How likely?", "validations": {"required": True}, "properties": {"labels": {"left": "Not", "right": "Very"}}},
        {"type": "group", "title": "G", "properties": {"fields": [{"ref": "easy", "type": "opinion_scale", "title": "Easy?", "properties": {"steps": 7, "start_at_one": True}}]}},
        {"ref": "pick", "type": "multiple_choice", "title": "Which?", "properties": {"allow_multiple_selection": True, "choices": [{"label": "A"}, {"label": "B"}]}},
        {"ref": "file", "type": "file_upload", "title": "File"},
    ],
}  # fmt: skip


def told(given: object) -> tuple[str, list[tuple[str, str, bool]], str]:
    found = bring_in(json.dumps(given))
    check(found.definition)
    return found.source, [(one.key, one.kind, one.required) for one in found.definition.questions], " ".join(found.report)


def test_surveyjs():
    source, questions, report = told(SURVEYJS)
    assert (source, questions) == (
        "surveyjs", [("nps", "nps", True), ("why", "text", False), ("what_went", "multiple", False), ("ten", "single", False), ("age", "number", False),
                     ("again", "single", False)],
    )  # fmt: skip
    one = bring_in(json.dumps(SURVEYJS)).definition
    assert (one.title, one.thanks, one.languages) == ({"en": "How was it?", "de": "Wie war es?"}, "Thank you", ["en", "de"])
    assert (one.questions[0].ask, one.questions[0].low, one.questions[2].new_page) == ("How likely?", "Not", True)
    assert [(each.key, each.text) for each in one.questions[2].options] == [
        ("late", "Late"),
        ("dear", {"en": "Dear", "de": "Teuer"}),
    ]
    for each in ("why: its conditions", "a scale of 1 to 9", "grid: matrix isn't asked here"):
        assert each in report


def test_formbricks():
    source, questions, report = told(FORMBRICKS)
    assert (source, questions) == ("formbricks", [("q1", "csat", True), ("q2", "single", False), ("q3", "text", False)])
    one = bring_in(json.dumps(FORMBRICKS)).definition
    assert (one.intro, one.thanks, one.questions[0].look, one.questions[2].ask) == (
        {"en": "Hello", "de": "Hallo"},
        "Bye",
        "faces",
        "Why {x}?",
    )
    for each in ("q1: its logic", "several endings", "q4: fileUpload"):
        assert each in report


def test_typeform():
    source, questions, report = told(TYPEFORM)
    assert (source, questions) == ("typeform", [("likely", "nps", True), ("easy", "ces", False), ("pick", "multiple", False)])
    for each in ("Logic jumps", "file: file_upload"):
        assert each in report


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"fields": []}',
        '{"pages": [{"elements": 3}]}',
        pytest.param("[" * 99_999, id="deep"),
        '{"questions": [{}]}',
        '"\\u0000"',
    ],
)
def test_what_is_no_survey_is_refused(text):
    with pytest.raises(Invalid):
        bring_in(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 99) | st.text(max_size=8) | st.sampled_from(["nps", "rating", "text", "checkbox", "default", "en"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["pages", "elements", "fields", "questions", "blocks", "type", "name", "title", "headline", "choices", "properties", "validations",
                         "steps", "rateMin", "rateMax", "id", "ref", "label", "text", "value", "labels", "logic", "min", "range"]), inner, max_size=6),
    max_leaves=30,
)  # fmt: skip


@given(JSON)
def test_whatever_is_given_becomes_a_survey_or_is_refused(given):
    try:
        found = bring_in(json.dumps(given))
    except Invalid:
        return
    check(found.definition)
