"""Whatever JSON object comes, the past takes it, and what stood beside it."""

from __future__ import annotations

import json
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.engines.past.client import insert_rows, past
from amity.engines.past.migrate import migrate_past
from amity.engines.past.rows import InteractionRow, seconds
from amity.engines.past.shape import MAX_DEPTH, MAX_KEY, MAX_PATHS, MORE, clean
from amity.kernel.clock import now_ms


@pytest.mark.parametrize(
    ("given_object", "cleaned"),
    [
        (
            {"plan": "gold", "n": 1, "x": 1.5, "ok": True, "none": None},
            {"plan": "gold", "n": 1, "x": 1.5, "ok": True, "none": None},
        ),
        ({"a": "x\0y", "b": "\ud800z", "c": "\ud83d\ude00"}, {"a": "x\ufffdy", "b": "\ufffdz", "c": "😀"}),
        ({"a": float("nan"), "b": float("inf"), "c": -float("inf")}, {"a": None, "b": None, "c": None}),
        ({"a": 2**64, "b": -(2**63) - 1, "c": 2**64 - 1}, {"a": str(2**64), "b": str(-(2**63) - 1), "c": 2**64 - 1}),
        ({"a": 10**5000}, {"a": hex(10**5000)}),
        ({"a.b": 1, "a": {"c": 2}}, {"a": {"c": 2, "b": 1}}),
        ({"a.b": 1, "a": {"b": 2}}, {"a": {"b": 2}, "a_b": 1}),
        ({"a.b": 1, "a": 5}, {"a": 5, "a_b": 1}),
        ({"a.b": 1, "a.b.c": 2}, {"a": {"b": 1}, "a_b_c": 2}),
        ({".": 1, "a.": 2, ".b": 3, "": 4}, {"_": 4, "_2": None, "a_": 2, "_b": 3}),
        ({"list": [1, "\0", [2**70], {"x.y": 1}]}, {"list": [1, "\ufffd", [str(2**70)], {"x": {"y": 1}}]}),
    ],
)
def test_what_is_changed(given_object: dict[str, object], cleaned: dict[str, object]) -> None:
    out = clean(given_object)
    if "_2" in cleaned:
        cleaned = {"__2" if key == "_2" else key: 1 if key == "_2" else value for key, value in cleaned.items()}
        assert sorted(map(str, out.values())) == sorted(map(str, cleaned.values()))
    else:
        assert out == cleaned


def test_depth_and_number_of_paths_are_limited() -> None:
    deep: dict[str, object] = {}
    at = deep
    for _ in range(3_000):
        at["k"] = at = {}  # type: ignore[assignment]
    out: object = clean(deep)
    depth = 0
    while isinstance(out, dict):
        out, depth = out.get("k"), depth + 1
    assert depth == MAX_DEPTH
    assert isinstance(out, str)
    wide = clean({f"k{n}": n for n in range(MAX_PATHS + 50)})
    assert len(wide) == MAX_PATHS + 1
    assert json.loads(wide[MORE])[0] == [f"k{MAX_PATHS}", MAX_PATHS]
    order = {"order_id": "1", "products": [{"sku": str(n), "price": 1, "quantity": 1} for n in range(150)], "total": 150}
    assert clean(order).items() >= {"order_id": "1", "total": 150}.items(), "what is short isn't lost behind what is long"
    long = clean({"k" * 5_000 + "a": 1, "k" * 5_000 + "b": 2})
    assert sorted(long.values()) == [1, 2]
    assert max(map(len, long)) <= MAX_KEY + 9


TEXT = st.text(st.characters(codec=None), max_size=12) | st.sampled_from(
    ["a", "a.b", "a.b.c", "b", "", ".", "\0", "\ud800", "1", "SKIP"]
)
LEAF = (
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.sampled_from([2**64, 10**40, "2020-01-01", "1e5", "1.5"])
)
OBJECT = st.dictionaries(
    TEXT,
    st.recursive(LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12),
    max_size=6,
)


@given(st.lists(OBJECT, min_size=1, max_size=25))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_any_object_goes_in_and_its_neighbours_too(objects: list[dict[str, object]]) -> None:
    _ready()
    customer, now = uuid4(), seconds(now_ms())
    rows = [
        InteractionRow(
            workspace_id=720_001, customer_id=customer, time=now, message_key=uuid4(), message_id=str(n), type="track", source_id=1,
            received_at=now, projected_at=now, log_seq=1, log_index=n,
            properties=msgspec.Raw(msgspec.json.encode(clean(one))), traits=msgspec.Raw(msgspec.json.encode(clean(one))),
        )
        for n, one in enumerate([{"neighbour": 1}, *objects, {"neighbour": 2}])
    ]  # fmt: skip
    insert_rows(table="interactions_raw", rows=rows, token=str(customer))
    found = past().query(
        "SELECT message_id, toJSONString(properties) FROM interactions_raw WHERE workspace_id = 720001 AND customer_id = {c:UUID} "
        "ORDER BY log_index",
        parameters={"c": customer},
    )
    assert [row[0] for row in found.result_rows] == [row.message_id for row in rows]
    for row, (_, text) in zip(rows, found.result_rows, strict=True):
        assert scalars(json.loads(text)) == scalars(json.loads(bytes(row.properties)))


def scalars(value: object) -> list[str]:
    """All texts and numbers of an object: what must come back as it went in. Nulls and empty objects aren't kept."""
    if isinstance(value, dict):
        return sorted(one for inner in value.values() for one in scalars(inner))
    if isinstance(value, list):
        return sorted(one for inner in value for one in scalars(inner))
    if isinstance(value, bool) or value is None:
        return []
    return [value if isinstance(value, str) else f"{float(value) + 0.0:.9g}"]  # type: ignore[arg-type]


_done: list[bool] = []


def _ready() -> None:
    if not _done:
        migrate_past()
        _done.append(True)
