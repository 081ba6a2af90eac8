"""An account comes in by group calls, and its page shows who belongs to it and what they did for it."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def acme(amity):
    """Return the id of an account of this test's own, once all about it is in the past."""
    made = json.loads(amity.cli("source", "create", "Accounts", "--json"))
    own = f"acme-{uuid4().hex[:8]}"
    people = [("Ines Carvalho", "ines"), ("Tomasz Baran", "tomasz"), ("Wilhelmina Featherstonehaugh-Cholmondeley", "mina")]
    events = []
    for name, user in people:
        who = {"userId": f"{own}-{user}"}
        events += [
            {"type": "identify", **who, "traits": {"name": name, "email": f"{user}@{own}.example"}},
            {"type": "group", **who, "groupId": own, "traits": {"name": "Acme Tools & Söhne", "plan": "business", "seats": 40}},
            {"type": "track", **who, "event": "Report Exported", "properties": {"format": "PDF"}},
            {"type": "page", **who, "name": "Billing", "properties": {"url": "https://shop.example/billing"}},
            {
                "type": "track",
                **who,
                "event": "Order Completed",
                "properties": {"revenue": 480, "currency": "EUR", "order_id": "A1"},
            },
        ]
    amity.send(made["write_key"], *events)
    asked = f"select count() as n from interactions where user_id like '{own}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == len(events))
    return own


def test_an_account_is_found_and_read(amity, acme, page):
    from axe_playwright_python.sync_playwright import Axe

    page.goto("/w/your-company/customers/")
    page.get_by_role("link", name="Accounts", exact=True).first.click()
    page.get_by_role("heading", name="Accounts").wait_for()
    page.goto(f"/w/your-company/accounts/?q={acme}")
    assert Axe().run(page).violations_count == 0
    page.get_by_role("link", name="Acme Tools & Söhne").click()
    page.get_by_role("heading", name="Acme Tools & Söhne").wait_for()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.get_by_text("€1,440.00").is_visible()
    page.get_by_label("About Acme Tools & Söhne").get_by_role("link", name="Ines Carvalho").click()
    page.get_by_role("heading", name="Ines Carvalho").wait_for()
