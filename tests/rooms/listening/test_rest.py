"""How often people are asked: no rule is ever broken, whatever the order; each refusal says when it ends; also when many ask at once."""

from __future__ import annotations

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.clock import DAY, HOUR
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.rooms.customers.models import Audience, Member
from amity.rooms.listening.actions.inviting import Mailed, invite, mailed, send_next_invitation
from amity.rooms.listening.actions.rest import change_rules, claim
from amity.rooms.listening.actions.surveys import create_survey, link_for, publish
from amity.rooms.listening.models import Contact as Row
from amity.rooms.listening.models import Invitation, Response, Rest, Withheld
from amity.rooms.listening.rules.rest.judging import CLOCKS, OF, Contact, Rule, judged, read
from amity.rooms.listening.rules.surveys.language import read as read_survey
from tests.rooms.customers.people import Place
from tests.rooms.listening.test_asking import DEFINITION, access_of, facts

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
    with pytest.raises(Invalid, match="at most 1 invitation to any survey in 30 days") as kept:
        link_for(access_of(here), survey_id=one.pk, customer_id=ada, days=3)
    assert kept.value.code == "asked_enough"
    page = f"/w/{here.workspace.slug}/surveys/rest"
    shown = here.client.get(page).content.decode()
    assert "Ada Lind" in shown
    assert "at most 1 invitation to any survey in 30 days" in shown
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


def send_all() -> None:
    while send_next_invitation():
        pass


def test_an_audience_is_invited_by_mail_where_consent_and_rest_let_it(db, settings, mailoutbox, monkeypatch):
    settings.EMAIL_HOST = "mail.linden.example"
    here = Place()
    access = access_of(here)
    one = create_survey(access, name="Spring", definition=read_survey(json.dumps(DEFINITION)))
    yes = {"surveys": [True, 0, 1, "00"]}
    ada = here.customer(("email", "ada@mail.example"), traits={"first_name": "Ada", "language": "ar"}, consent=yes)
    no = here.customer(("email", "no@mail.example"), consent={"surveys": [False, 0, 1, "00"]})
    silent = here.customer(("user_id", "no-mail"), consent=yes)
    rested = here.customer(("email", "rested@mail.example"), consent=yes)
    audience = Audience.objects.create(workspace_id=here.workspace.pk, name="All", created_at=0, updated_at=0)
    for who in (ada, no, silent, rested):
        Member.objects.create(audience=audience, customer_id=who, inside=True, since=0)
    with pytest.raises(Invalid, match="publish it first"):
        invite(access, survey_id=one.pk, audience_id=audience.pk)
    publish(access, survey_id=one.pk)
    assert claim(one, customer_id=rested, channel="link") is None
    assert [invite(access, survey_id=one.pk, audience_id=audience.pk) for _ in range(2)] == [4, 0]
    for wrong in (
        lambda: invite(access, survey_id=one.pk, audience_id=audience.pk, days=0),
        lambda: invite(access, survey_id=one.pk, audience_id=10**9),
    ):
        with pytest.raises((Invalid, NotFound)):
            wrong()
    with pytest.raises(Forbidden):
        invite(access_of(here, "analyst"), survey_id=one.pk, audience_id=audience.pk)

    def refuse(**_: str) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr("amity.rooms.trust.api.write_letter", refuse)
        send_all()
    [waiting] = Invitation.objects.filter(state="waiting")
    assert (waiting.customer_id, waiting.attempts, waiting.claimed) == (ada, 1, True)
    Invitation.objects.filter(pk=waiting.pk).update(due_at=0)
    send_all()
    [letter] = mailoutbox
    assert (letter.to, letter.subject) == (["ada@mail.example"], "كيف كان ذلك؟")
    link = re.search(r"/s/\S+", letter.body)[0]
    assert "/choices/" in letter.body
    assert "Hello Ada" in html.unescape(Client().get(link).content.decode())
    assert 'value="9" checked' in Client().get(f"{link}?a.likely=9").content.decode()  # shown as chosen,
    assert not Response.objects.exists()  # and not kept
    states = {row.customer_id: (row.state, row.why) for row in Invitation.objects.all()}
    assert states[ada] == ("sent", "")
    assert states[no] == ("kept", "The customer doesn't allow surveys.")
    assert states[silent] == ("kept", "No e-mail address is known.")
    assert states[rested] == ("kept", "Asked enough: at most 1 invitation to any survey in 30 days.")
    assert mailed(one) == Mailed(waiting=0, sent=1, kept=3, failed=0)
    assert Row.objects.filter(customer_id=ada, clock="invited", channel="email").count() == 1  # one, however often it was tried
    [fact] = [each for each in facts(here) if each["name"] == "Survey Sent"]
    assert (fact["context"]["customer_id"], fact["properties"]["survey"]) == (str(ada), "Spring")
    page = html.unescape(here.client.get(f"/w/{here.workspace.slug}/surveys/{one.pk}/links").content.decode())
    assert "1 sent, 0 waiting, 3 kept back, 0 failed" in page
    sent = here.client.post(f"/w/{here.workspace.slug}/surveys/{one.pk}/links", {"audience": str(audience.pk), "days": "7"})
    assert sent.status_code == 302
    Invitation.objects.filter(state="waiting").delete()
