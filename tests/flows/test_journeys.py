"""Journeys in the browser: a funnel and a map are made, counted, followed to their customers, held to a target; no axe violation on the way."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from amity.kernel.clock import HOUR, MINUTE, from_ms, now_ms
from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started
AT = "/w/your-company/journeys/"


@pytest.fixture(scope="module")
def walked(amity):
    """Three events of this test's own: eight customers begin, five go on, two come through."""
    made = json.loads(amity.cli("source", "create", "Journeys", "--json"))
    name = f"Walk {uuid4().hex[:8]}"
    amity.send(
        made["write_key"],
        *[
            {
                "type": "track",
                "event": f"{name} {step}",
                "userId": f"{name}-{n}",
                "timestamp": from_ms(now_ms() - HOUR + step * MINUTE).isoformat(),
            }
            for step, number in ((1, 8), (2, 5), (3, 2))
            for n in range(number)
        ],
    )
    asked = f"select count() as n from interactions where user_id like '{name}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 15, seconds=40)
    return name


def test_a_funnel_is_counted_kept_and_followed_to_who_left_it(walked, page):
    wrong = []
    page.goto(f"{AT}funnels/")
    wrong += broken(page, "funnels")
    page.goto(f"{AT}funnels/new")
    page.get_by_label("Event of step 1").press_sequentially(f"{walked} 1")
    page.get_by_label("Event of step 2").press_sequentially(f"{walked} 2")
    expect(page.locator("#result .fstep-v").first).to_contain_text("8", timeout=20_000)
    expect(page.locator("#result .fstep-v").last).to_contain_text("5")
    wrong += broken(page, "builder")
    page.get_by_label("Name", exact=True).fill(f"Funnel {walked}")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("heading", name=f"Funnel {walked}").wait_for()
    wrong += broken(page, "funnel")
    page.get_by_role("link", name="3 didn’t come so far").click()
    page.wait_for_url("**/funnels/customers**")
    expect(page.locator("tr[data-row]")).to_have_count(3)
    wrong += broken(page, "customers")
    assert wrong == []


def test_a_map_is_drawn_measured_and_held_to_its_target(walked, page):
    wrong = []
    page.goto(AT)
    wrong += broken(page, "journeys")
    page.goto(f"{AT}new")
    wrong += broken(page, "new")
    page.get_by_label("Nothing").check()
    page.get_by_label("Name", exact=False).first.fill(f"Journey {walked}")
    page.get_by_role("button", name="Draw it").click()
    page.get_by_role("heading", name=f"Journey {walked}").wait_for()
    for n, stage in enumerate(("Begin", "Go on", "Arrive"), 1):
        page.get_by_label("Name of another stage").fill(stage)
        page.get_by_role("button", name="Add a stage").click()
        page.get_by_label(f"Change stage {stage}").click()
        expect(page.get_by_label("Name", exact=True).first).to_be_focused()  # as it is once the form is settled
        page.get_by_label("Reached with the event").fill(f"{walked} {n}")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#jmap")).to_contain_text(f"“{walked} {n}”")
    wrong += broken(page, "map")
    page.get_by_role("button", name="Set a target").click()
    page.get_by_role("link", name="Target").wait_for()
    page.goto(f"{page.url.split('?')[0]}conformance")
    page.get_by_role("heading", name="Conformance").wait_for()
    wrong += broken(page, "conformance")
    page.go_back()
    page.get_by_role("button", name="Time and period").click()
    page.get_by_label("Time to come through").fill("2")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator(".stats")).to_contain_text("within 2 days")
    page.get_by_role("link", name="Moments that matter").click()
    page.get_by_role("heading", name="Not asked yet").wait_for()
    wrong += broken(page, "moments before")
    page.get_by_label("Days after").fill("10")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#telling")).to_contain_text("Too few customers: 0 began", timeout=60_000)
    wrong += broken(page, "moments")
    page.goto(f"{AT}paths/")
    wrong += broken(page, "paths")
    page.goto(f"{AT}friction/")
    wrong += broken(page, "friction")
    page.goto(f"{AT}friction/new")
    wrong += broken(page, "new pain point")
    assert wrong == []


def test_a_map_is_looked_through_commented_on_and_shared(walked, page):
    wrong, name = [], f"Shared {walked}"
    page.goto(f"{AT}new")
    page.get_by_label("Support").check()
    page.get_by_label("Name", exact=False).first.fill(name)
    page.get_by_role("button", name="Draw it").click()
    page.get_by_role("heading", name=name).wait_for()
    page.get_by_role("link", name="Freshness").click()
    page.get_by_role("heading", name="Too early to say").wait_for()
    page.get_by_role("button", name="I looked it through").click()
    page.get_by_role("dialog").get_by_role("button", name="I looked it through").click()
    expect(page.locator(".about")).to_contain_text("Looked through")
    wrong += broken(page, "freshness")
    page.get_by_role("link", name="Comments").click()
    page.get_by_role("heading", name="No comment yet").wait_for()
    page.get_by_label("Comment", exact=True).fill("Is this so?")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.get_by_role("button", name="Settle").wait_for()
    wrong += broken(page, "comments")
    page.get_by_role("link", name="Map", exact=True).click()
    page.get_by_role("link", name="1 open comment on Has a question").wait_for()
    wrong += broken(page, "map with a comment")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("pre").inner_text()
    page.goto(link)
    page.get_by_role("heading", name=name).wait_for()
    expect(page.locator("body")).not_to_contain_text("Ticket Opened")
    wrong += broken(page, "shared map")
    assert wrong == []
