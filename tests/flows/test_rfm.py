"""RFM in the browser: set up by one press, a cell down to its customers, saved as an audience."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def bought(amity):
    """A purchase's event of this test's own: customer n bought n times, the last time 40 / n days ago."""
    made = json.loads(amity.cli("source", "create", "RFM", "--json"))
    name, now = f"Order {uuid4().hex[:8]}", datetime.now(UTC)
    amity.send(
        made["write_key"],
        *[
            {
                "type": "track", "event": name, "userId": f"{name}-{n}", "properties": {"revenue": 10},
                "timestamp": (now - timedelta(days=40 / n + 3 * time)).isoformat(),
            }
            for n in range(1, 6)
            for time in range(n)
        ],
    )  # fmt: skip
    asked = f"select count() as n from interactions where user_id like '{name}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 15)
    return name


def test_from_one_press_to_an_audience(amity, bought, page):
    wrong = []
    page.goto("/w/your-company/rfm/")
    wrong += broken(page, "to set up")
    page.get_by_label("Event of a purchase").fill(bought)
    page.get_by_role("button", name="Set it up").click()

    def counts() -> list[str]:
        page.goto("/w/your-company/rfm/")
        return page.locator(".rfm-grid td a strong").all_inner_texts()

    wait_for(lambda: counts() == ["1"] * 5 and not page.get_by_text("still being worked out").count())
    wrong += broken(page, "grid")
    page.locator(".rfm-grid td a").first.click()
    page.get_by_role("heading", name="Recency 5, frequency 5").wait_for()
    assert page.locator("tr[data-row]").count() == 1
    wrong += broken(page, "cell")
    page.get_by_role("button", name="Save as an audience").click()
    page.get_by_role("heading", name="RFM: recency 5, frequency 5").wait_for()

    def members() -> int:
        page.reload()
        return page.locator("tr[data-row]").count()

    wait_for(lambda: members() == 1)
    assert wrong == []
