"""An incident in the browser: opened, whom it met, a note, a list of them, over, on paper; no axe violation on the way."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started
AT = "/w/your-company/incidents/"


def test_an_incident_from_its_errors_to_its_list(amity, page):
    made, wrong, name = json.loads(amity.cli("source", "create", "Incidents", "--json")), [], f"Fault {uuid4().hex[:8]}"
    allows = {"consent": {"categoryPreferences": {"analytics": True}}}
    page.goto(AT)
    wrong += broken(page, "incidents")
    page.goto(f"{AT}new")
    page.get_by_label("What went wrong").fill(f"{name} in the shop")
    page.get_by_label("Severity").select_option("critical")
    page.get_by_label("Event").first.press_sequentially(name)
    wrong += broken(page, "form")
    page.get_by_role("button", name="Open it").click()
    page.get_by_role("heading", name=f"{name} in the shop").wait_for()
    expect(page.get_by_text("Nobody has, so far.")).to_be_visible()
    wrong += broken(page, "nobody yet")
    here = page.url
    # A form begins an incident with the minute: whoever meets it from now on is in it.
    amity.send(
        made["write_key"],
        *[{"type": "track", "event": name, "userId": f"{name}-{n}", "context": allows} for n in range(9)],
        *[{"type": "track", "event": "Ticket Opened", "userId": f"{name}-{n}", "context": allows} for n in range(2)],
    )

    def met() -> bool:
        page.goto(here)
        return page.locator(".stat").first.get_by_role("link", name="9", exact=True).count() == 1

    wait_for(met, seconds=60)
    wrong += broken(page, "incident")
    page.get_by_role("link", name="9", exact=True).click()
    page.get_by_role("heading", name="9 customers who met it").wait_for()
    expect(page.locator("tr[data-row]")).to_have_count(9)
    wrong += broken(page, "customers")
    page.goto(here)
    page.get_by_label("What happened").fill("Taken back to yesterday’s version.")
    page.get_by_role("button", name="Write it down").click()
    page.get_by_text("Taken back to yesterday’s version.").wait_for()
    page.get_by_label("Called").fill(f"{name}: say sorry")
    page.get_by_role("button", name="Make the list").click()
    page.wait_for_url("**/audiences/**")
    page.get_by_role("heading", name=f"{name}: say sorry").wait_for()
    page.goto(here)
    page.get_by_role("button", name="It is over").click()
    page.get_by_text("Open → Over").wait_for()
    page.get_by_role("link", name="Report").click()
    page.wait_for_url("**/report")
    expect(page.get_by_text(f"{name}: say sorry: 9 customers to follow up")).to_be_visible()
    wrong += broken(page, "report")
    page.goto(AT)
    expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Over")
    wrong += broken(page, "list")
    assert wrong == []
