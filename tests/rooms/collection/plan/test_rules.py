"""What a plan may say, and how it judges: the same by shape as by value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.plan.document import check_document, differences
from amity.rooms.collection.rules.plan.inference import schemas_from
from amity.rooms.collection.rules.plan.judge import Broken, judge_of
from amity.rooms.collection.rules.plan.schema import compile_schema
from amity.rooms.collection.rules.plan.shapes import TYPES, shape_of

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([1.0, 2.5]),
    st.sampled_from(["", "x"]),
    st.just([]),
    st.just({}),
)
TYPED = st.dictionaries(
    st.sampled_from("abcd"), st.fixed_dictionaries({"type": st.sampled_from([*TYPES, ["string", "integer"], ["number", "null"]])})
)


def judge(document, unplanned="allow", sources=None):
    return judge_of([check_document(document)], unplanned=unplanned, sources=sources or {})


@given(
    TYPED,
    st.lists(st.sampled_from("abcd"), unique=True),
    st.lists(st.dictionaries(st.sampled_from("abcd"), VALUES), min_size=1, max_size=3),
)
def test_a_verdict_by_shape_is_the_one_by_value(properties, required, sent):
    """What is remembered of a shape may never differ from what the schema says of this value: jsonschema-rs is the oracle."""
    schema = {"type": "object", "properties": properties, "required": required}
    one = judge({"name": "A", "properties": schema, "on_violation": "block"})
    oracle = compile_schema(schema)
    for value in sent * 2:
        verdict = one.judge(1, "track", "A", shape_of(value, {}), value, {})
        assert (verdict.action == "allow") == oracle.is_valid(value)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"$ref": "https://x.example/s.json"}, "$ref"),
        ({"properties": {"a": {"anyOf": []}}}, "anyOf"),
        ({"properties": {"a": {"pattern": "("}}}, "regex"),
        ({"properties": {"a": {"pattern": "a{1,1000}{1,1000}{1,1000}"}}}, "pattern|regex|size"),
        ({"properties": {"a": {"pattern": "x" * 201}}}, "pattern"),
        ({"properties": {"a": {"type": "text"}}}, "type"),
        ({"additionalProperties": False}, "unplanned_properties"),
        (
            {"properties": {"a": {"properties": {"a": {"properties": {"a": {"properties": {"a": {"items": {"items": {}}}}}}}}}}},
            "deep",
        ),
    ],
)
def test_what_a_plan_may_not_say(schema, said):
    with pytest.raises(Invalid, match=said.replace("$", r"\$")):
        check_document({"name": "A", "properties": schema})


def test_a_pattern_that_stalls_other_engines_is_quick():
    one = judge({"name": "A", "properties": {"properties": {"a": {"pattern": "^(a+)+$"}}}})
    value = {"a": "a" * 30_000 + "b"}
    assert one.judge(1, "track", "A", shape_of(value, {}), value, {}).broken == (Broken("pattern", "properties.a"),)


def test_a_source_may_differ_and_the_stronger_consequence_counts():
    document = {"name": "A", "on_violation": "flag", "unplanned_properties": "block", "properties": {"required": ["a"]}}
    one = judge(document, unplanned="quarantine", sources={7: ("allow", "allow")})

    def on(source, name, value):
        return one.judge(source, "track", name, shape_of(value, {}), value, {}).action

    assert [on(1, "B", {}), on(7, "B", {})] == ["quarantine", "allow"]
    assert [on(1, "A", {}), on(7, "A", {}), on(1, "A", {"b": 1})] == ["flag", "allow", "block"]


@given(st.dictionaries(st.text(max_size=3), st.integers()), st.dictionaries(st.text(max_size=3), st.integers()))
def test_a_difference_is_told_both_ways(one, other):
    there, back = differences({"x": one}, {"x": other}), differences({"x": other}, {"x": one})
    assert [(path, a, b) for path, a, b in there] == [(path, b, a) for path, a, b in back]
    assert bool(there) == (one != other)


def test_rare_types_and_properties_are_no_plan():
    row = dict.fromkeys(TYPES, 0) | {"place": "properties", "some": []}
    rows = [
        row | {"name": "often", "n": 9_991, "string": 9_990, "null": 1},
        row | {"name": "seldom", "n": 9_989, "integer": 9_000, "number": 989},
    ]
    made = schemas_from(rows, total=10_000)["properties"]
    assert made == {
        "type": "object",
        "required": ["often"],
        "properties": {"often": {"type": "string"}, "seldom": {"type": "number"}},
    }
