"""When customers had refused a purpose says at every instant what the rule of consent says then."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from amity.rooms.customers.queries.consent.refusals import refusals_in
from amity.rooms.customers.rules.choices.decide import Answer, settled
from amity.rooms.customers.rules.choices.policies import policies_of
from amity.rooms.customers.rules.choices.purposes import BUILT_IN

POLICY = policies_of({})["default"]
NAMES = st.sampled_from(["analytics", "marketing", "direct_marketing", "newsletter", "sale_share"])
SAID = st.lists(st.tuples(NAMES, st.booleans(), st.integers(1, 30), st.integers(0, 5)), max_size=8)


@given(SAID, st.sampled_from(["analytics", "marketing_email", "marketing_ads"]))
def test_it_is_refused_from_a_no_until_what_comes_next(said, key):
    answers = [Answer(name, granted, time, time - back) for name, granted, time, back in said]
    spans = refusals_in(BUILT_IN[key], answers)
    for at in range(32):
        known = [one for one in answers if one.time <= at]
        refused = settled(BUILT_IN[key], known, POLICY, at).reason == "refused"
        assert any(one.first <= at and (one.last is None or at < one.last) for one in spans) == refused
    assert all(one.last is None or one.first < one.last for one in spans)


def test_who_had_said_yes_withdraws():
    said = [Answer("analytics", granted, at, at) for granted, at in ((False, 1), (True, 5), (False, 9))]
    assert [(one.first, one.last, one.withdrawn) for one in refusals_in(BUILT_IN["analytics"], said)] == [
        (1, 5, False),
        (9, None, True),
    ]
