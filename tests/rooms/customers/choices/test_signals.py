from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.rooms.customers import api
from amity.rooms.customers.models import Choice
from amity.rooms.customers.rules.choices.iab import Unreadable, gpp_opted_out, tcf_purposes
from amity.rooms.customers.rules.choices.signals import telling
from amity.rooms.customers.rules.consent import said_consent
from tests.rooms.customers.making import T0, event

# The example of IAB Europe's own specification of the TC string; what others' decoders say of it: purposes 1 to 3, no interests.
TCF = (
    "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAA"
    "FAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw"
)
IN, OUT = "DBABLA~BVAoAAAAAABk.QA", "DBABBg~BUUAAABY.QA"  # published: not opted out nationally; opted out of both in California


def test_the_specifications_own_tc_string():
    assert tcf_purposes(TCF) == (frozenset({1, 2, 3}), frozenset())


@pytest.mark.parametrize(
    ("text", "out"),
    [
        (IN, False), (OUT, True), ("DBABBg~BUoAAABg.Q", False), ("DBABLA~BVVqAAEABCA.YA", True),
        ("DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN", None),  # TCF and the old US string: nothing of sale
    ],
)  # fmt: skip
def test_published_gpp_strings(text, out):
    assert gpp_opted_out(text) is out


@given(st.text(max_size=60) | st.text("ABCDEFGHIJ~.-_", max_size=60).map(lambda rest: "DBAB" + rest))
def test_whatever_is_no_such_string_is_said_to_be_none(text):
    for read in (tcf_purposes, gpp_opted_out):
        try:
            read(text)
        except Unreadable:
            continue


def test_signals_of_googles_consent_mode_and_strings_become_answers():
    one = event("m", workspace=1, context={"consent": {
        "categoryPreferences": {"Analytics": True}, "ad_storage": "denied", "googleConsentMode": {"ad_user_data": "granted"},
        "tcString": TCF, "gpp": {"gppString": OUT},
    }})  # fmt: skip
    said = said_consent(one)
    assert {name for name, granted in said.items() if granted} == {"Analytics", "ad_user_data", "tcf:1", "tcf:2", "tcf:3"}
    assert said["ad_storage"] is said["sale_share"] is said["tcf:9"] is False
    told = telling(one)
    assert (told.origins["ad_storage"], told.origins["tcf:4"], told.origins["sale_share"]) == ("google", "tcf", "gpp")
    assert told.proofs == {**dict.fromkeys([f"tcf:{n}" for n in range(1, 12)], TCF), "sale_share": OUT}


def test_broken_signals_say_nothing():
    one = event(
        "m", workspace=1, context={"consent": {"tcString": "no string", "gpp": 7, "ad_storage": None, "google": "granted"}}
    )
    assert said_consent(one) == {}
    assert said_consent(event("m", workspace=1, context={"consent": "yes"})) == {}


@pytest.mark.parametrize(
    ("name", "properties", "said"),
    [
        ("Consent Changed", {"choices": {"email": True, "sms": False, "x": "maybe"}}, {"email": True, "sms": False}),
        ("ConsentChanged", {"purpose": "email", "granted": "denied"}, {"email": False}),
        ("Segment Consent Preference Updated", {"consent": {"C0002": True}}, {"C0002": True}),
        ("Consent Given", {"purpose": "email"}, {"email": True}),
        ("consent withdrawn", {"purpose": "email", "granted": True}, {"email": False}),
        ("Consent changed", {"purpose": "email"}, {}),
        ("Order Completed", {"consent": {"email": True}}, {}),
    ],
)
def test_events_that_are_answers(name, properties, said):
    assert said_consent(event("m", workspace=1, name=name, properties=properties)) == said


@pytest.mark.django_db
def test_an_answer_of_its_own_keeps_its_proof_and_renews(workspace):
    def say(key, at):
        properties = {
            "choices": {"email": True},
            "text": "Send me news.",
            "text_version": 3,
            "place": "sign-up form",
            "origin": "centre",
        }
        return event(key, workspace=workspace, at=at, user_id="ada", name="Consent changed", properties=properties)

    api.place([say("a", 0)])
    api.place([say("b", 10)])
    first, second = Choice.objects.order_by("time")
    assert (first.time, second.time) == (T0, T0 + 10)
    assert (first.origin, first.text_version, first.place) == ("event", "3", "sign-up form")  # no client speaks for the centre
    assert first.text_hash == sha256(b"Send me news.").hexdigest()


@pytest.mark.django_db
def test_where_somebody_was_last_met_decides_the_region(workspace):
    def met(key, at, country, **rest):
        return event(key, workspace=workspace, at=at, user_id="ada", country=country, **rest)

    api.place([met("a", 0, "US"), met("b", 20, "DE"), met("c", 10, "US"), met("d", 30, "US", voice="ours")])
    ada = api.find_customer_by_identifier(workspace_id=workspace, text="ada")
    assert api.permitted(workspace_id=workspace, customer_ids=[ada.id], purpose="analytics") == set()
    api.place([met("e", 40, "US")])
    assert api.permitted(workspace_id=workspace, customer_ids=[ada.id], purpose="analytics") == {ada.id}
