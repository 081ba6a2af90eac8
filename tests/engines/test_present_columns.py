"""Columns arrive in PostgreSQL as the values that they were made of."""

from __future__ import annotations

import uuid

import pytest
from django.db import DataError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.engines.present.bulk import bigints, booleans, run, texts, uuids
from amity.kernel.ids import uuid_of

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=8)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.none() | st.uuids(), st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | TEXT, st.booleans()),
        max_size=5,
    )
)
def test_they_come_back_in_their_order(db, rows):
    u, b, t, f = ([row[n] for row in rows] for n in range(4))
    found = run(
        "SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::boolean[])", [uuids(u), bigints(b), texts(t), booleans(f)]
    )
    assert found == rows


def test_what_no_text_can_hold_is_refused(db):
    with pytest.raises(DataError):
        run("SELECT %b::text[]", [texts(["a\0b"])])


@given(st.uuids())
def test_a_uuid_made_of_its_number_is_the_same(one):
    made = uuid_of(one.int)
    assert made == one
    assert hash(made) == hash(one)
    assert made.is_safe is uuid.SafeUUID.unknown
    assert str(made) == str(one)
