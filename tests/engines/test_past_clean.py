"""What is said to be clean is what cleaning returns as it is, to the byte."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from amity.engines.past.shape import MAX_PATHS, clean, is_clean

KEYS = st.one_of(st.sampled_from(["a", "b", "a.b", "", "x" * 201, "nul\0", "é", "\ud800"]), st.text(max_size=4))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(2**63 - 2, 2**64 + 2),
    st.floats(),
    st.text(max_size=5),
    st.just("\ud834"),
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_clean_objects_stay_as_they_are(given):
    if is_clean(given):
        assert msgspec.json.encode(clean(given)) == msgspec.json.encode(given)


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.one_of(st.integers(-5, 5), st.text("xyz", max_size=3)), max_size=6)
)
def test_plain_objects_are_clean(given):
    assert is_clean(given)


def test_too_many_paths_are_not_clean():
    many = {f"a{n}": {f"b{m}": 1 for m in range(10)} for n in range(MAX_PATHS // 10 + 1)}
    assert not is_clean(many)
    assert clean(many) != many
    deep: dict = {}
    at = deep
    for _ in range(30):
        at["a"] = {}
        at = at["a"]
    assert not is_clean(deep)


def test_lists_of_plain_objects_are_clean_as_long_as_they_fit():
    order = {"products": [{"sku": "a", "price": 1.5}, {}, {"sku": "b", "tags": ["x", None], "size": {"w": 1}}], "total": 2}
    assert is_clean(order)
    assert not is_clean({"a": [{"b.c": 1}]})
    assert not is_clean({"a": [[{"b": 1}]]})
    for number in range(MAX_PATHS - 3, MAX_PATHS + 3):
        many = {"a": [{"b": n} for n in range(number)]}
        assert not is_clean(many) or clean(many) == many
    assert not is_clean({"a": [{"b": n} for n in range(MAX_PATHS)]})
    deep: object = "leaf"
    for n in range(30):
        deep = {"a": deep} if n % 2 else [deep, {"b": 1}] if isinstance(deep, dict) else {"a": deep}
        if isinstance(deep, dict):
            assert not is_clean(deep) or clean(deep) == deep
    assert not is_clean(deep if isinstance(deep, dict) else {"a": deep})
