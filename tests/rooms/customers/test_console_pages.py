from __future__ import annotations

import re
from decimal import Decimal
from uuid import uuid4

import pytest

from amity.engines.past.migrate import migrate_past
from amity.kernel.clock import DAY, MINUTE, now_ms
from amity.rooms.collection.models import Source
from amity.rooms.customers.rules.portrait.phrases_shop import SHOP
from tests.rooms.customers.people import Place

EVIL = '<script>alert("x")</script>'


@pytest.fixture(scope="module")
def _past() -> None:
    migrate_past()


@pytest.fixture
def here(_past: None, db: None) -> Place:
    return Place()


def text_of(response) -> str:
    assert response.status_code == 200, response.content[:500]
    return response.content.decode().replace("<wbr>", "")  # where a long address may break


def test_an_empty_list_teaches(here: Place) -> None:
    page = text_of(here.client.get(here.url()))
    assert "No customers yet" in page
    assert f'<a class="b main" href="/w/{here.workspace.slug}/welcome/">Send a first interaction</a>' in page


def test_the_list_shows_who_how_and_how_much(here: Place) -> None:
    here.customer(
        ("email", "ines@mail.example"),
        traits={"name": "Ines Carvalho"},
        values={"EUR": "189.00"},
        channels={"web": 3, "email": 9},
        interactions=1200,
    )
    page = text_of(here.client.get(here.url()))
    for said in ("Ines Carvalho", "ines@mail.example", "e-mail, web", "1,200", "€189.00", "1 customer", ">IC<"):
        assert said in page


def test_a_customers_page_asks_the_present_little(here: Place, django_assert_max_num_queries) -> None:
    who = here.customer(("email", "ines@mail.example"), ("user_id", "u"), traits={"name": "Ines Carvalho"})
    here.client.get(here.url(f"{who}/"))  # the first of a session is asked about more
    with django_assert_max_num_queries(14):  # each takes a millisecond, more while much comes in
        assert "Ines Carvalho" in text_of(here.client.get(here.url(f"{who}/")))


@pytest.mark.parametrize("sought", ["ines", "carva", "ines@mail.example", "INES", "U-77", "lisbon"])
def test_search_by_identifier_trait_and_beginning(here: Place, sought: str) -> None:
    here.customer(("email", "ines@mail.example"), ("user_id", "U-77"), traits={"name": "Ines Carvalho", "city": "Lisbon"})
    here.customer(traits={"name": "Tomasz Baran"})
    page = text_of(here.client.get(here.url(), {"q": sought}, headers={"HX-Target": "found"}))
    assert "Ines Carvalho" in page
    assert "Tomasz" not in page
    assert "<html" not in page


def test_no_match_says_what_was_searched(here: Place) -> None:
    here.customer(traits={"name": "Ines"})
    page = text_of(here.client.get(here.url(), {"q": EVIL}))
    assert "Nobody found" in page
    assert EVIL not in page


def test_older_and_newer_walk_the_whole_list(here: Place) -> None:
    now = now_ms()
    for number in range(120):
        here.customer(traits={"name": f"Customer {number:03}"}, last_seen=now - number * MINUTE)
    seen, url = [], here.url()
    while url:
        page = text_of(here.client.get(url))
        seen += re.findall(r"Customer \d{3}", page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        url = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"Customer {number:03}" for number in range(120)]
    for _ in range(2):
        page = text_of(here.client.get(re.search(r'href="([^"]+)" rel="prev"', page)[1].replace("&amp;", "&")))
    assert re.findall(r"Customer \d{3}", page)[0] == "Customer 000"


def test_a_cursor_that_is_none_leads_to_the_beginning(here: Place) -> None:
    assert here.client.get(here.url(), {"after": "nonsense"}).status_code == 302


def test_the_finder_gives_options_with_links(here: Place) -> None:
    made = here.customer(("email", "ines@mail.example"), traits={"name": "Ines"})
    page = text_of(here.client.get(here.url("find"), {"q": "ine"}))
    assert f'role="option" href="{here.url(f"{made}/")}"' in page
    assert text_of(here.client.get(here.url("find"))).strip() == ""


def test_a_story_in_days_with_its_words(here: Place) -> None:
    made = here.customer(("email", "ines@mail.example"), traits={"name": "Ines Carvalho"}, values={"EUR": "189"}, interactions=4)
    here.tell(
        made,
        {
            "name": "Live Chat Message Sent",
            "channel": "chat",
            "voice": "said",
            "properties": {"message_body": "I just want the lamp."},
        },
        {"name": "Card Declined", "properties": {"amount": 189, "currency": "EUR", "reason": "suspected_fraud"}},
        {
            "name": "Order Completed",
            "at": now_ms() - 40 * DAY,
            "value": Decimal(189),
            "currency": "EUR",
            "properties": {"order_id": "LS-1"},
        },
        {"name": "Email Sent", "channel": "email", "voice": "ours", "at": now_ms() - 41 * DAY},
    )
    page = text_of(here.client.get(here.url(f"{made}/")))
    for said in (
        "<blockquote><bdi>I just want the lamp.</bdi></blockquote>", "Card declined at checkout", "€189.00, reason: suspected_fraud", "Paid €189.00", "Sent an e-mail",
        "Unsolved", "<q><bdi>I just want the lamp.</bdi></q>", "1 payment", "The beginning of the story", "Today, ",
    ):  # fmt: skip
        assert said in page, said


def test_filters_are_a_sentence_that_works_without_javascript(here: Place) -> None:
    made = here.customer(traits={"name": "Ines"}, channels={"web": 1, "email": 1})
    here.tell(
        made,
        {"name": "Signed In"},
        {"name": "Email Opened", "channel": "email"},
        {"name": "Feedback", "voice": "said"},
        {"name": "Signed Up", "at": now_ms() - 60 * DAY},
    )
    shown = {
        "?channel=email": ["Opened an e-mail"],
        "?kind=said": ["Feedback"],
        "?since=30": ["Signed in", "Opened an e-mail", "Feedback"],
        "?kind=seen": [],
        "?kind=nonsense&since=x": ["Signed in", "Opened an e-mail", "Feedback", "Signed up"],
    }
    for query, expected in shown.items():
        page = text_of(here.client.get(here.url(f"{made}/{query}")))
        assert re.findall(r'class="bead-h"><b><bdi>([^<]+)', page) == expected, query
    assert "Nothing like this" in text_of(here.client.get(here.url(f"{made}/?kind=seen")))


def test_views_of_a_visit_fold(here: Place) -> None:
    made, session, now = here.customer(traits={"name": "Ines"}), uuid4(), now_ms()
    views = [
        {
            "type": "page",
            "name": "",
            "at": now - m * MINUTE,
            "session_id": session,
            "path": f"/{m}",
            "url": "https://linden.shop/",
        }
        for m in (0, 4, 9)
    ]
    here.tell(made, *views)
    assert "linden.shop, 3 pages in 9 min" in text_of(here.client.get(here.url(f"{made}/")))


def test_older_stretches_reach_every_interaction_once(here: Place) -> None:
    made, now = here.customer(traits={"name": "Ines"}, interactions=130), now_ms()
    here.tell(made, *({"name": f"Step {n}", "at": now - n * MINUTE} for n in range(130)))
    page = text_of(here.client.get(here.url(f"{made}/")))
    seen = re.findall(r"<b><bdi>(Step \d+)", page)
    while found := re.search(r'hx-get="([^"]+older[^"]+)"', page):
        page = text_of(here.client.get(found[1].replace("&amp;", "&"), headers={"HX-Request": "true"}))
        assert "<html" not in page
        assert 'class="day">Today' not in page
        seen += re.findall(r"<b><bdi>(Step \d+)", page)
    assert seen == [f"Step {n}" for n in range(130)]
    assert here.client.get(here.url(f"{made}/older?before=nonsense")).status_code == 404


def test_one_interaction_opens_as_json(here: Place) -> None:
    made = here.customer(traits={"name": "Ines"})
    at = now_ms()
    (key,) = here.tell(made, {"name": "Warranty Checked", "at": at, "properties": {"note": EVIL}})
    page = text_of(here.client.get(here.url(f"{made}/moments/{at}/{key}/"), headers={"HX-Request": "true"}))
    assert "Warranty Checked" in page
    assert "Linden Shop" in page
    assert EVIL not in page
    other = here.customer(traits={"name": "Other"})
    assert here.client.get(here.url(f"{other}/moments/{at}/{key}/")).status_code == 404


def test_a_merged_id_leads_to_the_survivor_with_its_evidence(here: Place) -> None:
    old, into = here.customer(), here.customer(("email", "ines@mail.example"), ("anonymous_id", "a-1"), traits={"name": "Ines"})
    here.merge(old, into)
    here.tell(old, {"name": "Signed Up"})
    answer = here.client.get(here.url(f"{old}/traits/?a=b"))
    assert (answer.status_code, answer.headers["Location"]) == (302, here.url(f"{into}/traits/?a=b"))
    assert "Signed up" in text_of(here.client.get(here.url(f"{into}/")))
    page = text_of(here.client.get(here.url(f"{into}/identity/")))
    for said in (
        "Browser or app a-1",
        "Sent together: e-mail ines@mail.example and browser or app a-1",
        "shared_identifiers",
        str(old),
    ):
        assert said in page


def test_traits_and_consent_tell_source_and_time(here: Place) -> None:
    made = here.customer(
        traits={"name": "Ines", "plan": "Gold", "vip": True, "address": {"city": "Lisbon"}, "gone": None},
        consent={"marketing": [False, now_ms(), 0, str(uuid4())], "service": [True, now_ms(), 0, str(uuid4())]},
    )
    page = text_of(here.client.get(here.url(f"{made}/traits/")))
    for said in ("Plan", "Gold", "yes", "known to be empty", "Linden Shop", "Lisbon"):
        assert said in page
    page = text_of(here.client.get(here.url(f"{made}/consent/")))
    assert "No consent" in page
    assert "to marketing" in page


@pytest.mark.parametrize("tab", ["", "traits/", "identity/", "consent/"])
def test_hardly_anything_known_is_still_a_page(here: Place, tab: str) -> None:
    made = here.customer(("anonymous_id", "0f3c"), channels={}, interactions=0, first_seen=0, last_seen=0)
    assert f"Visitor {made.hex[-6:]}" in text_of(here.client.get(here.url(f"{made}/{tab}")))


@pytest.mark.parametrize(
    "name",
    [
        EVIL,
        "🦊 Renard 🦊",
        "شركة الليندن",
        "x" * 500,
        "a" * 60 + " " + "b" * 60,
        "Robert'); DROP TABLE customers;--",
        "\u202eevil",
    ],
)
def test_any_name_is_inert(here: Place, name: str) -> None:
    made = here.customer(("user_id", name[:100]), traits={"name": name, name[:60]: name, "address": {"city": name}})
    here.tell(
        made,
        {"name": name[:200], "properties": {name[:50]: name, "products": [{"name": name}]}},
        {"name": "Product Viewed", "properties": {"name": name}},
    )
    pages = [text_of(here.client.get(here.url(rest))) for rest in ("", f"{made}/", f"{made}/traits/", f"{made}/identity/")]
    assert all(EVIL not in page for page in pages)
    assert all("alert(&quot;x&quot;)" in page for page in pages) or name != EVIL


def test_no_inline_style_or_script(here: Place) -> None:
    made = here.customer(traits={"name": "Ines"})
    here.tell(made, *({"name": key} for key in list(SHOP)[:20]))
    for rest in ("", f"{made}/", f"{made}/traits/"):
        page = text_of(here.client.get(here.url(rest)))
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_another_workspaces_customer_is_no_customer_here(here: Place) -> None:
    elsewhere = Place()
    made = elsewhere.customer(traits={"name": "Ines"})
    for rest in (f"{made}/", f"{made}/traits/", f"{made}/older", f"{made}/identity/", f"{made}/consent/"):
        assert here.client.get(here.url(rest)).status_code == 404
        assert here.client.get(elsewhere.url(rest)).status_code == 404
    assert "Ines" not in text_of(here.client.get(here.url(), {"q": str(made)}))


def test_names_of_sources_are_the_workspaces_own(here: Place) -> None:
    Source.objects.filter(pk=here.source).update(name="Renamed")
    made = here.customer(("email", "a@b.example"))
    assert "Renamed" in text_of(here.client.get(here.url(f"{made}/identity/")))


def test_a_note_is_on_its_way_and_then_in_the_story(here: Place) -> None:
    from amity.engines.present.models import OutboxFact

    made = here.customer(traits={"name": "Ines"})
    answer = here.client.post(here.url(f"{made}/notes/"), {"text": "Call back on Monday"}, headers={"HX-Request": "true"})
    assert answer.status_code == 201
    page = answer.content.decode()
    assert "On its way into the log" in page
    assert "Nadia Okafor noted" in page
    poll = re.search(r'hx-get="([^"]+)"', page)[1]
    assert here.client.get(poll).status_code == 204
    fact = OutboxFact.objects.get(workspace_id=here.workspace.pk)
    assert b"Call back on Monday" in bytes(fact.body)

    from amity.kernel.ids import message_key
    from amity.rooms.collection.api import amity_source

    source = amity_source(workspace_id=here.workspace.pk)
    message_id = poll.rstrip("/").rsplit("/", 1)[1]
    row = {"name": "NoteAdded", "voice": "ours", "channel": "console", "message_id": message_id, "source_id": source}
    row |= {
        "message_key": message_key(here.workspace.pk, source, message_id),
        "properties": {"text": "Call back on Monday", "author": "Nadia Okafor"},
    }
    here.tell(made, row)
    brought = text_of(here.client.get(poll))
    assert "Nadia Okafor noted" in brought
    assert "Call back on Monday" in brought
    assert "On its way" not in brought


def test_an_empty_note_adds_nothing(here: Place) -> None:
    made = here.customer(traits={"name": "Ines"})
    assert here.client.post(here.url(f"{made}/notes/"), {"text": "  "}, headers={"HX-Request": "true"}).status_code == 204
    assert here.client.post(here.url(f"{made}/notes/"), {"text": "x" * 5001}).status_code == 302


def test_a_viewer_reads_and_writes_no_note(here: Place) -> None:
    made = here.customer(traits={"name": "Ines"})
    viewer = here.sign_in("viewer")
    assert "Add the note" not in text_of(viewer.get(here.url(f"{made}/")))
    assert viewer.post(here.url(f"{made}/notes/"), {"text": "Hello"}).status_code == 403
