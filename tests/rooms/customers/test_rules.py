from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amity.rooms.customers.rules import consent as consents
from amity.rooms.customers.rules import traits as rules
from amity.rooms.customers.rules.friction import Met, open_friction
from amity.rooms.customers.rules.money import value_of
from amity.rooms.customers.rules.names import display_name
from amity.rooms.customers.rules.portrait.portray import portray
from amity.rooms.customers.rules.sequence import GAP, Step, follow, midnight_zone, sequence
from tests.rooms.customers.making import T0, event
from tests.rooms.customers.moments import moment

NO = ("", "", "")
SPRING = ("mail", "email", "spring")


def step(number, minutes, campaign=NO):
    return Step(T0 + minutes * 60_000, UUID(int=number), str(number), campaign)


_steps = st.lists(st.tuples(st.integers(0, 200), st.sampled_from([NO, NO, NO, SPRING, ("ads", "cpc", "x")])), max_size=15)


@settings(max_examples=60, deadline=None)
@given(raw=_steps, data=st.data())
def test_a_sequence_does_not_depend_on_the_order_of_arrival(raw, data):
    steps = [step(n, minutes, campaign) for n, (minutes, campaign) in enumerate(raw)]
    straight = list(sequence(steps))
    assert list(sequence(data.draw(st.permutations(steps)))) == straight
    cut = data.draw(st.integers(0, len(steps)))
    ordered = sorted(steps)
    first = list(sequence(ordered[:cut]))
    rest = list(sequence(ordered[cut:], standing=first[-1][0] if first else None))
    assert first + rest == straight
    for (before, _), (after, edge) in pairwise(straight):
        assert edge.previous_key == before.key
        assert edge.starts == (after.session_id != before.session_id)
        assert edge.starts or after.time - before.time <= GAP


def test_midnight_ends_a_session_only_where_it_is_wanted():
    before = Step(1_790_027_400_000, UUID(int=1), "a", NO)  # 2026-09-21 23:50 in Berlin
    after = Step(before.time + 15 * 60_000, UUID(int=2), "b", NO)
    for zone, starts in (("Europe/Berlin", True), ("UTC", False), ("no/where", False)):
        standing, _ = follow(None, before)
        assert follow(standing, after, midnight_zone(zone, at_midnight=True))[1].starts is starts
    assert midnight_zone("Europe/Berlin", at_midnight=False) is None


_said = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab"), st.none() | st.integers(0, 9)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(said=_said, data=st.data())
def test_the_newest_trait_wins_in_any_order_and_split(said, data):
    numbered = [(time, name, value, UUID(int=n)) for n, (time, name, value) in enumerate(said)]

    def fold(some):
        traits, origins = {}, {}
        for time, name, value, key in some:
            rules.fold(traits, origins, {name: value}, time=time, source=1, key=key)
        return traits, origins

    straight = fold(numbered)
    shuffled = data.draw(st.permutations(numbered))
    assert fold(shuffled) == straight
    cut = data.draw(st.integers(0, len(shuffled)))
    one, two = fold(shuffled[:cut]), fold(shuffled[cut:])
    rules.join(*one, *two)
    assert one == straight


def test_traits_have_limits_and_say_so():
    traits, origins = {}, {}
    many = {f"t{n}": n for n in range(rules.MOST_TRAITS)}
    assert rules.fold(traits, origins, many, time=1, source=1, key=UUID(int=1)) == (True, [])
    more = {"one more": 1, "t0": "still learns", "x" * 101: 1, "t1": "y" * 10_001, "t2": ["z" * 10_001]}
    _, refused = rules.fold(traits, origins, more, time=2, source=1, key=UUID(int=2))
    assert sorted(r.reason for r in refused) == ["invalid", "too_long", "too_long", "too_many_traits"]
    assert (traits["t0"], traits["t1"], len(traits)) == ("still learns", 1, rules.MOST_TRAITS)


@pytest.mark.parametrize(
    ("name", "properties", "value"),
    [
        ("Order Completed", {"revenue": "19.90"}, (Decimal("19.90"), "EUR")),
        ("Order Completed", {"total": 12, "currency": "usd"}, (Decimal(12), "USD")),
        ("Subscription Renewed", {"revenue": 5}, (Decimal(5), "EUR")),
        ("Product Viewed", {"price": 5, "value": 5}, (None, "")),
        ("Order Refunded", {"total": 12}, (Decimal(-12), "EUR")),
        ("Order Completed", {"revenue": "much"}, (None, "")),
        ("Order Completed", {"revenue": float("nan")}, (None, "")),
        ("Order Completed", {"revenue": True}, (None, "")),
        ("Order Completed", {"revenue": 10**30}, (None, "")),
        ("Order Completed", {"revenue": 3, "currency": "€€€"}, (Decimal(3), "EUR")),
    ],
)
def test_value(name, properties, value):
    assert value_of("track", name, properties, currency="EUR") == value


def test_consent_by_global_privacy_control_outweighs_the_same_event():
    said = {"consent": {"categoryPreferences": {"sale_share": True, "ads": "yes", " ": True, "marketing": False}}}
    assert consents.said_consent(event("1", workspace=1, context=said, gpc=True)) == {"sale_share": False, "marketing": False}


def test_friction_is_open_until_its_success():
    def met(name, last):
        return Met(name=name, times=2, last_time=last, last_key=UUID(int=last), channel="web")

    found = open_friction(
        [met("Payment Declined", 5), met("Upload failed", 3), met("Login Failed", 1), met("Login Succeeded", 2)]
    )
    assert [f.name for f in found] == ["Payment Declined", "Upload failed"]
    assert [f.name for f in open_friction([met("Payment Declined", 5), met("Order Completed", 6)])] == []
    assert open_friction([met("Product Viewed", 1)]) == []
    found = open_friction(
        [met("$rageclick", 4), met("$dead_click", 3), met("Complaint Submitted", 1), met("Complaint Resolved", 2)]
    )
    assert [f.name for f in found] == ["$rageclick", "$dead_click"]


@pytest.mark.parametrize(
    "name",
    ["$rageclick", "$dead_click", "Upload failed", "exportCrashed", "Coupon Denied", "Complaint Resolved", "Product Viewed"],
)
def test_what_the_story_marks_as_broken_is_what_can_be_unsolved(name):
    met = Met(name=name, times=1, last_time=1, last_key=UUID(int=1), channel="web")
    assert bool(open_friction([met])) == bool(portray(moment(name)).mark)


def test_names():
    def named(traits, *identifiers):
        return display_name(customer_id=UUID(int=0xABCDEF), traits=traits, identifiers=identifiers)

    assert named({"firstName": "Ada", "last_name": "Lovelace"}) == "Ada Lovelace"
    assert named({"name": " "}, ("email", "a@x.org"), ("user_id", "u")) == "a@x.org"
    assert named({"name": 7}, ("user_id", "u")) == "u"
    assert named({}) == "Visitor abcdef"
