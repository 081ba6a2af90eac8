"""A plan as files: what is written is read again, whatever names and values it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.plan.document import check_document
from amity.rooms.collection.rules.plan.files import document_text, paths_for, read_files, rest_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20) | st.sampled_from(
    ["no", "on", "yes", "null", "~", "012", "12:30", "2026-01-01", "1e3", "*a", "&a", "- a", "a: b", "#", "\u202e", "\x85", " x "]
)
VALUES = TEXTS | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()
SCHEMAS = st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={
        "properties": st.dictionaries(
            TEXTS,
            st.fixed_dictionaries(
                {"type": st.sampled_from(["string", ["number", "null"]])},
                optional={"enum": st.lists(VALUES, min_size=1, max_size=3), "description": TEXTS, "x-pii": st.just("personal")},
            ),
            max_size=4,
        ),
        "required": st.lists(TEXTS, unique=True, max_size=3).map(sorted),
    },
)
DOCUMENTS = st.builds(
    lambda name, owner, about, schema, status: check_document({
        "name": f"n{name}", "owner": owner, "description": about, "properties": schema, "status": status
    }),
    TEXTS, TEXTS, TEXTS, SCHEMAS, st.sampled_from(["live", "planned"]),
)  # fmt: skip


@given(st.lists(DOCUMENTS, max_size=4, unique_by=lambda d: d["name"]))
def test_what_is_written_is_read_again(documents):
    paths = paths_for([(d["kind"], d["name"]) for d in documents], {})
    assert len({path.lower() for path in paths.values()}) == len(documents)
    read = read_files({paths[d["kind"], d["name"]]: document_text(d) for d in documents})
    assert {d["name"]: d for d in read.documents} == {d["name"]: d for d in documents}


def test_a_file_says_no_more_than_it_must():
    made = check_document(
        {"name": "Order Completed", "properties": {"type": "object", "properties": {"total": {"type": "number"}, "id": {}}}}
    )
    assert document_text(made) == (
        "kind: track\nname: Order Completed\nproperties:\n  type: object\n  properties:\n    id: {}\n    total:\n      type: number\n"
    )
    assert rest_text(unplanned="flag", sources={"Shop": {"unplanned": "", "on_violation": "block"}}) == (
        "unplanned: flag\nsources:\n  Shop:\n    on_violation: block\n"
    )


def test_names_that_look_alike_get_files_of_their_own():
    found = paths_for(
        [("track", "Order"), ("track", "order"), ("track", "注文"), ("page", "")], {("track", "order"): "old/o.yml"}
    )
    assert found["track", "order"] == "old/o.yml"
    assert found["track", "Order"] == "track/order.yaml"
    assert found["page", ""] == "page/any.yaml"
    assert found["track", "注文"] == "track/named.yaml"
    assert paths_for([("track", "a b"), ("track", "A b")], {})["track", "a b"].startswith("track/a-b-")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: A\nname: B", "twice"),
        ("a: &x [1]\nb: *x", "alias"),
        ("name: [", "no YAML"),
        ("name: A\nstatuss: live", "statuss"),
        ("name: A\nproperties: {properties: {a: {type: text}}}", "type"),
        ("!!python/object/apply:os.system ['true']", "no YAML"),
        ("[" * 5_000, "no YAML"),
        ("name: " + "x" * 1_000_001, "at most"),
    ],
)
def test_what_is_wrong_is_told_with_its_file(text, said):
    with pytest.raises(Invalid, match=rf"(?s)^track/a\.yaml: .*{said}"):
        read_files({"track/a.yaml": text})


def test_two_files_of_one_interaction_and_a_wrong_rest_are_told_at_once():
    with pytest.raises(Invalid) as told:
        read_files({"a.yaml": "name: A", "b.yaml": "name: A", "plan.yaml": "unplanned: maybe"})
    assert told.value.message.splitlines() == [
        "b.yaml: a.yaml tells of A already; keep one of the two.",
        "plan.yaml: unplanned: one of allow, flag, block, quarantine.",
    ]


def test_yes_and_no_are_texts():
    [made] = read_files({"a.json": '{"name": "A", "properties": {"properties": {"on": {"enum": ["no", "yes"]}}}}'}).documents
    assert read_files({"a.yaml": "name: A\nproperties:\n  properties:\n    on: {enum: [no, yes]}"}).documents == (made,)
