"""The preference centre, as somebody with a link meets it."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.test import Client

from amity.engines.present.models import OutboxFact
from amity.kernel.clock import DAY, now_ms
from amity.rooms.customers import api
from amity.rooms.customers.actions.consent.links import end_links, make_link
from amity.rooms.customers.models import Choice, ConsentSetting, PurposeText
from amity.rooms.customers.queries.consent.texts import hash_of
from amity.rooms.trust.contracts import SYSTEM, Access
from amity.rooms.trust.queries.access import get_workspace_by_id
from amity.rooms.trust.rules.roles import permissions_of
from tests.rooms.customers.making import event

pytestmark = pytest.mark.django_db


def access_to(workspace: int, role: str = "admin") -> Access:
    return Access(workspace=get_workspace_by_id(workspace), actor=SYSTEM, role=role, permissions=permissions_of(role))


@pytest.fixture
def ada(workspace):
    consent = {"consent": {"categoryPreferences": {"marketing": True}}}
    api.place([event("m1", workspace=workspace, user_id="ada", traits={"email": "ada@mail.example"}, context=consent)])
    return api.find_customer_by_identifier(workspace_id=workspace, text="ada").id


@pytest.fixture
def link(workspace, ada) -> str:
    return make_link(access_to(workspace), customer_id=ada).url.partition("://")[2].partition("/")[2]


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def text_of(answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def form_of(answer) -> dict[str, str]:
    """Return what a browser would send of the big form, untouched."""
    body = answer.content.decode()
    found = {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', body)}
    found |= dict.fromkeys(re.findall(r'<input type="checkbox" id="[^"]+" name="([^"]+)" checked', body), "on")
    for name, options in re.findall(r'<select class="in" id="[^"]+" name="([^"]+)">(.*?)</select>', body):
        found[name] = re.search(r'value="([^"]+)" selected', options)[1]
    return found | {"do": "save"}


def allowed(workspace: int, who, purpose: str, **more) -> bool:
    return api.permitted(workspace_id=workspace, customer_ids=[who], purpose=purpose, **more) == {who}


def test_it_shows_what_holds_and_says_nothing_of_whom_in_the_address(browser, link, ada):
    answer = browser.get(f"/{link}")
    assert answer.status_code == 200
    said = text_of(answer)
    assert "a•••@mail.example" in said
    assert "ada@mail.example" not in said
    assert str(ada) not in link
    assert ada.hex not in link
    assert "You said yes on" in said
    assert not answer.cookies


def test_nothing_changes_hands_by_headers(browser, link):
    answer = browser.get(f"/{link}")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_it_is_embedded_by_whom_the_workspace_named_only(browser, link, workspace):
    ConsentSetting.objects.filter(workspace_id=workspace).update(frame_ancestors=["https://shop.example"])
    for answer in (browser.get(f"/{link}"), browser.post(f"/{link}", form_of(browser.get(f"/{link}")))):
        assert "X-Frame-Options" not in answer
        assert "frame-ancestors https://shop.example;" in answer["Content-Security-Policy"] + ";"
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert browser.get("/choices/nothing")["X-Frame-Options"] == "DENY"


def test_a_change_holds_at_the_next_read_with_its_proof_and_goes_through_the_log(browser, link, workspace, ada):
    text = PurposeText.objects.create(
        workspace_id=workspace, purpose="surveys", language="de", version=3, text="Wir fragen selten.", hash=hash_of("Wir fragen selten."),
        made_at=1, made_by="Kim",
    )  # fmt: skip
    assert allowed(workspace, ada, "marketing_email")
    shown = browser.get(f"/{link}", headers={"Accept-Language": "de-AT, en;q=0.5"})
    assert "Wir fragen selten." in text_of(shown)
    sent = form_of(shown)
    del sent["on.marketing_email"]
    answer = browser.post(f"/{link}", sent | {"on.surveys": "on"})
    assert answer.status_code == 303
    assert "Gespeichert" in text_of(browser.get(answer["Location"]))
    assert not allowed(workspace, ada, "marketing_email")
    assert allowed(workspace, ada, "surveys")
    rows = {row.name: row for row in Choice.objects.filter(customer_id=ada, origin="centre")}
    assert rows.keys() == {"said:marketing_email", "said:surveys"}
    yes = rows["said:surveys"]
    assert (yes.granted, yes.place, yes.text_version, yes.text_hash) == (True, "preference_centre", "de/3", text.hash)
    no = rows["said:marketing_email"]
    assert (no.granted, no.text_version, no.text_hash) == (False, "de/amity", hash_of("Neuigkeiten und Angebote per E-Mail."))
    [fact] = [json.loads(bytes(one.body)) for one in OutboxFact.objects.filter(workspace_id=workspace)]
    assert fact["name"] == "Consent changed"
    assert fact["properties"]["choices"] == {"said:marketing_email": False, "said:surveys": True}


def test_the_log_brings_the_same_answer_once(browser, link, workspace, ada):
    browser.post(f"/{link}", {"do": "stop"})
    before = list(Choice.objects.filter(customer_id=ada).order_by("name", "time").values())
    [fact] = [json.loads(bytes(one.body)) for one in OutboxFact.objects.filter(workspace_id=workspace)]
    one = event(
        fact["message_id"], workspace=workspace, source=fact["source"], name=fact["name"], kind="track", customer_id=ada,
        properties=fact["properties"],
    )  # fmt: skip
    assert one.key == Choice.objects.get(customer_id=ada, origin="centre").key
    api.place([one])
    assert list(Choice.objects.filter(customer_id=ada).order_by("name", "time").values()) == before


def test_what_was_shown_and_left_is_no_answer(browser, link, workspace, ada):
    ConsentSetting.objects.filter(workspace_id=workspace).update(default_policy="us")
    shown = browser.get(f"/{link}")
    assert "on.analytics" in form_of(shown)
    answer = browser.post(f"/{link}", form_of(shown))
    assert "Nothing was changed." in text_of(browser.get(answer["Location"]))
    assert not Choice.objects.filter(customer_id=ada, origin="centre").exists()


def test_one_press_stops_all_marketing_and_stays_through_what_clients_repeat(browser, link, workspace, ada):
    answer = browser.post(f"/{link}", {"do": "stop"})
    assert "All marketing is stopped." in text_of(browser.get(answer["Location"]))
    again = {"consent": {"categoryPreferences": {"marketing": True}}}
    api.place([event("m2", workspace=workspace, at=now_ms() - 1_790_000_000_000 + 60_000, user_id="ada", context=again)])
    for purpose in ("marketing_email", "marketing_sms", "marketing_post", "marketing_ads", "surveys"):
        assert not allowed(workspace, ada, purpose, at=now_ms() + 120_000), purpose
    row = Choice.objects.get(customer_id=ada, origin="centre")
    assert row.text_version == "en/amity"
    assert len(row.text_hash) == 64


def test_a_pause_stops_marketing_until_it_ends_or_is_ended(browser, link, workspace, ada):
    browser.post(f"/{link}", {"do": "pause_30"})
    assert not allowed(workspace, ada, "marketing_email")
    assert allowed(workspace, ada, "marketing_email", at=now_ms() + 31 * DAY)
    assert "Marketing is paused until" in text_of(browser.get(f"/{link}"))
    browser.post(f"/{link}", {"do": "resume"})
    assert allowed(workspace, ada, "marketing_email")
    assert "Marketing is paused until" not in text_of(browser.get(f"/{link}"))


def test_topics_and_how_often(browser, link, workspace, ada):
    topics = [{"key": "news", "names": {"en": "News", "de": "Neues"}, "frequencies": ["weekly", "monthly"]}]
    ConsentSetting.objects.filter(workspace_id=workspace).update(topics=topics)
    shown = browser.get(f"/{link}")
    sent = form_of(shown) | {"often.topic:news": "monthly"}
    browser.post(f"/{link}", sent)
    assert api.frequencies_of(workspace_id=workspace, customer_ids=[ada]) == {ada: {"news": "monthly"}}
    sent = form_of(browser.get(f"/{link}"))
    assert sent["often.topic:news"] == "monthly"
    del sent["on.topic:news"]
    browser.post(f"/{link}", sent)
    assert allowed(workspace, ada, "marketing_email")
    assert not allowed(workspace, ada, "marketing_email", topic="news")


def test_global_privacy_control_of_this_request_is_heeded_and_answered(browser, link, workspace, ada):
    ConsentSetting.objects.filter(workspace_id=workspace).update(default_policy="us")
    assert allowed(workspace, ada, "sale_share")
    for _ in range(2):
        answer = browser.get(f"/{link}", headers={"Sec-GPC": "1"})
        assert "Your browser sends Global Privacy Control" in text_of(answer)
        assert re.search(r'name="on.sale_share" disabled', answer.content.decode())
    assert not allowed(workspace, ada, "sale_share")
    assert not allowed(workspace, ada, "marketing_ads")
    assert Choice.objects.filter(customer_id=ada, origin="gpc").count() == 1
    assert "Your browser sent Global Privacy Control on" in text_of(browser.get(f"/{link}"))


def test_mail_programs_unsubscribe_with_one_request(browser, workspace, ada):
    made = make_link(access_to(workspace), customer_id=ada)
    assert made.headers == {"List-Unsubscribe": f"<{made.one_click}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    path = "/" + made.one_click.partition("://")[2].partition("/")[2]
    assert browser.get(path).status_code == 200
    assert browser.post(path).status_code == 400
    assert allowed(workspace, ada, "marketing_email")
    answer = browser.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert not answer.cookies
    assert not allowed(workspace, ada, "marketing_email")
    assert allowed(workspace, ada, "marketing_post")
    assert Choice.objects.get(customer_id=ada, origin="centre").place == "list_unsubscribe"


def test_one_click_ends_the_topic_that_the_link_was_made_for(browser, workspace, ada):
    topics = [{"key": "news", "names": {"en": "The Friday letter"}, "frequencies": []}]
    ConsentSetting.objects.update_or_create(workspace_id=workspace, defaults={"topics": topics})
    made = make_link(access_to(workspace), customer_id=ada, scope="topic:news")
    path = "/" + made.one_click.partition("://")[2].partition("/")[2]
    assert "The Friday letter" in text_of(browser.get(path))
    browser.post(path, {"List-Unsubscribe": "One-Click"})
    assert allowed(workspace, ada, "marketing_email")
    assert not allowed(workspace, ada, "marketing_email", topic="news")


@pytest.mark.parametrize("token", ["nothing", "AAAAAAAAAAAA" + "B" * 48, "é" * 60, "%00" * 20, "A" * 500])
def test_what_is_no_link_gets_a_page_that_says_what_to_do(browser, token, db):
    answer = browser.get(f"/choices/{token}")
    assert answer.status_code == 404
    assert "Use the link at the end of the newest e-mail" in text_of(answer)
    assert answer["Referrer-Policy"] == "no-referrer"


def test_every_changed_letter_makes_it_no_link(browser, link):
    for place in range(len("choices/"), len(link)):
        other = "A" if link[place] != "A" else "B"
        assert api_open(link[:place] + other + link[place + 1 :]) is False, place


def api_open(link: str) -> bool:
    from amity.rooms.customers.queries.consent.opened import opened_by
    from amity.rooms.customers.rules.choices.links import LinkOver

    try:
        opened_by(link.removeprefix("choices/"))
    except LinkOver:
        return False
    return True


def test_a_link_ends_and_all_links_end(browser, workspace, ada, link, monkeypatch):
    assert browser.get(f"/{link}").status_code == 200
    monkeypatch.setattr("amity.rooms.customers.queries.consent.opened.now_ms", lambda: now_ms() + 91 * DAY)
    answer = browser.get(f"/{link}", headers={"Accept-Language": "fr"})
    assert answer.status_code == 410
    assert "Ce lien ne fonctionne plus" in text_of(answer)
    assert "Test house" in text_of(answer)
    monkeypatch.undo()
    end_links(access_to(workspace))
    assert browser.get(f"/{link}").status_code == 404
    assert browser.post(f"/{link}", {"do": "stop"}).status_code == 404
    assert allowed(workspace, ada, "marketing_email")


def test_guessing_is_slowed_down_and_so_is_one_link(browser, link, db):
    codes = {browser.get(f"/choices/guess{n}").status_code for n in range(40)}
    assert codes == {404, 429}
    assert browser.get(f"/{link}").status_code == 200
    assert {browser.get(f"/{link}").status_code for _ in range(130)} == {200, 429}


def test_each_language_has_every_word():
    from amity.rooms.customers.rules.centre.languages import LANGUAGES
    from amity.rooms.customers.rules.centre.words import PURPOSES, WORDS

    for found in (WORDS, PURPOSES):
        assert found.keys() == LANGUAGES.keys()
        for language, words in found.items():
            assert words.keys() == found["en"].keys(), language
    for language, words in WORDS.items():
        for name, text in words.items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", WORDS["en"][name])), (language, name)


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("", "", "en"), ("", "de", "de"), ("", "pt-BR,pt;q=0.9", "pt"), ("", "it, es;q=0.2, fr;q=0.7", "fr"), ("", "fr;q=0, de;q=0.1", "de"),
        ("es", "de", "es"), ("xx", "DE-at", "de"), ("", "*", "en"), ("", "de;q=x, fr", "fr"), ("", ";;,,", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_chosen_else_the_best_accepted(chosen, accepted, language):
    from amity.rooms.customers.rules.centre.languages import language_of

    assert language_of(chosen=chosen, accepted=accepted) == language


def test_the_api_makes_links_and_says_what_goes_into_the_mail(workspace, ada, browser):
    from amity.rooms.trust.actions.tokens import create_system_token

    _, token = create_system_token(workspace_id=workspace, name="mailer", role="marketer", days=1)
    asked = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {token}"}}
    address = f"/api/v1/customers/{ada}/choices/link"
    made = browser.post(address, {"days": 3, "unsubscribes": "topic:news"}, **asked)
    assert made.status_code == 201
    told = made.json()
    assert told["headers"]["List-Unsubscribe"] == f"<{told['unsubscribe_url']}>"
    assert browser.get("/" + told["url"].partition("://")[2].partition("/")[2]).status_code == 200
    assert browser.post(address, {"unsubscribes": "fax"}, **asked).status_code == 400
    assert browser.post(address, {"days": 0}, **asked).status_code == 422


def test_a_link_follows_a_join_and_ends_with_the_customer(browser, link, workspace, ada):
    from amity.rooms.customers.models import Activity, Customer

    api.place([event("m9", workspace=workspace, at=9, user_id="bob")])
    bob = api.find_customer_by_identifier(workspace_id=workspace, text="bob").id
    now = api.merge_customers(access_to(workspace, "owner"), customer_ids=[ada, bob], reason="one person")
    browser.post(f"/{link}", {"do": "stop"})
    assert Choice.objects.get(origin="centre").customer_id == now
    assert not allowed(workspace, bob, "marketing_email")
    Activity.objects.all().delete()
    Customer.objects.all().delete()
    assert browser.get(f"/{link}").status_code == 404
