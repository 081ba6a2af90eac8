"""Pages of what a workspace chooses about consent."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.customers import api
from amity.rooms.customers.actions.consent.purposes import forget_purpose, save_purpose, save_texts
from amity.rooms.customers.actions.consent.setting import change_centre, change_policy, change_regions, save_topic
from amity.rooms.customers.models import ConsentSetting, OwnPurpose, PurposeText
from amity.rooms.customers.queries.permission import chosen
from amity.rooms.customers.rules.choices.purposes import BUILT_IN
from amity.rooms.trust.models import AuditEntry, Membership, Person
from tests.rooms.customers.consent.test_centre import access_to
from tests.rooms.customers.making import event

pytestmark = pytest.mark.django_db
HOME = "/w/test-house/consent/"


def text_of(answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


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
def admin(signed_in) -> Client:
    return signed_in("admin")


def test_whoever_sees_customers_sees_it_and_only_who_may_changes_it(signed_in, admin):
    said = text_of(signed_in("viewer").get(HOME))
    assert "Marketing by e-mail" in said
    assert "It asks for" in said
    assert "Add a purpose" not in said
    assert "End all links" not in said
    assert "Add a purpose" in text_of(admin.get(HOME))


def test_a_purpose_is_added_and_holds_for_reads(admin, workspace):
    given = {"name": "Loyalty programme", "key": "", "basis": "consent", "categories": "Club, C0042\nbonus"}
    assert admin.post(f"{HOME}purposes/new/", given).status_code == 302
    purpose = chosen(workspace).purposes["loyalty_programme"]
    assert purpose.names == {"loyalty_programme", "club", "c0042", "bonus"}
    consent = {"consent": {"categoryPreferences": {"C0042": True}}}
    api.place([event("m", workspace=workspace, user_id="ada", context=consent)])
    ada = api.find_customer_by_identifier(workspace_id=workspace, text="ada").id
    assert api.permitted(workspace_id=workspace, customer_ids=[ada], purpose="loyalty_programme") == {ada}
    assert "yours" in text_of(admin.get(HOME))
    assert admin.post(f"{HOME}purposes/new/", given).status_code == 422
    assert admin.post(f"{HOME}purposes/loyalty_programme/end").status_code == 302
    assert "loyalty_programme" not in chosen(workspace).purposes
    assert admin.post(f"{HOME}purposes/loyalty_programme/end").status_code == 404
    assert AuditEntry.objects.filter(action__startswith="consent.purpose").count() == 2


def test_a_changed_text_is_a_new_version_and_old_ones_stay(admin, workspace):
    page = f"{HOME}purposes/surveys/edit"
    given = {"name": "Surveys", "basis": "consent", "description": BUILT_IN["surveys"].description,
             "categories": "\r\n".join(sorted(BUILT_IN["surveys"].names - {"surveys"}))}  # fmt: skip
    for text in ("We ask rarely.", "We ask rarely.", "We ask twice a year.", ""):
        assert admin.post(page, given | {"text_en": text}).status_code == 302
    rows = list(PurposeText.objects.filter(workspace_id=workspace).order_by("version").values_list("version", "text", "made_by"))
    assert rows == [(1, "We ask rarely.", "Kim admin"), (2, "We ask twice a year.", "Kim admin"), (3, "", "Kim admin")]
    assert not OwnPurpose.objects.filter(workspace_id=workspace).exists()
    said = text_of(admin.get(page))
    assert "en/2 We ask twice a year." in said
    assert "Amity’s own words" in said


def test_amitys_purpose_is_changed_and_given_back(admin, workspace):
    page = f"{HOME}purposes/marketing_email/edit"
    given = {"name": "Our letter", "basis": "legitimate_interest", "description": "", "categories": "newsletter"}
    assert admin.post(page, given).status_code == 302
    held = chosen(workspace).purposes["marketing_email"]
    assert (held.name, held.basis, held.names) == ("Our letter", "legitimate_interest", {"newsletter", "marketing_email"})
    assert admin.post(page, given | {"basis": "contract"}).status_code == 422
    assert admin.post(f"{HOME}purposes/marketing_email/end").status_code == 302
    assert chosen(workspace).purposes["marketing_email"] == BUILT_IN["marketing_email"]


def test_a_policy_is_changed(admin, workspace):
    page = f"{HOME}policies/gdpr/"
    assert "398" not in text_of(admin.get(page))
    assert admin.post(page, {"silence": ["analytics"], "expires_days": "180"}).status_code == 302
    policy = chosen(workspace).policies["gdpr"]
    assert (policy.silence, policy.expires_days) == ({"analytics"}, 180)
    assert admin.post(page, {"silence": ["nothing"], "expires_days": "180"}).status_code == 422
    assert admin.post(page, {"expires_days": "-1"}).status_code == 422
    assert admin.get(f"{HOME}policies/mars/").status_code == 404


def test_where_people_are(admin, workspace):
    given = {"default_policy": "us", "country_traits": "billing.country\ncountry, home"}
    assert admin.post(f"{HOME}regions", given).status_code == 302
    known = chosen(workspace)
    assert (known.default_policy, known.country_traits) == ("us", ("billing.country", "country", "home"))
    assert admin.post(f"{HOME}regions", given | {"default_policy": "mars"}).status_code == 422


def test_topics_come_change_and_go(admin, workspace):
    names = {"name_en": "News & more", "name_de": "Neues"}
    assert admin.post(f"{HOME}topics/new/", names | {"frequencies": ["weekly", "monthly"]}).status_code == 302
    [topic] = ConsentSetting.objects.get(workspace_id=workspace).topics
    assert topic == {"key": "news_more", "names": {"en": "News & more", "de": "Neues"}, "frequencies": ["weekly", "monthly"]}
    assert admin.post(f"{HOME}topics/new/", names).status_code == 422
    assert admin.post(f"{HOME}topics/new/", {}).status_code == 422
    assert admin.post(f"{HOME}topics/news_more/edit", {"name_fr": "Nouvelles"}).status_code == 302
    assert ConsentSetting.objects.get(workspace_id=workspace).topics[0]["names"] == {"fr": "Nouvelles"}
    assert "Nouvelles" in text_of(admin.get(HOME))
    assert admin.post(f"{HOME}topics/news_more/end").status_code == 302
    assert ConsentSetting.objects.get(workspace_id=workspace).topics == []
    assert admin.get(f"{HOME}topics/news_more/edit").status_code == 404


@pytest.mark.parametrize(
    ("sites", "kept"),
    [
        ("https://shop.example\nhttps://*.shop.example:8443/", ["https://shop.example", "https://*.shop.example:8443"]),
        ("http://localhost:3000", ["http://localhost:3000"]), ("", []), ("*", None), ("https:", None), ("http://shop.example", None),
        ("https://shop.example; script-src *", None), ("https://shop.example/path", None), ("'self'", None), ("https://*", None),
    ],
)  # fmt: skip
def test_only_sites_that_are_named_whole_embed_the_centre(admin, workspace, sites, kept):
    given = {"offered": ["marketing_email"], "link_days": "30", "frame_ancestors": sites}
    assert admin.post(f"{HOME}centre", given).status_code == (422 if kept is None else 302)
    setting = ConsentSetting.objects.filter(workspace_id=workspace).first()
    if kept is not None:
        assert (setting.frame_ancestors, setting.link_days, setting.offered) == (kept, 30, ["marketing_email"])


def test_all_links_are_ended_at_once(admin, workspace):
    admin.post(f"{HOME}links/end")
    first = ConsentSetting.objects.get(workspace_id=workspace)
    admin.post(f"{HOME}links/end")
    second = ConsentSetting.objects.get(workspace_id=workspace)
    assert first.link_id != second.link_id
    assert first.link_secret != second.link_secret
    assert AuditEntry.objects.filter(action="consent.links_ended").count() == 2
    assert not any(first.link_secret in str(row.after) for row in AuditEntry.objects.all())


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "Marketing"}, {"key": "topic:x"}, {"key": "x" * 61}, {"name": " "}, {"name": "x" * 121}, {"basis": "hope"}, {"basis": "necessary"},
        {"key": "marketing_fax", "basis": "contract"}, {"categories": ["topic:x"]}, {"categories": ["said:x"]}, {"categories": ["x" * 101]},
        {"key": "analytics"}, {"categories": [f"c{n}" for n in range(51)]},
    ],
)  # fmt: skip
def test_what_is_no_purpose_is_refused(workspace, wrong):
    given = {"key": "club", "name": "Club", "basis": "consent", "new": True} | wrong
    with pytest.raises(Invalid):
        save_purpose(access_to(workspace), **given)
    assert not OwnPurpose.objects.filter(workspace_id=workspace).exists()


def test_each_act_asks_for_the_permission(workspace):
    agent = access_to(workspace, "agent")
    for act in (
        lambda: save_purpose(agent, key="club", name="Club", basis="consent", new=True),
        lambda: forget_purpose(agent, key="club"),
        lambda: save_texts(agent, purpose="surveys", texts={"en": "x"}),
        lambda: save_topic(agent, key="", names={"en": "News"}, frequencies=[], new=True),
        lambda: change_policy(agent, key="us", silence=[], expires_days=1),
        lambda: change_regions(agent, default_policy="us", country_traits=[]),
        lambda: change_centre(agent, offered=[], link_days=3, frame_ancestors=[]),
    ):
        with pytest.raises(Forbidden):
            act()
    assert not ConsentSetting.objects.filter(workspace_id=workspace).exists()
