"""What customers are compared by, which hang together, and what is told of why."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.kernel.sealed import HIDDEN
from amity.rooms.customers.rules.matching.groups import components
from amity.rooms.customers.rules.matching.learning import settle
from amity.rooms.customers.rules.matching.model import COMPARISONS, probability_of, weight_of
from amity.rooms.customers.rules.matching.records import birth_of, box_of, folded, phone_key, record_of
from amity.rooms.customers.rules.matching.sides import Known, joined, rows_of
from amity.rooms.customers.rules.matching.waterfall import evidence, percent, steps_of


def record(traits=None, *identifiers):
    return record_of(customer_id="x", traits=traits or {}, identifiers=identifiers)


@pytest.mark.parametrize(
    ("traits", "names"),
    [
        ({"first_name": "Zoë", "last_name": "Müller-Lüdenscheidt"}, ("zoe", "muller ludenscheidt")),
        ({"name": "Dr. Ana Sofia Carvalho"}, ("ana", "carvalho")),
        ({"name": "O'Brien, Seán"}, ("sean", "obrien")),
        ({"name": "Łukasz Wałęsa"}, ("lukasz", "walesa")),
        ({"name": "Madonna"}, ("", "")),
        ({"name": "ana@mail.example now"}, ("", "")),
        ({"firstName": "Ana", "name": "Ana Carvalho"}, ("ana", "carvalho")),
        ({"name": 7, "first_name": None}, ("", "")),
        ({"name": "王 小明"}, ("王", "小明")),
    ],
)
def test_names_are_read_wherever_they_stand(traits, names):
    one = record(traits)
    assert (one.given, one.family) == names


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("1980-11-02", "1980-11-02"), ("19801102", "1980-11-02"), ("1980-11-02T10:00:00Z", "1980-11-02"), ("2.11.1980", "1980-11-02"),
        ("23/11/1980", "1980-11-23"), ("11/23/1980", "1980-11-23"), ("02/11/1980", ""), ("05/05/1980", "1980-05-05"),
        ("1980-13-02", ""), ("0000-00-00", ""), ("tomorrow", ""), (342_000_000_000, "1980-11-02"), (19801102, "1980-11-02"), (True, ""),
        (None, ""), ([], ""), (10**30, ""),
    ],
)  # fmt: skip
def test_dates_of_birth_are_read_or_left_out(said, read):
    assert birth_of(said) == read


@pytest.mark.parametrize(
    ("said", "read"),
    [("+49 (0)30 901820-1", "309018201"), ("030 9018201", "309018201"), ("12345", ""), ("0000000000", ""), ("٣٣٣٣٣٣٣٣٣", "")],
)
def test_phones_are_the_same_with_and_without_a_prefix(said, read):
    assert phone_key(said) == read


@pytest.mark.parametrize(
    ("said", "read"), [("ana.carvalho+shop@mail.example", "anacarvalho"), ("info@mail.example", ""), ("jo@mail.example", "")]
)
def test_an_address_tells_what_stands_before_the_at(said, read):
    assert box_of(said) == read


def test_places_are_read_flat_and_nested():
    flat = record({"street_number": 7, "address_1": "Acacia Street", "suburb": "Porto", "postcode": 4000})
    nested = record({"address": {"street": "7 acacia st", "city": "PORTO", "postalCode": "40 00"}})
    assert (
        (flat.street, flat.town, flat.postcode)
        == (nested.street, nested.town, nested.postcode)
        == ("7 acacia st", "porto", "4000")
    )
    assert record({"address": "7 Acacia Street, Porto"}).street == "7 acacia st porto"


def test_nothing_else_is_read():
    assert record({"plan": "pro", "health": "asthma", "gender": "f", "password": "x"}) == record()
    assert not record().tells
    assert not record({"city": "Porto"}, ("device_id", "d")).tells
    assert record({}, ("phone", "+4930901820")).tells


def test_what_is_kept_encrypted_is_not_opened():
    sealed = "sealed.1.7.abcdef"
    assert (
        record({"first_name": sealed, "birthday": sealed, "email": sealed, "address": {"city": sealed}, "street": sealed})
        == record()
    )


def test_the_mark_changes_with_what_is_compared_alone():
    one = record({"name": "Ana Carvalho"}, ("email", "a@x.example"))
    assert one.mark() == record({"name": "ANA carvalho", "plan": "pro"}, ("email", "a@x.example")).mark()
    assert one.mark() != record({"name": "Ana Carvalho"}).mark()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["name", "birthday", "address", "email", "phone", "zip", "city"]), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["city", "street", "zip"]), inner, max_size=3),
    max_leaves=5,
)))  # fmt: skip
def test_whatever_traits_hold_a_record_can_be_made(traits):
    assert record(traits).mark()


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30))
def test_groups_are_the_connected_components(pairs):
    found = components(pairs)
    members = [one for some in found for one in some]
    assert sorted(members) == sorted({one for pair in pairs for one in pair})
    where = {one: n for n, some in enumerate(found) for one in some}
    assert all(where[a] == where[b] for a, b in pairs)
    for some in found:  # none is larger than it has to be
        met, left = {some[0]}, True
        while left:
            left = [one for a, b in pairs for one in (a, b) if ({a, b} & met) and one not in met]
            met |= set(left)
        assert met == set(some)


def test_weights_and_probabilities_are_each_others():
    assert probability_of(0) == 0.5
    assert probability_of(weight_of(0.97)) == pytest.approx(0.97)
    assert probability_of(-5_000) == 0
    assert percent(0.99999) == "over 99.9%"
    assert percent(0.9) == "90%"


def test_every_comparison_begins_with_sense():
    for one in COMPARISONS:
        assert sum(level.m for level in one.levels) == pytest.approx(1, abs=0.02)
        assert sum(level.u for level in one.levels) == pytest.approx(1, abs=0.02)
        assert one.levels[0].m > one.levels[0].u
        assert one.levels[-1].m < one.levels[-1].u


def test_what_little_data_teaches_is_believed_a_little():
    (email,) = (one for one in COMPARISONS if one.key == "email")
    seen, nothing = [0.9, 0.1, None, None], [None] * 4
    few, taught = settle(email, m=seen, u=[0.001, 0.002, 0.01, 0.987], matches=20, prior=0.0)
    assert taught
    assert [m for m, _ in few] == pytest.approx([(0.9 + 0.4) / 2, (0.1 + 0.25) / 2, 0.15 / 2, 0.2 / 2])
    many, _ = settle(email, m=seen, u=nothing, matches=10**6, prior=0.0)
    assert many[0][0] == pytest.approx(0.9, abs=1e-4)
    assert settle(email, m=seen, u=nothing, matches=9, prior=0.0)[1] is False
    assert settle(email, m=nothing, u=nothing, matches=500, prior=0.0)[1] is False
    wrong, taught = settle(email, m=[0.0001, 0.0001, 0.0001, 0.9997], u=[0.01, 0.01, 0.1, 0.88], matches=10**6, prior=0.0)
    assert (taught, [m for m, _ in wrong]) == (False, [level.m for level in email.levels])
    mixed, _ = settle(email, m=[0.9, None, None, 0.1], u=[0.0019, 0.002, 0.01, 0.9861], matches=10**6, prior=0.001)
    assert mixed[0][1] == pytest.approx((0.0019 - 0.001 * 0.9) / 0.999, rel=1e-3)  # matches among random pairs are taken out


PARTS = [
    {"key": "given", "level": 0, "words": "the same", "m": 0.7, "u": 0.01, "weight": 6.0, "common": -1.5},
    {"key": "phone", "level": -1, "words": "not known of both", "weight": 0.0, "common": 0.0},
    {"key": "birth", "level": 3, "words": "different", "m": 0.05, "u": 0.9, "weight": -4.0, "common": 0.0},
    {"key": "email", "level": 1, "words": "the same before the @", "m": 0.05, "u": 0.9, "weight": 9.0, "common": 0.0},
]


def test_the_waterfall_adds_up():
    steps = steps_of(prior=-10.0, parts=PARTS)
    assert [one.after for one in steps] == [-10.0, -5.5, -5.5, -9.5, -0.5]
    assert [one.known for one in steps] == [True, True, False, True, True]
    told = evidence(weight=-0.5, probability=0.414, parts=PARTS)
    assert told == "Match weight -0.5, probability 41.4%: e-mail the same before the @, first name the same"


def known(name, traits, *identifiers):
    origins = {one: [at, 1, "k"] for one, (_, at) in traits.items()}
    return Known(
        id=UUID(int=1),
        name=name,
        traits={one: said for one, (said, _) in traits.items()},
        origins=origins,
        identifiers=identifiers,
    )


def test_both_sides_stand_beside_what_there_would_be():
    first = known(
        "Ana C", {"name": ("Ana C", 1), "plan": ("pro", 9), "city": ("Porto", 1)}, ("email", "a@x.example"), ("device_id", "d")
    )
    second = known("Anna C", {"name": ("Anna C", 2), "plan": ("free", 2), "age": (40, 1)}, ("email", "b@x.example"))
    assert joined(first, second) == {"name": "Anna C", "plan": "pro", "city": "Porto", "age": 40}
    rows = {
        row.label: row
        for row in rows_of(first, second, parts=PARTS, text=lambda name, value: (name, "" if value is None else str(value)))
    }
    name, email, plan = rows["Name"], rows["E-mail"], rows["plan"]
    assert (name.first, name.second, name.after, name.verdict) == ("Ana C", "Anna C", "Anna C", "close")
    assert (email.verdict, email.words, email.after) == ("close", "the same before the @", "a@x.example, b@x.example")
    assert (plan.verdict, plan.after, plan.compared) == ("different", "pro", False)
    closed = {"name": ("Ana", 1), "health": (HIDDEN, 1)}
    (told,) = (
        r for r in rows_of(known("A", closed), known("A", closed), parts=[], text=lambda n, v: (n, str(v))) if r.label == "health"
    )
    assert (told.verdict, told.words) == ("none", "sensitive, not compared")
    assert (rows["age"].verdict, rows["age"].words) == ("one", "known of one only")
    assert "Phone" not in rows
    assert rows["Address"].first == "Porto"
