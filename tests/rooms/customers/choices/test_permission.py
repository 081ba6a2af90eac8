"""The door, and that its condition in SQL says what the rule says."""

from __future__ import annotations

import json
import random
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.kernel.clock import DAY
from amity.kernel.errors import Invalid
from amity.rooms.customers import api
from amity.rooms.customers.models import Activity, Choice, ConsentSetting, Customer, OwnPurpose, Restriction
from amity.rooms.customers.queries.permission import chosen
from amity.rooms.customers.rules.choices.decide import decide, settled
from amity.rooms.customers.rules.choices.policies import region_from
from amity.rooms.customers.rules.choices.purposes import BUILT_IN, purpose_of
from tests.rooms.customers.making import T0, event

pytestmark = pytest.mark.django_db
NAMES = (
    "analytics",
    "Marketing",
    "sale-share",
    "email",
    "SMS ",
    "topic:news",
    "Direct  Marketing",
    "ünknown K",
    "loyalty",
    "said:marketing_email",
    "said:direct_marketing",
    "Said:Pause:30",
    "said:pause:90",
    "pause:0",
    "said:topic:news",
    "said:sale_share",
    "marketing_partners",
    "said: ads",
    "pause:1234",
)
COUNTRIES = (None, "DE", "us", "United States", "BR", "CA", "Atlantis", "ESPAÑA", 7, " fr ")
# Few instants, whole days apart as pauses and expiries are: so that equals and edges are met.
INSTANTS = [T0 - days * DAY for days in (800, 700, 396, 300, 100, 91, 90, 60, 31, 30, 10, 9, 2, 1, 0, -1)]
said = st.tuples(st.sampled_from(NAMES), st.booleans(), st.sampled_from(INSTANTS))
person = st.tuples(
    st.lists(said, max_size=5), st.lists(said, max_size=6), st.sampled_from(COUNTRIES), st.sampled_from(COUNTRIES), st.booleans(),
    st.sampled_from(["", "DE", "US"]), st.sampled_from(["", "now", "before", "old"]),
)  # fmt: skip


def make(workspace: int, one) -> tuple:
    newest, history, country, address, merged, met, restricted = one
    made, old = uuid4(), uuid4()
    traits = {"country": country, "address": {"country": address} if address != 7 else "US"}
    Customer.objects.create(id=made, workspace_id=workspace, created_at=T0, traits=traits)
    consent = {}
    for name, granted, time in newest:
        if name not in consent or consent[name][1] < time:
            consent[name] = [granted, time, 1, uuid4().hex]
    Activity.objects.create(customer_id=made, workspace_id=workspace, consent=consent, country=met)
    if merged:
        Customer.objects.create(id=old, workspace_id=workspace, created_at=T0, merged_into=made)
        Activity.objects.create(customer_id=old, workspace_id=workspace, merged=True, consent={"analytics": [True, T0, 1, "00"]})
    for number, (name, granted, time) in enumerate(history):
        Choice.objects.create(
            workspace_id=workspace, key=uuid4(), name=name, customer_id=old if merged and number % 2 else made, granted=granted,
            time=time, received_at=time, source_id=1, origin="stamp",
        )  # fmt: skip
    if restricted:
        Restriction.objects.create(
            workspace_id=workspace, customer_id=old if merged and restricted == "old" else made, since=T0 - 900 * DAY,
            until=T0 - 800 * DAY if restricted == "before" else None, request="r", person="x", person_id="1",
        )  # fmt: skip
    return made, traits, met, old if merged else None, restricted in {"now", "old"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(person, min_size=4, max_size=14),
    st.sampled_from(
        [*BUILT_IN, "loyalty", "billing", "topic:news", "marketing_partners", "marketing_email", "sale_share", "surveys"]
    ),
    st.sampled_from(["", "news"]),
    st.sampled_from([T0, T0, T0 + DAY, T0 - DAY, T0 - 9 * DAY, T0 - 300 * DAY]),
    st.sampled_from(["default", "us", "gdpr"]),
)
def test_the_condition_in_sql_says_what_the_rule_says(workspace, people, purpose, topic, at, otherwise):
    Customer.objects.all().delete()
    Activity.objects.all().delete()
    Choice.objects.all().delete()
    Restriction.objects.all().delete()
    OwnPurpose.objects.update_or_create(workspace_id=workspace, key="loyalty", defaults={"name": "Loyalty", "basis": "consent"})
    OwnPurpose.objects.update_or_create(workspace_id=workspace, key="billing", defaults={"name": "Billing", "basis": "contract"})
    OwnPurpose.objects.update_or_create(
        workspace_id=workspace, key="marketing_partners", defaults={"name": "Partners", "basis": "legitimate_interest"}
    )
    ConsentSetting.objects.update_or_create(
        workspace_id=workspace, defaults={"default_policy": otherwise, "policies": {"us": {"expires_days": 300}}}
    )
    made = [make(workspace, one) for one in people]
    known = chosen(workspace)
    answers = api.answers_of(workspace_id=workspace, customer_ids=[one[0] for one in made])
    expected = set()
    for customer, traits, met, old, restricted in made:
        region = region_from(traits=traits, paths=known.country_traits, country=met, otherwise=known.default_policy)
        policy, told, purposes = known.policies[region], answers.get(customer, []), known.purposes
        allowed = decide(purpose_of(purposes, purpose), told, policy, at, restricted=restricted).allowed
        # A topic that is asked for along with a channel is refused by a no; whether it is paused is the channel's to say.
        if allowed and (not topic or settled(purpose_of(purposes, f"topic:{topic}"), told, policy, at).allowed):
            expected |= {customer, old} - {None}
    asked = [one[0] for one in made] + [one[3] for one in made if one[3]]
    assert api.permitted(workspace_id=workspace, customer_ids=asked, purpose=purpose, at=at, topic=topic) == expected


def place(workspace: int, *messages) -> None:
    api.place([
        event(name, workspace=workspace, at=at, user_id=who, context={"consent": {"categoryPreferences": given}})
        for name, who, at, given in messages
    ])  # fmt: skip


def id_of(workspace: int, user: str):
    found = api.find_customer_by_identifier(workspace_id=workspace, text=user)
    return found.id


def test_the_door_answers_for_a_batch_as_of_now_and_as_of_then(workspace, other_workspace):
    place(workspace, ("m1", "ada", 0, {"analytics": True}), ("m2", "bob", 0, {"analytics": False}), ("m3", "eve", 0, {}))
    place(workspace, ("m4", "ada", 5000, {"analytics": False}))
    ada, bob, eve = (id_of(workspace, who) for who in ("ada", "bob", "eve"))
    everyone = [ada, bob, eve, uuid4()]
    assert api.permitted(workspace_id=workspace, customer_ids=everyone, purpose="analytics", at=T0 + 9_000) == set()
    assert api.permitted(workspace_id=workspace, customer_ids=everyone, purpose="analytics", at=T0 + 4_999) == {ada}
    assert api.permitted(workspace_id=workspace, customer_ids=everyone, purpose="analytics", at=T0 - 1) == set()
    assert api.permitted(workspace_id=workspace, customer_ids=everyone, purpose="necessary") == {ada, bob, eve}
    assert api.permitted(workspace_id=other_workspace, customer_ids=everyone, purpose="necessary") == set()
    assert api.permitted(workspace_id=workspace, customer_ids=[], purpose="necessary") == set()
    with pytest.raises(Invalid):
        api.permitted(workspace_id=workspace, customer_ids=everyone, purpose="fax")


def test_a_merged_id_stands_for_who_it_is_now(workspace):
    api.place(
        [event("a", workspace=workspace, anonymous_id="x", context={"consent": {"categoryPreferences": {"surveys": True}}})]
    )
    old = id_of(workspace, "x")
    api.place([event("b", workspace=workspace, at=1, user_id="u")])
    api.place([event("c", workspace=workspace, at=2, user_id="u", anonymous_id="x")])
    both = {old, id_of(workspace, "x"), id_of(workspace, "u")}
    assert api.permitted(workspace_id=workspace, customer_ids=both, purpose="surveys", at=T0 + 10) == both


def test_history_keeps_what_was_new_and_whose_it_was(workspace):
    place(workspace, *((f"m{n}", "ada", n * 10, {"analytics": True}) for n in range(5)))
    place(workspace, ("m9", "ada", 90, {"analytics": False}))
    rows = list(Choice.objects.order_by("time").values_list("name", "granted", "time", "customer_id"))
    assert rows == [
        ("analytics", True, T0, id_of(workspace, "ada")),
        ("analytics", False, T0 + 90, id_of(workspace, "ada")),
    ]
    again = [event("m0", workspace=workspace, user_id="ada", context={"consent": {"categoryPreferences": {"analytics": True}}})]
    api.place(again, replay=True)
    assert Choice.objects.count() == 2


def test_global_privacy_control_is_kept_as_what_it_is(workspace):
    api.place([event("m", workspace=workspace, user_id="ada", gpc=True)])
    row = Choice.objects.get()
    assert (row.name, row.granted, row.origin) == ("sale_share", False, "gpc")


def test_answers_that_come_late_leave_the_same_as_of_any_instant(workspace):
    told = [(f"m{n}", n * 100, n % 3 != 1) for n in range(8)]
    shuffled = [*told]
    random.Random(5).shuffle(shuffled)
    for who, order in (("ada", told), ("bob", shuffled), ("eve", list(reversed(told)))):
        for name, at, granted in order:
            place(workspace, (f"{who}-{name}", who, at, {"analytics": granted}))
    ids = [id_of(workspace, who) for who in ("ada", "bob", "eve")]
    for name, at, granted in told:
        found = api.permitted(workspace_id=workspace, customer_ids=ids, purpose="analytics", at=T0 + at)
        assert found == (set(ids) if granted else set()), name


def test_a_repeat_renews_no_consent(workspace):
    place(workspace, ("m1", "ada", 0, {"analytics": True}))
    place(workspace, ("m2", "ada", 390 * DAY, {"analytics": True}))
    ConsentSetting.objects.create(workspace_id=workspace, default_policy="gdpr")
    ada = id_of(workspace, "ada")
    assert api.permitted(workspace_id=workspace, customer_ids=[ada], purpose="analytics", at=T0 + 395 * DAY) == {ada}
    assert api.permitted(workspace_id=workspace, customer_ids=[ada], purpose="analytics", at=T0 + 397 * DAY) == set()
    assert json.loads(json.dumps(Activity.objects.get(customer_id=ada).consent))["analytics"][1] == T0 + 390 * DAY


def allowed(workspace: int, who, purpose: str, at: int, topic: str = "") -> bool:
    return api.permitted(workspace_id=workspace, customer_ids=[who], purpose=purpose, at=T0 + at, topic=topic) == {who}


def answer(workspace: int, who, name: str, *, granted: bool, at: int) -> None:
    Choice.objects.create(
        workspace_id=workspace, key=uuid4(), name=name, customer_id=who, granted=granted, time=T0 + at, received_at=T0 + at,
        source_id=1, origin="centre",
    )  # fmt: skip


def test_a_pause_holds_to_the_day_and_ends_by_itself(workspace):
    place(workspace, ("m", "ada", 0, {"email": True, "analytics": True}))
    ada = id_of(workspace, "ada")
    answer(workspace, ada, "said:pause:30", granted=False, at=10)
    assert allowed(workspace, ada, "marketing_email", 9)
    assert not allowed(workspace, ada, "marketing_email", 10)
    assert not allowed(workspace, ada, "topic:news", 10)
    assert not allowed(workspace, ada, "marketing_email", 30 * DAY + 9)
    assert allowed(workspace, ada, "marketing_email", 30 * DAY + 10)
    assert allowed(workspace, ada, "analytics", 20)
    answer(workspace, ada, "said:pause:0", granted=True, at=20)
    assert allowed(workspace, ada, "marketing_email", 20)


def test_what_a_client_goes_on_repeating_does_not_undo_what_a_person_said(workspace):
    place(workspace, ("m1", "ada", 0, {"marketing": True, "analytics": False}))
    ada = id_of(workspace, "ada")
    answer(workspace, ada, "said:direct_marketing", granted=False, at=10)
    answer(workspace, ada, "said:analytics", granted=True, at=10)
    place(workspace, ("m2", "ada", 20, {"marketing": True, "analytics": False}))
    assert not allowed(workspace, ada, "marketing_email", 30)
    assert allowed(workspace, ada, "analytics", 30)
    place(workspace, ("m3", "ada", 40, {"marketing": False}), ("m4", "ada", 50, {"marketing": True}))
    assert allowed(workspace, ada, "marketing_email", 60)


def test_global_privacy_control_is_told_anew_with_each_request(workspace):
    api.place([event("m1", workspace=workspace, user_id="ada", gpc=True)])
    ada = id_of(workspace, "ada")
    answer(workspace, ada, "said:sale_share", granted=True, at=10)
    assert allowed(workspace, ada, "sale_share", 11)
    api.place([event("m2", workspace=workspace, user_id="ada", at=20, gpc=True)])
    assert not allowed(workspace, ada, "sale_share", 21)


def test_a_topic_is_refused_within_a_channel(workspace):
    place(workspace, ("m1", "ada", 0, {"email": True}))
    ada = id_of(workspace, "ada")
    answer(workspace, ada, "said:topic:news", granted=False, at=10)
    assert allowed(workspace, ada, "marketing_email", 20)
    assert allowed(workspace, ada, "marketing_email", 20, topic="offers")
    assert not allowed(workspace, ada, "marketing_email", 20, topic="news")
    assert not allowed(workspace, ada, "marketing_sms", 20, topic="offers")
    with pytest.raises(Invalid):
        api.permitted(workspace_id=workspace, customer_ids=[ada], purpose="marketing_email", topic="News & more")
