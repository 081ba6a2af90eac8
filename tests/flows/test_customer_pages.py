"""The customers' pages in a real browser: from the edge to the story, by mouse, by keyboard, on a phone, for axe."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started
LIST = "/w/your-company/customers/"


def event(kind, user, minutes, **given):
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    return {"type": kind, "userId": user, "messageId": str(uuid4()), "timestamp": at.isoformat(), **given}


@pytest.fixture(scope="module")
def ines(amity):
    """A customer with views of a visit, a declined card, a chat, a join and a withheld consent; returns user id and id."""
    key = json.loads(amity.cli("source", "create", "Linden Shop", "--json"))["write_key"]
    user, mail, browser, phone = (f"{name}-{uuid4().hex[:8]}" for name in ("u", "ines", "b", "p"))
    traits = {"name": "Ines Carvalho", "email": f"{mail}@mail.example", "address": {"city": "Lisbon"}}
    consent = {"consent": {"categoryPreferences": {"marketing": False, "service": True}}}
    pages = [
        event(
            "page",
            user,
            62 - 4 * n,
            anonymousId=browser,
            properties={"url": f"https://linden.shop/{p}", "title": f"{p} | Linden"},
        )
        for n, p in enumerate(("Lamps", "Alder", "Cart"))
    ]
    declined = {"amount": 189, "currency": "EUR", "reason": "suspected_fraud"}
    amity.send(
        key,
        event("identify", user, 90, anonymousId=browser, traits=traits, context=consent),
        *pages,
        event("track", user, 50, event="Card Declined", properties=declined),
        event("track", user, 42, event="Card Declined", properties=declined),
        event("track", user, 34, event="Live Chat Message Sent", properties={"message_body": "I just want the lamp."}),
        *(event("track", user, 3000 + n, event=f"Step {n}") for n in range(70)),
    )
    amity.send(
        key,
        {**event("page", None, 20, anonymousId=phone), "name": "Home"},
        {**event("identify", None, 19, anonymousId=phone), "traits": {"email": traits["email"]}},
    )

    def whole():
        rows = json.loads(
            amity.cli(
                "query",
                f"SELECT count() AS n, any(toString(customer_id)) AS id FROM interactions WHERE user_id = '{user}'",
                "--json",
            )
        )
        return rows[0]["id"] if rows[0]["n"] == 77 else None

    return user, wait_for(whole)


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    return [f"{one['id']}: {node['html'][:160]}" for one in Axe().run(page).response["violations"] for node in one["nodes"]]


def test_found_while_typing_and_opened_by_keyboard(page, ines):
    user, _ = ines
    page.goto(LIST)
    page.keyboard.press("/")
    page.keyboard.type(user)
    page.wait_for_url(f"**q={user}*")
    page.locator("#found [data-row]", has_text="Ines Carvalho").wait_for()
    assert page.locator("#found [data-row]").count() == 1
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Ines Carvalho").wait_for()


def test_the_story_folds_opens_filters_and_goes_back_in_time(page, ines):
    _, customer = ines
    page.goto(f"{LIST}{customer}/")
    assert page.locator(".matters").get_by_text("Card declined at checkout, twice").is_visible()
    assert page.locator(".matters q").text_content() == "I just want the lamp."
    assert page.get_by_text("No consent").first.is_visible()
    page.get_by_text("Show the 3 pages").click()
    assert page.locator(".fold li").count() >= 3
    bead = page.locator(".bead", has_text="suspected_fraud").first
    bead.hover()
    bead.locator("summary", has_text="JSON").click()
    bead.locator("pre", has_text='"reason": "suspected_fraud"').wait_for()
    before = page.locator(".bead").count()
    page.get_by_role("link", name="Show older").click()
    page.get_by_text("The beginning of the story").wait_for()
    assert page.locator(".bead").count() > before
    page.get_by_label("Show what").select_option("said")
    page.wait_for_url("**kind=said*")
    wait_for(lambda: page.locator("#story .bead").count() == 1)
    assert page.locator("#story blockquote").text_content() == "I just want the lamp."


def test_a_note_waits_and_then_stands_in_the_story(page, ines):
    _, customer = ines
    page.goto(f"{LIST}{customer}/")
    page.get_by_role("button", name="Note").click()
    page.get_by_label("Note", exact=True).fill("Call back on Monday")
    page.get_by_role("button", name="Add the note").click()
    page.locator("#pending .bead:not(.pending)", has_text="Call back on Monday").wait_for()
    page.reload()
    assert page.locator("#story .bead", has_text="Call back on Monday").count() == 1


def test_the_palette_finds_customers(page, ines):
    user, customer = ines
    page.goto(LIST)
    page.keyboard.press("Control+k")
    page.keyboard.type(user)
    page.locator(
        f"#palette-list [role=option][href*='{customer}'], #palette-list [role=option]", has_text="Ines Carvalho"
    ).first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Ines Carvalho").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, ines, scheme):
    _, customer = ines
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = []
    for address in (
        LIST,
        f"{LIST}?q=nobody-at-all",
        *(f"{LIST}{customer}/{tab}" for tab in ("", "traits/", "identity/", "consent/")),
    ):
        page.goto(address)
        found += [f"{address} {one}" for one in violations(page)]
    page.goto(f"{LIST}{customer}/")
    page.get_by_role("button", name="Raw profile").click()
    found += violations(page)
    page.keyboard.press("Escape")
    page.locator("details.fold summary").first.click()
    page.locator(".bead").first.hover()
    page.locator(".bead .open summary").first.click()
    page.locator(".bead pre").first.wait_for()
    found += violations(page)
    assert found == []


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways_on_a_phone(page, ines, width):
    _, customer = ines
    page.set_viewport_size({"width": width, "height": 844})
    for address in (LIST, *(f"{LIST}{customer}/{tab}" for tab in ("", "traits/", "identity/", "consent/"))):
        page.goto(address)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), address
