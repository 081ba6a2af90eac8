"""An alert that fires, in the browser: a rule tried and kept, errors that come in, what they say, who looks after it."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from amity.kernel.clock import HOUR, now_ms
from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


def show_errors(amity, key: str, name: str) -> int:
    """Let forty customers meet an error; returns the hour in which they did."""
    hour = now_ms() // HOUR
    amity.send(key, *[{"type": "track", "event": name, "userId": f"{name}-{n}"} for n in range(40)])
    asked = f"select count() as n from interactions where name = '{name}'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] >= 40, seconds=40)
    return hour


def test_an_alert_that_fires(amity, page):
    made, wrong = json.loads(amity.cli("source", "create", "Alerts", "--json")), []
    name = f"Error {uuid4().hex[:8]}"
    page.goto("/w/your-company/alerts/")
    wrong += broken(page, "list")
    page.goto("/w/your-company/metrics/new")
    page.get_by_label("Name", exact=True).fill(f"{name} shown")
    page.get_by_label("over the event").press_sequentially(name)
    page.get_by_role("button", name="Make the metric").click()
    page.get_by_role("heading", name=f"{name} shown").wait_for()
    page.get_by_role("link", name="Watch it").click()
    page.wait_for_url("**/rules/new")
    page.get_by_label("Judged by the").select_option("hour")
    page.get_by_label("An alert if it is").select_option("above")
    page.get_by_label("a limit of").check()
    page.get_by_label("Limit", exact=True).fill("30")
    page.get_by_role("button", name="Try it on the past").click()
    expect(page.get_by_role("heading", name="0 alerts in the last 28 days")).to_be_visible()
    wrong += broken(page, "rule")
    hour = show_errors(amity, made["write_key"], name)
    page.get_by_role("button", name="Watch it").click()
    page.get_by_role("heading", name=f"{name} shown").wait_for()
    expect(page.locator("#alerts")).to_contain_text("Each hour above 30")

    if now_ms() // HOUR != hour:  # they fell into the hour before the rule's first
        show_errors(amity, made["write_key"], name)

    def fired() -> bool:
        page.goto("/w/your-company/alerts/?state=open")
        return page.get_by_role("link", name=f"{name} shown above its limit").count() == 1

    wait_for(fired, seconds=120)
    wrong += broken(page, "open alerts")
    page.get_by_role("link", name=f"{name} shown above its limit").click()
    page.get_by_role("heading", name=f"{name} shown above its limit").wait_for()
    wrong += broken(page, "alert")
    page.get_by_role("link", name="40 customers").click()
    page.wait_for_url("**/customers?first=**")
    expect(page.get_by_text("40 customers").first).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="I look after it").click()
    page.wait_for_load_state()
    expect(page.locator(".metric-top")).to_contain_text("Looked after")
    page.goto("/w/your-company/alerts/")
    expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Looked after")
    assert wrong == []
