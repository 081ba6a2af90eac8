"""A persona in the browser: described, tied to an audience, with numbers and a quote of its members, reviewed, on the customer's page."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def callers(amity):
    """An audience of this test's own: three who called, of whom one said something."""
    made = json.loads(amity.cli("source", "create", "Personas", "--json"))
    name = f"Rang {uuid4().hex[:8]}"
    amity.send(
        made["write_key"],
        *[{"type": "identify", "userId": f"{name}-{n}", "traits": {"name": f"{name} Nr{n}"}} for n in range(3)],
        *[
            {"type": "track", "event": name, "userId": f"{name}-{n}", "context": {"channel": "phone"}, "properties": {}}
            for n in range(3)
        ],
        {"type": "track", "event": "Chat Message Sent", "userId": f"{name}-0", "properties": {"message": f"A person, {name}"}},
    )
    asked = f"select count() as n from interactions where user_id like '{name}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 7, seconds=40)
    return name


def test_from_a_description_to_the_customers_page(amity, callers, page):
    wrong = []
    page.goto("/w/your-company/audiences/new?as=json")
    page.get_by_label("Name", exact=True).fill(f"All of {callers}")
    where = {"version": 1, "where": {"kind": "did", "event": {"name": callers}}}
    page.get_by_label("Definition as JSON").fill(json.dumps(where))
    page.get_by_role("button", name="Make the audience").click()
    page.get_by_role("heading", name=f"All of {callers}").wait_for()
    page.goto("/w/your-company/personas/")
    wrong += broken(page, "list")
    page.get_by_role("link", name="Segments by behaviour").click()
    page.get_by_role("heading", name="Nobody was sorted yet").wait_for()
    wrong += broken(page, "segments")
    page.goto("/w/your-company/personas/new")
    wrong += broken(page, "form")
    page.get_by_label("Name", exact=True).fill(f"Caller {callers}")
    page.get_by_label("Whom it stands for").select_option(label=next(
        text for text in page.get_by_label("Whom it stands for").locator("option").all_inner_texts() if callers in text
    ))  # fmt: skip
    page.get_by_label("Goals").fill("Be sure\nBe quick")
    page.get_by_role("button", name="Make the persona").click()
    page.get_by_role("heading", name=f"Caller {callers}").wait_for()

    def members() -> str:
        page.reload()
        return page.locator(".stat-v").first.inner_text()

    wait_for(lambda: members() == "3", seconds=30)
    wrong += broken(page, "persona")
    page.get_by_role("link", name="Find quotes").click()
    page.get_by_role("heading", name="What members said lately").wait_for()
    wrong += broken(page, "voices")
    page.get_by_role("button", name="Quote this").first.click()
    page.get_by_text(f"A person, {callers}").wait_for()
    page.get_by_role("button", name="It holds").first.click()
    page.locator("#review").get_by_role("button", name="It holds").click()
    page.get_by_role("heading", name="Since it was reviewed").wait_for()
    wrong += broken(page, "reviewed")
    page.locator(".stat-v a").last.click()
    page.get_by_role("heading", name="Versions").wait_for()
    wrong += broken(page, "versions")
    page.go_back()
    page.get_by_role("heading", name="Customers behind it").wait_for()
    page.locator(".members a").first.click()
    page.get_by_role("link", name=f"Caller {callers}").wait_for()
    assert wrong == []
