"""Sealed values: the same each time, never alike for two, opened by any key that was, by nothing else."""

from __future__ import annotations

import json
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import count

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from amity.engines import fieldkeys
from amity.engines.fieldkeys import Unreadable, keys_of, opened, opened_deep, rotate
from amity.kernel.sealed import HIDDEN, PREFIX, hide_deep, is_sealed
from amity.kernel.settings import settings

_numbers = count(900_001)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture
def workspace() -> int:
    return next(_numbers)


@given(VALUES)
def test_what_is_sealed_is_opened(value):
    keys = keys_of(900_000)
    sealed = keys.seal(value, of=b"m1traitsiban")
    assert is_sealed(sealed)
    assert keys.open(sealed) == value
    assert sealed == keys.seal(value, of=b"m1traitsiban")
    assert sealed != keys.seal(value, of=b"m2traitsiban")
    body = urlsafe_b64decode(sealed.split(".")[3])
    plain = AESGCM(keys.keys[keys.current]).decrypt(body[:12], body[12:], b"amity.field.900000")  # the library as the oracle
    assert json.loads(plain) == value


def test_a_rotation_seals_anew_and_opens_what_was(workspace):
    old = keys_of(workspace).seal("DE02", of=b"a")
    made = rotate(workspace)
    assert made.current == 2
    new = keys_of(workspace).seal("DE02", of=b"a")
    assert new.startswith(f"{PREFIX}2.")
    assert [opened(workspace, one) for one in (old, new, "open", 5)] == ["DE02", "DE02", "open", 5]


def test_another_workspaces_key_opens_nothing(workspace):
    sealed = keys_of(workspace).seal("x", of=b"a")
    with pytest.raises(Unreadable):
        opened(next(_numbers), sealed)


@pytest.mark.parametrize(
    "broken", ["sealed.1.", "sealed.1.9.AAAA", "sealed.1.1.%%%", "sealed.1.1.", "sealed.1.x.AAAA", "sealed.1.1.é"]
)
def test_what_is_none_is_told(workspace, broken):
    with pytest.raises(Unreadable):
        opened(workspace, broken)
    sealed = keys_of(workspace).seal("secret", of=b"a")
    head, body = sealed.rsplit(".", 1)
    raw = bytearray(urlsafe_b64decode(body))
    raw[-1] ^= 1
    with pytest.raises(Unreadable):
        opened(workspace, f"{head}.{urlsafe_b64encode(bytes(raw)).decode()}")


def test_the_file_is_the_owners_alone_and_shows_no_key_elsewhere(workspace):
    keys = keys_of(workspace)
    path = settings().secrets / f"field-keys-{workspace}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(keys.keys[1]) not in repr(keys)
    fieldkeys._files.clear()
    assert keys_of(workspace) == keys


def test_deep(workspace):
    sealed = keys_of(workspace).seal({"a": 1}, of=b"a")
    row = {"traits": {"iban": sealed}, "properties": json.dumps({"x": sealed, "y": [sealed]}), "n": 1, "odd": f"see {PREFIX}"}
    told = opened_deep(workspace, row)
    assert told["traits"] == {"iban": {"a": 1}}
    assert json.loads(told["properties"]) == {"x": {"a": 1}, "y": [{"a": 1}]}
    assert told["odd"] == f"see {PREFIX}"
    assert hide_deep({"a": [sealed, 1]}) == {"a": [HIDDEN, 1]}
