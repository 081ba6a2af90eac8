from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.rooms.trust.rules.chain import COVERED, GENESIS, plain, row_hash
from amity.rooms.trust.rules.roles import (
    PERMISSIONS,
    ROLE_HINTS,
    ROLE_NAMES,
    ROLES,
    grantable,
    keeps_an_owner,
    may_grant,
    permissions_of,
    token_permissions,
)

roles = st.sampled_from(sorted(ROLES))


def test_every_role_holds_known_permissions_and_has_words():
    assert set().union(*ROLES.values()) == set(PERMISSIONS)
    assert set(ROLE_NAMES) == set(ROLE_HINTS) == set(ROLES)


def test_owner_stands_above_every_other_role():
    assert all(permissions_of(role) < permissions_of("owner") for role in ROLES if role != "owner")


@given(roles, roles)
def test_nobody_grants_what_they_do_not_hold(granter, role):
    assert may_grant(granter, role) == (permissions_of(role) <= permissions_of(granter))
    assert (role in grantable(granter)) == may_grant(granter, role)


def test_unknown_roles_may_nothing_and_are_granted_by_nobody():
    assert permissions_of("root") == frozenset()
    assert not may_grant("owner", "root")
    assert grantable("root") == []


@given(roles, st.none() | roles)
def test_a_token_never_does_more_than_its_maker(token, maker):
    given_now = token_permissions(token, maker)
    assert given_now <= permissions_of(token)
    assert maker is None or given_now <= permissions_of(maker)


@pytest.mark.parametrize(
    ("owners", "was", "becomes", "fine"),
    [
        (1, "owner", None, False),
        (1, "owner", "admin", False),
        (1, "owner", "owner", True),
        (2, "owner", None, True),
        (1, "admin", None, True),
    ],
)
def test_a_workspace_keeps_an_owner(owners, was, becomes, fine):
    assert keeps_an_owner(owners, was=was, becomes=becomes) is fine


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats()
    | st.decimals(allow_nan=False)
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(anything)
def test_what_the_audit_keeps_survives_json(value):
    kept = plain(value)
    assert json.loads(json.dumps(kept)) == kept
    assert "\x00" not in json.dumps(kept, ensure_ascii=False)


def test_secrets_never_reach_the_audit():
    kept = plain(
        {
            "password": "x",
            "write_key": "y",
            "api_token": "z",
            "nested": {"client_secret": 1},
            "token_id": 7,
            "price": Decimal("1.50"),
        }
    )
    assert kept == {
        "password": "(hidden)", "write_key": "(hidden)", "api_token": "(hidden)",
        "nested": {"client_secret": "(hidden)"}, "token_id": 7, "price": "1.50",
    }  # fmt: skip


def test_the_hash_covers_every_column_and_the_row_before():
    row = dict.fromkeys(COVERED, "x") | {
        "seq": 1,
        "time": datetime(2026, 1, 2, tzinfo=UTC),
        "before": None,
        "after": {"b": 1, "a": 2},
    }
    first = row_hash(GENESIS, row)
    assert first == row_hash(GENESIS, row | {"after": {"a": 2, "b": 1}})
    for name in COVERED:
        other = datetime(2026, 1, 3, tzinfo=UTC) if name == "time" else 2 if name == "seq" else "y"
        assert row_hash(GENESIS, row | {name: other}) != first, name
    assert row_hash(first, row) != first
