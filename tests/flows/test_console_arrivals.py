"""Welcome turns green, Live shows what arrives, a source's keys and quarantine do what they say."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def source(amity):
    return json.loads(amity.cli("source", "create", f"Arrivals {uuid4().hex[:6]}", "--json"))


def test_welcome_turns_green_by_itself_and_leads_to_the_story(page):
    page.goto("/w/your-company/welcome/")
    assert "/amity.js" in page.locator("#code").inner_text()
    page.get_by_role("link", name="Segment", exact=True).click()
    page.locator("#code", has_text="cdnURL").wait_for()
    page.get_by_role("link", name="Python").click()
    page.locator("#code", has_text="pip install segment-analytics-python").wait_for()
    page.get_by_role("button", name="Send a test one").click()
    page.locator("#heard.heard", has_text="Test Interaction Sent").wait_for()
    assert page.locator("#first-steps [data-done]").count() >= 3
    page.get_by_role("link", name="Open their story").click()
    page.wait_for_url("**/customers/**")
    assert page.locator("h1").inner_text() == "Test customer"


def test_live_shows_an_interaction_as_it_arrives_and_its_way(amity, page, source):
    page.goto("/w/your-company/live/")
    page.locator("#live-state[data-state=live]").wait_for()
    event = f"Lamp Looked At {uuid4().hex[:6]}"
    amity.send(source["write_key"], {"type": "track", "event": event, "userId": "live-1", "properties": {"lamp": "<b>Alder</b>"}})
    row = page.locator("#live-rows tr", has_text=event)
    row.wait_for()
    row.click()
    panel = page.locator("#live-panel")
    panel.locator("h2", has_text="As JSON").wait_for()
    assert '"lamp": "<b>Alder</b>"' in panel.locator("pre").inner_text()
    assert panel.locator(".way .step").count() >= 2
    assert panel.get_by_role("link", name="Open the story").is_visible()


def test_live_tells_why_something_was_dropped(amity, page, source):
    page.goto("/w/your-company/live/?outcome=rejected")
    page.locator("#live-state[data-state=live]").wait_for()
    event = f"Nobody {uuid4().hex[:6]}"
    kept_out = f"Somebody {uuid4().hex[:6]}"
    amity.send(source["write_key"], {"type": "track", "event": kept_out, "userId": "live-2"}, {"type": "track", "event": event})
    row = page.locator("#live-rows tr", has_text=event)
    row.wait_for()
    assert page.locator("#live-rows tr", has_text=kept_out).count() == 0
    row.click()
    page.locator("#live-panel", has_text="Why it was dropped").wait_for()
    assert "userId" in page.locator("#live-panel .notice").inner_text()


def test_live_holds_back_while_paused(amity, page, source):
    page.goto("/w/your-company/live/")
    page.locator("#live-state[data-state=live]").wait_for()
    page.get_by_role("button", name="Pause").click()
    event = f"Held {uuid4().hex[:6]}"
    amity.send(source["write_key"], {"type": "track", "event": event, "userId": "live-3"})
    page.locator("#live-pause", has_text="1 held").wait_for()
    row = page.locator("#live-rows tr", has_text=event)
    assert row.count() == 0
    page.locator("#live-pause").click()
    row.wait_for()


def test_a_new_source_shows_its_key_and_a_revoked_key_is_turned_away(amity, page, problems):
    import httpx

    name = f"Shop {uuid4().hex[:6]}"
    page.goto("/w/your-company/sources/new/")
    page.get_by_role("button", name="Create the source").click()
    assert "Give it a name" in page.locator(".error").inner_text()
    problems.clear()  # Chromium itself reports the 400 that this test asks for
    page.locator("#name").fill(name)
    page.get_by_text("Your own back end").click()
    page.get_by_role("button", name="Create the source").click()
    page.locator("h1", has_text=name).wait_for()
    key = page.locator(".keys-table td.mono").first.inner_text()
    amity.send(key, {"type": "track", "event": "Tried", "userId": "s-1"})
    page.get_by_role("button", name="Replace all keys").click()
    page.locator("#rotate").get_by_role("button", name="Replace all keys").click()
    page.locator(".said", has_text="New key made").wait_for()
    answer = wait_for(lambda: _refused(httpx.post(f"{amity.edge}/v1/track", json={"event": "x", "userId": "y"}, auth=(key, ""))))
    assert answer.json()["code"]
    fresh = page.locator(".key-row code").inner_text()
    assert fresh != key
    amity.send(fresh, {"type": "track", "event": "Tried", "userId": "s-1"})


def test_quarantine_shows_what_was_not_taken_and_sends_it_again(amity, page, source):
    event = f"Lost {uuid4().hex[:6]}"
    amity.send(source["write_key"], {"type": "track", "event": event, "messageId": str(uuid4())})
    address = f"/w/your-company/sources/{source['id']}/quarantine/"

    def held():
        page.goto(address)
        return page.locator(".held li", has_text=event).count() == 1

    wait_for(held, every=0.5)
    item = page.locator(".held li", has_text=event)
    item.locator("summary").click()
    assert event in item.locator("pre").inner_text()
    item.get_by_role("button", name="Send this one again").click()
    page.locator(".said", has_text="1 sent again").wait_for()
    assert page.locator(".held li", has_text=event).last.locator(".badge").inner_text() == "Sent again"


def test_a_viewer_is_shown_nothing_that_they_may_not_do(amity, browser, source):
    context = browser.new_context(base_url=amity.console, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    amity.sign_in(page, email="viewer@company.example", name="Vito Viewer", role="viewer")
    page.goto(f"/w/your-company/sources/{source['id']}/")
    assert page.get_by_role("button", name="Replace all keys").count() == 0
    assert page.locator(".rail").get_by_role("link", name="Live").count() == 0
    assert page.goto("/w/your-company/live/").status == 403
    assert page.goto("/w/your-company/live/stream/").status == 403
    context.close()


def _refused(answer):
    return answer if answer.status_code != 200 else None
