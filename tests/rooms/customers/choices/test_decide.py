from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.clock import DAY
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.choices.decide import Answer, decide
from amity.rooms.customers.rules.choices.policies import BUILT_IN as POLICIES
from amity.rooms.customers.rules.choices.policies import policies_of, region_from, region_of
from amity.rooms.customers.rules.choices.purposes import BUILT_IN as PURPOSES
from amity.rooms.customers.rules.choices.purposes import Purpose, plain, purpose_of, purposes_of

NOW = 1_790_000_000_000
NAMES = ("analytics", "Marketing", "email", "sale_share", "C0002", "sms", "direct marketing", "topic:news", "unheard of")
answers = st.lists(
    st.builds(
        Answer,
        st.sampled_from(NAMES),
        st.booleans(),
        st.integers(NOW - 900 * DAY, NOW + DAY),
        st.integers(NOW - 900 * DAY, NOW + DAY),
    ),
    max_size=8,
)
purposes = st.sampled_from([*PURPOSES.values(), purpose_of(PURPOSES, "topic:news")])
policies = st.sampled_from(list(POLICIES.values()))


def yes(name: str, *, ago: int = 1, since: int | None = None) -> Answer:
    return Answer(name, True, NOW - ago * DAY, NOW - (ago if since is None else since) * DAY)


def no(name: str, *, ago: int = 1) -> Answer:
    return Answer(name, False, NOW - ago * DAY, NOW - ago * DAY)


@pytest.mark.parametrize(("policy", "purpose"), list(product(POLICIES.values(), PURPOSES.values())), ids=lambda one: one.key)
def test_silence_a_yes_and_a_no_under_every_policy_for_every_purpose(policy, purpose):
    opt_out = policy.key == "us" and purpose.key not in {
        "marketing_sms", "marketing_whatsapp", "marketing_push", "marketing_phone",
    }  # fmt: skip
    free = purpose.key == "necessary"
    objected = purpose.basis == "legitimate_interest"  # silence is no objection, anywhere
    assert decide(purpose, [], policy, NOW).allowed is (free or opt_out or objected)
    agreed = decide(purpose, [yes(purpose.key)], policy, NOW)
    assert (agreed.allowed, agreed.reason) == (True, "needs_none" if free else "agreed")
    refused = decide(purpose, [no(purpose.key)], policy, NOW)
    assert (refused.allowed, refused.reason) == ((True, "needs_none") if free else (False, "refused"))


@given(purposes, answers, policies, st.randoms())
def test_the_order_in_which_answers_are_known_changes_nothing(purpose, known, policy, random):
    shuffled = list(known)
    random.shuffle(shuffled)
    assert decide(purpose, known, policy, NOW) == decide(purpose, shuffled, policy, NOW)


@given(purposes, answers, policies)
def test_the_newest_answer_wins_and_of_equals_a_no(purpose, known, policy):
    last = [*known, Answer(purpose.key, False, NOW, NOW)]
    assert decide(purpose, last, policy, NOW).allowed is (purpose.key == "necessary")
    assert decide(purpose, [*known, Answer(purpose.key, True, NOW + 2 * DAY, NOW + 2 * DAY)], policy, NOW + 2 * DAY).allowed


@given(purposes, answers, policies)
def test_what_is_said_later_changes_nothing_before(purpose, known, policy):
    at = NOW - 100 * DAY
    until = [one for one in known if one.time <= at]
    assert decide(purpose, known, policy, at) == decide(purpose, until, policy, at)


@given(purposes, answers, policies)
def test_one_more_no_never_allows(purpose, known, policy):
    for name in NAMES:
        more = decide(purpose, [*known, Answer(name, False, NOW, NOW)], policy, NOW)
        assert not more.allowed or decide(purpose, known, policy, NOW).allowed


@given(purposes, answers, policies)
def test_names_that_tell_of_other_purposes_change_nothing(purpose, known, policy):
    telling = [one for one in known if plain(one.name) in purpose.names | purpose.refused_by]
    assert decide(purpose, known, policy, NOW) == decide(purpose, telling, policy, NOW)


def test_a_yes_lasts_thirteen_months_in_europe_and_a_repeat_renews_nothing():
    purpose = PURPOSES["analytics"]
    assert decide(purpose, [yes("analytics", ago=396)], POLICIES["gdpr"], NOW).allowed
    old = decide(purpose, [yes("analytics", ago=1, since=397)], POLICIES["gdpr"], NOW)
    assert (old.allowed, old.reason) == (False, "expired")
    assert decide(purpose, [yes("analytics", ago=1, since=397)], POLICIES["default"], NOW).allowed


def test_an_old_yes_where_silence_allows_is_no_refusal():
    policies = policies_of({"us": {"expires_days": 10}})
    found = decide(PURPOSES["analytics"], [yes("analytics", ago=20)], policies["us"], NOW)
    assert (found.allowed, found.reason) == (True, "silence_allows")


def test_a_general_yes_to_marketing_opens_no_channel_that_needs_its_own_but_a_general_no_closes_all():
    gdpr = POLICIES["gdpr"]
    allowed = {key for key, one in PURPOSES.items() if decide(one, [yes("marketing")], gdpr, NOW).allowed}
    asked_of_nobody = {"necessary", "matching", "segmentation"}
    assert allowed == asked_of_nobody | {"marketing_email", "marketing_post", "marketing_ads"}
    before = [yes(key, ago=9) for key in PURPOSES]
    left = {key for key, one in PURPOSES.items() if decide(one, [*before, no("marketing")], gdpr, NOW).allowed}
    assert left == asked_of_nobody | {"analytics", "personalisation", "surveys", "legal_profiling", "sale_share"}


def test_global_privacy_control_ends_advertising_elsewhere_as_well():
    known = [no("sale_share"), yes("ads", ago=3)]
    assert not decide(PURPOSES["sale_share"], known, POLICIES["us"], NOW).allowed
    assert not decide(PURPOSES["marketing_ads"], known, POLICIES["us"], NOW).allowed
    assert decide(PURPOSES["marketing_ads"], [no("sale_share", ago=5), yes("ads", ago=3)], POLICIES["us"], NOW).allowed


def test_of_signals_that_come_together_each_must_agree():
    together = [yes("ad_storage"), no("ad_user_data")]
    assert not decide(PURPOSES["marketing_ads"], together, POLICIES["gdpr"], NOW).allowed


def test_a_legitimate_interest_needs_no_yes_but_hears_a_no():
    own = purposes_of([Purpose(key="fraud", name="Fraud", basis="legitimate_interest")])["fraud"]
    assert decide(own, [], POLICIES["gdpr"], NOW).allowed
    assert not decide(own, [no("fraud")], POLICIES["gdpr"], NOW).allowed
    contract = purposes_of([Purpose(key="billing", name="Billing", basis="contract")])["billing"]
    assert decide(contract, [no("billing")], POLICIES["gdpr"], NOW).allowed


def test_a_workspace_changes_names_but_can_not_make_what_is_necessary_need_consent():
    known = purposes_of([
        Purpose(key="analytics", name="Measuring", names=frozenset(["c0009"])),
        Purpose(key="necessary", name="Needed", basis="consent"),
    ])  # fmt: skip
    assert decide(known["analytics"], [yes("C0009")], POLICIES["gdpr"], NOW).allowed
    assert not decide(known["analytics"], [yes("C0002")], POLICIES["gdpr"], NOW).allowed
    assert known["necessary"].basis == "necessary"


def test_unknown_purposes_are_refused_with_those_there_are():
    with pytest.raises(Invalid, match="marketing_email"):
        purpose_of(PURPOSES, "marketing_fax")


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("DE", "gdpr"), ("de ", "gdpr"), ("Deutschland", "gdpr"), ("España", "gdpr"), ("GB", "gdpr"), ("uk", "gdpr"), ("CH", "gdpr"),
        ("US", "us"), ("United States of America", "us"), ("BR", "lgpd"), ("CA", "default"), ("", ""), ("Atlantis", ""), ("USA", "us"),
    ],
)  # fmt: skip
def test_regions_by_country(country, region):
    assert region_of(country) == region


def test_a_stated_country_goes_before_where_somebody_was_met_and_that_before_the_default():
    paths = ("country", "address.country")
    assert region_from(traits={"address": {"country": "US"}}, paths=paths, country="DE", otherwise="default") == "us"
    assert region_from(traits={"country": "Atlantis"}, paths=paths, country="DE", otherwise="default") == "gdpr"
    assert region_from(traits={"country": 7, "address": "US"}, paths=paths, country="", otherwise="lgpd") == "lgpd"
