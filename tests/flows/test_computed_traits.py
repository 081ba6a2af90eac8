"""A computed trait in the browser: put together, worked out, followed by the next interaction, explained, used in an audience."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def bought(amity):
    """An event of this test's own, with what it brought: customer n bought for 10 n."""
    made = json.loads(amity.cli("source", "create", "Computed traits", "--json"))
    name = f"Paid {uuid4().hex[:8]}"
    amity.send(
        made["write_key"],
        *[{"type": "identify", "userId": f"{name}-{n}", "traits": {"name": f"{name} Nr{n}"}} for n in range(4)],
        *[{"type": "track", "event": name, "userId": f"{name}-{n}", "properties": {"revenue": 10 * n}} for n in range(1, 4)],
    )
    asked = f"select count() as n from interactions where user_id like '{name}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 7)
    return name, made["write_key"]


def test_from_a_field_to_its_reasons(amity, bought, page):
    name, write_key = bought
    wrong = []
    page.goto("/w/your-company/computed-traits/")
    wrong += broken(page, "list")
    page.goto("/w/your-company/computed-traits/new")
    page.get_by_label("Name", exact=True).fill(f"Worth of {name}")
    page.get_by_label("Take").select_option("largest")
    page.get_by_label("of the property", exact=True).fill("value")
    page.get_by_label("over the event").press_sequentially(name)
    seen = page.locator("#preview")
    wait_for(lambda: seen.inner_text().startswith("3 of"))
    wrong += broken(page, "builder")
    page.get_by_role("button", name="Make the computed trait").click()
    page.get_by_role("heading", name=f"Worth of {name}").wait_for()

    def values() -> list[str]:
        page.reload()
        return sorted(page.locator("tr[data-row] td:nth-child(2)").all_inner_texts())

    wait_for(lambda: values() == ["10", "20", "30"])
    wrong += broken(page, "trait")
    page.get_by_role("link", name="Why").first.click()
    page.get_by_role("heading", name="Why").wait_for()
    wrong += broken(page, "why")
    page.get_by_role("link", name="The story").click()
    page.get_by_role("link", name="Traits", exact=True).click()
    page.get_by_role("heading", name="Computed", exact=True).wait_for()
    wrong += broken(page, "the customer's traits")

    page.goto("/w/your-company/computed-traits/")
    page.get_by_role("link", name=f"Worth of {name}").click()
    amity.send(write_key, {"type": "track", "event": name, "userId": f"{name}-1", "properties": {"revenue": 99}})
    wait_for(lambda: values() == ["20", "30", "99"])
    assert wrong == []
