"""The Consent tab of a customer's page: what holds and why, the history with its proof, noted choices."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from amity.kernel.clock import DAY
from amity.rooms.customers import api
from amity.rooms.customers.models import Choice, ConsentSetting
from amity.rooms.customers.rules.choices.proofs import decoded
from amity.rooms.trust.models import AuditEntry, Membership, Person
from tests.rooms.customers.making import T0, event

pytestmark = pytest.mark.django_db
# The example of the IAB's "Consent string and vendor list formats v2", and strings of its GPP library's documentation.
TCF = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"
GPP = "DBABBg~BUUAAABY.QA"


def text_of(answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode().replace("<wbr>", ""))))


@pytest.fixture
def signed_in(workspace):
    def make(role: str) -> Client:
        person = Person.objects.create(email=f"{role}@house.example", name=f"Kim {role}")
        Membership.objects.create(person=person, workspace_id=workspace, role=role)
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def ada(workspace, past):
    def at(n: int, given: dict) -> None:
        api.place([event(f"m{n}", workspace=workspace, at=n, user_id="ada", context={"consent": given})])

    at(0, {"categoryPreferences": {"marketing": True, "analytics": True}})
    at(1, {"tcString": TCF})
    at(2, {"gppString": GPP})
    at(3, {"categoryPreferences": {"C0002": False}})
    return api.find_customer_by_identifier(workspace_id=workspace, text="ada").id


@pytest.fixture
def past():
    from amity.engines.past.migrate import migrate_past

    migrate_past()


def tab(customer) -> str:
    return f"/w/test-house/customers/{customer}/consent/"


def test_it_tells_what_holds_and_why_with_what_is_outweighed(signed_in, workspace, ada):
    ConsentSetting.objects.create(workspace_id=workspace, default_policy="gdpr")
    said = text_of(signed_in("viewer").get(tab(ada)))
    assert "Read by the policy for European Economic Area" in said
    assert "Needs no answer: it rests on necessary" in said
    assert "Said yes, as “marketing”" in said
    assert "Said no, as “C0002”" in said
    assert "Outweighs analytics" in said
    assert "Nothing said; needs a yes where the customer is" in said
    assert "Note a choice" not in said
    assert "Link for the customer" not in said


def test_the_history_shows_proof_and_decodes_strings(signed_in, ada):
    said = text_of(signed_in("viewer").get(tab(ada)))
    assert "TCF string" in said
    assert TCF in said.replace("\u200b", "")
    assert "Said yes to" in said
    assert "opted out of sale and sharing" in said


def test_strings_are_told_in_words():
    told = dict(decoded("tcf", TCF))
    assert told["Made"] == told["Changed"] == "20 Feb 2020, 23:57 UTC"
    assert told["Consent platform"].startswith("number 27, version 0, screen 0, in EN")
    assert told["Vendor list"].startswith("version 15, policy 2")
    assert "1: Store or access information on a device" in told["Said yes to"]
    assert decoded("tcf", "!!") == []
    assert decoded("stamp", TCF) == []
    assert decoded("gpp", "DBAB") == []


def test_a_colleague_notes_a_choice_which_holds_at_once_with_who_and_why(signed_in, workspace, ada):
    agent = signed_in("agent")
    given = {"purpose": "marketing_sms", "granted": "yes", "way": "call", "reason": "“Yes, text me when the lamp is back.”"}
    answer = agent.post(f"{tab(ada)}note", given)
    assert answer.status_code == 302
    assert api.permitted(workspace_id=workspace, customer_ids=[ada], purpose="marketing_sms") == {ada}
    row = Choice.objects.get(customer_id=ada, origin="colleague")
    assert (row.granted, row.place, row.person, row.reason) == (True, "call", "Kim agent", given["reason"])
    assert AuditEntry.objects.filter(action="consent.noted").count() == 1
    said = text_of(agent.get(tab(ada)))
    assert "Noted by a colleague, on the phone , by Kim agent" in said
    assert given["reason"] in said
    agent.post(f"{tab(ada)}note", given | {"purpose": "direct_marketing", "granted": "no", "reason": "Wants nothing more."})
    assert api.permitted(workspace_id=workspace, customer_ids=[ada], purpose="marketing_sms") == set()


@pytest.mark.parametrize(
    "wrong",
    [{"reason": " "}, {"purpose": "necessary"}, {"purpose": "fax"}, {"way": "dream"}, {"granted": "maybe"},
     {"purpose": "direct_marketing", "granted": "yes"}, {"reason": "x" * 501}],
)  # fmt: skip
def test_what_is_no_proof_is_not_noted_and_what_was_typed_stays(signed_in, ada, wrong):
    given = {"purpose": "marketing_sms", "granted": "yes", "way": "call", "reason": "She said so."}
    answer = signed_in("agent").post(f"{tab(ada)}note", given | wrong)
    assert answer.status_code == 422
    assert not Choice.objects.filter(customer_id=ada, origin="colleague").exists()
    if "reason" not in wrong:
        assert "She said so." in text_of(answer)


def test_a_link_is_made_for_those_who_may(signed_in, ada):
    answer = signed_in("agent").post(f"{tab(ada)}link")
    [url] = re.findall(r'<pre id="made" tabindex="0">([^<]+)</pre>', answer.content.decode())
    assert Client().get("/" + url.partition("://")[2].partition("/")[2]).status_code == 200
    assert AuditEntry.objects.filter(action="consent.link_made").count() == 1
    assert signed_in("viewer").post(f"{tab(ada)}link").status_code == 403


def test_a_long_history_goes_on_over_pages(signed_in, workspace, ada):
    for n in range(40):
        Choice.objects.create(
            workspace_id=workspace, key=f"00000000-0000-7000-8000-{n:012}", name="said:surveys", customer_id=ada, granted=n % 2 == 0,
            time=T0 + n * DAY, received_at=T0 + n * DAY, source_id=1, origin="centre", place="preference_centre",
        )  # fmt: skip
    viewer = signed_in("viewer")
    first, second = viewer.get(tab(ada)), viewer.get(f"{tab(ada)}?after=30")
    assert "Older answers" in text_of(first)
    assert "in the preference centre" in text_of(first)
    assert "Newest" in text_of(second)
