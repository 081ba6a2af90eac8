"""A metric in the browser: put together, read with its interval, parted, followed to its customers, changed into a version."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def scored(amity):
    """An event of this test's own: forty customers, who score from 0 to 10."""
    made = json.loads(amity.cli("source", "create", "Metrics", "--json"))
    name = f"Rated {uuid4().hex[:8]}"
    amity.send(
        made["write_key"],
        *[
            {
                "type": "track",
                "event": name,
                "userId": f"{name}-{n}",
                "properties": {"score": 10 if n % 4 else 3, "shop": f"s{n % 2}"},
            }
            for n in range(40)
        ],
    )
    asked = f"select count() as n from interactions where user_id like '{name}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 40, seconds=40)
    return name


def test_from_a_field_to_its_customers(amity, scored, page):
    wrong = []
    page.goto("/w/your-company/metrics/")
    wrong += broken(page, "list")
    page.goto("/w/your-company/metrics/new")
    page.get_by_label("Name", exact=True).fill(f"Advice on {scored}")
    page.get_by_label("Measure").select_option("nps")
    page.get_by_label("of the property", exact=True).fill("score")
    page.get_by_label("over the event").press_sequentially(scored)
    seen = page.locator("#preview")
    expect(seen).to_contain_text("n 40", timeout=20_000)
    expect(seen).to_contain_text("adjusted Wald")
    wrong += broken(page, "builder")
    page.get_by_role("button", name="Make the metric").click()
    page.get_by_role("heading", name=f"Advice on {scored}").wait_for()
    expect(page.locator(".metric-top .stat-v")).to_contain_text("50")
    page.get_by_label("parted by").fill("properties.shop")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**breakdown=properties.shop**")
    expect(page.get_by_role("heading", name="By properties.shop")).to_be_visible()
    page.get_by_text("The numbers").click()
    wrong += broken(page, "metric")
    page.get_by_role("link", name="n 40").click()
    page.get_by_role("heading", name="Customers behind it").wait_for()
    expect(page.locator("tr[data-row]")).to_have_count(40)
    wrong += broken(page, "customers")
    page.go_back()
    page.get_by_role("link", name="Change", exact=True).click()
    page.wait_for_url("**/edit")
    page.get_by_label("Measure").select_option("count")
    page.get_by_label("Why it changes").fill("We count them now")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Version 2").first.wait_for()
    expect(page.locator(".versions")).to_contain_text("We count them now")
    page.get_by_role("link", name="Version 1").click()
    page.get_by_text("This is version 1").wait_for()
    page.goto("/w/your-company/metrics/")
    row = page.locator("tr[data-row]", has_text=f"Advice on {scored}")
    expect(row.locator(".metric-v")).to_contain_text("40", timeout=20_000)
    wrong += broken(page, "list with figures")
    assert wrong == []
