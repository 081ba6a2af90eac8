"""How often people are asked: no rule is ever broken, whatever the order; each refusal says when it ends; also when many ask at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.clock import DAY, HOUR
from amity.kernel.errors import Invalid
from amity.rooms.listening.actions.rest import change_rules, claim
from amity.rooms.listening.actions.surveys import create_survey, link_for, publish
from amity.rooms.listening.models import Contact as Row
from amity.rooms.listening.models import Rest, Withheld
from amity.rooms.listening.rules.rest.judging import CLOCKS, OF, Contact, Rule, judged, read
from amity.rooms.listening.rules.surveys.language import read as read_survey
from tests.rooms.customers.people import Place
from tests.rooms.listening.test_asking import DEFINITION, access_of

RULES = st.lists(
    st.builds(Rule, most=st.integers(1, 3), days=st.integers(1, 20), clock=st.sampled_from(sorted(CLOCKS)), of=st.sampled_from(sorted(OF))),
    max_size=4,
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["ask", "shown", "completed"]), st.integers(1, 2), st.sampled_from(["link", "email"])),
    max_size=40,
)  # fmt: skip


def counted(rule: Rule, ledger: list[Contact], at: int, survey: int, channel: str) -> int:
    """Count by brute force what a rule counts before an instant."""
    return sum(
        one.clock == rule.clock and at - rule.days * DAY < one.at <= at
        and {"any": True, "survey": one.survey_id == survey, "channel": one.channel == channel}[rule.of]
        for one in ledger
    )  # fmt: skip


@given(rules=RULES, steps=STEPS)
def test_nobody_is_asked_more_often_than_any_rule_allows_nor_kept_back_without_one(rules, steps):
    now, ledger = 0, []
    for hours, what, survey, channel in steps:
        now += hours * HOUR
        if what != "ask":
            ledger.append(Contact(clock=what, survey_id=survey, channel=channel, at=now))
            continue
        refused = judged(rules, ledger, survey_id=survey, channel=channel, now=now)
        full = [rule for rule in rules if counted(rule, ledger, now, survey, channel) >= rule.most]
        assert (refused is None) == (not full)
        if refused is None:
            ledger.append(Contact(clock="invited", survey_id=survey, channel=channel, at=now))
            assert all(counted(rule, ledger, now, survey, channel) <= rule.most for rule in rules if rule.clock == "invited")
        else:
            assert refused.free_at > now
            assert judged(rules, ledger, survey_id=survey, channel=channel, now=refused.free_at) is None
            assert judged(rules, ledger, survey_id=survey, channel=channel, now=refused.free_at - 1) is not None


@pytest.mark.parametrize(
    "given",
    [[{"most": 0, "days": 3}], [{"most": 1}], [{"most": 1, "days": 3, "clock": "x"}], {}, [{"most": 1, "days": 3}] * 21, ["x"]],
)
def test_what_is_no_rule_is_refused(given):
    with pytest.raises(Invalid):
        read(given)
    assert (
        read([{"most": 2, "days": 1, "clock": "shown", "of": "survey"}] * 2)[0].words
        == "at most 2 openings to the same survey in 1 day"
    )


def test_links_keep_the_rules_and_the_page_says_who_was_kept_back(db):
    here = Place()
    one = create_survey(access_of(here), name="Spring", definition=read_survey(json.dumps(DEFINITION)))
    publish(access_of(here), survey_id=one.pk)
    ada = here.customer(("user_id", "ada"), traits={"name": "Ada Lind"}, consent={"surveys": [True, 0, 1, "00"]})
    old = here.customer(("user_id", "before"))
    here.merge(old, ada)
    link_for(access_of(here), survey_id=one.pk, customer_id=ada, days=3)
    Row.objects.update(customer_id=old)  # what happened before the join counts
    with pytest.raises(Invalid, match="at most 1 invitations to any survey in 30 days") as kept:
        link_for(access_of(here), survey_id=one.pk, customer_id=ada, days=3)
    assert kept.value.code == "asked_enough"
    page = f"/w/{here.workspace.slug}/surveys/rest"
    shown = here.client.get(page).content.decode()
    assert "Ada Lind" in shown
    assert "at most 1 invitations to any survey in 30 days" in shown
    assert here.client.post(page, {"most.0": "0", "days.0": "3", "clock.0": "invited", "of.0": "any"}).status_code == 400
    assert here.client.post(page, {"most.0": "2", "days.0": "30", "clock.0": "invited", "of.0": "survey"}).status_code == 302
    assert Rest.objects.get().rules == [{"most": 2, "days": 30, "clock": "invited", "of": "survey"}]
    link_for(access_of(here), survey_id=one.pk, customer_id=ada, days=3)
    assert here.sign_in("viewer").post(page, {}).status_code == 403
    other = Place()
    assert "Nobody was kept back" in other.client.get(f"/w/{other.workspace.slug}/surveys/rest").content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_only_so_many_are_let_through_as_the_rules_allow(transactional_db, past_ready):
    here = Place()
    one = create_survey(access_of(here), name="Spring", definition=read_survey(json.dumps(DEFINITION)))
    change_rules(access_of(here), rules=[Rule(most=2, days=7)])
    people = [here.customer(("user_id", uuid4().hex)) for _ in range(2)]

    def ask(n: int) -> bool:
        try:
            return claim(one, customer_id=people[n % 2], channel="link") is None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(ask, range(16))) == 4
    assert [Row.objects.filter(customer_id=who).count() for who in people] == [2, 2]
    assert Withheld.objects.count() == 12
