"""The audit in the browser: asked, worked, a finding with its evidence dismissed and taken back; no axe violation on the way."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started
AT = "/w/your-company/journeys/audit/"


def test_an_audit_from_its_asking_to_a_dismissed_finding(amity, page):
    made, thing = json.loads(amity.cli("source", "create", "Audit", "--json")), f"wheel {uuid4().hex[:8]}"
    allows = {"consent": {"categoryPreferences": {"analytics": True}}}
    shown = {"type": "track", "event": "Feature Shown", "properties": {"feature": thing}, "context": allows}
    people = [f"{thing}-{n}" for n in range(150)]
    amity.send(made["write_key"], *[{**shown, "userId": one} for one in people for _ in range(3)])

    def audited() -> bool:
        page.goto(AT)
        page.get_by_label("Look back").select_option("30 days")
        with page.expect_navigation(url=f"**{AT}"):
            page.get_by_role("button", name="Audit").click()
        expect(page.locator("progress")).to_have_count(0, timeout=60_000)
        return page.get_by_role("heading", name=thing).count() == 1

    page.goto(AT)
    wrong = broken(page, "begun")
    wait_for(audited, seconds=120)
    page.goto(AT)
    wrong += broken(page, "findings")
    finding = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=thing))
    expect(finding).to_contain_text("150 customers, 450 times")
    finding.get_by_text("Dismiss", exact=True).click()
    finding.get_by_label("Why").fill("It is only for a week")
    finding.get_by_role("button", name="Dismiss it").click()
    expect(page.get_by_text("It is only for a week")).to_be_visible()
    wrong += broken(page, "dismissed")
    page.get_by_role("button", name=f"{thing}” is shown").click()
    expect(page.get_by_role("heading", name=thing)).to_be_visible()
    assert wrong == []
