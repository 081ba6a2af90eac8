"""An audience is put together in the browser: counted while one types, made, read, explained, and kept up to date."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def bought(amity):
    """An event of this test's own, which five of eight customers did."""
    made = json.loads(amity.cli("source", "create", "Audiences", "--json"))
    name = f"Bought {uuid4().hex[:8]}"
    amity.send(
        made["write_key"],
        *[{"type": "identify", "userId": f"{name}-{n}", "traits": {"name": f"{name} Nr{n}"}} for n in range(8)],
        *[{"type": "track", "event": name, "userId": f"{name}-{n}", "properties": {"revenue": n}} for n in range(5)],
    )
    asked = f"select count() as n from interactions where user_id like '{name}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 13)
    return name, made["write_key"]


BEYOND = """() => [...document.querySelectorAll("main *")].filter(one => one.getBoundingClientRect().right > 390)
    .map(one => one.outerHTML.slice(0, 90)).slice(0, 6).join(" | ")"""


def broken(page, what: str) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = [f"{what}: {one['id']}" for one in Axe().run(page).response["violations"]]
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth")
    culprits = page.evaluate(BEYOND) if wide > 390 else ""
    page.set_viewport_size({"width": 1440, "height": 900})
    return found + ([f"{what}: {wide} px wide on a phone, by {culprits}"] if wide > 390 else [])


def test_from_a_sentence_to_its_reasons(amity, bought, page):
    name, write_key = bought
    wrong = []
    page.goto("/w/your-company/audiences/")
    wrong += broken(page, "list")
    page.goto("/w/your-company/audiences/new")
    page.get_by_label("Name", exact=True).fill(f"Who {name}")
    page.get_by_role("button", name="Something they did").click()
    page.locator("input[name=c0-name]").wait_for()
    page.locator("input[name=c0-name]").press_sequentially(name)
    count = page.locator("#preview")
    wait_for(lambda: count.inner_text().startswith("5 of"))  # while it is typed, before the field is left
    wrong += broken(page, "builder")
    page.get_by_role("button", name="Make the audience").click()
    page.get_by_role("heading", name=f"Who {name}").wait_for()

    def size() -> int:
        page.reload()
        return page.get_by_role("link", name="Why").count()

    wait_for(lambda: size() == 5)
    wrong += broken(page, "audience")
    page.get_by_role("link", name="Why").first.click()
    page.get_by_role("heading", name="is in it").wait_for()
    wrong += broken(page, "why")

    page.go_back()
    amity.send(write_key, {"type": "track", "event": name, "userId": f"{name}-7"})
    wait_for(lambda: size() == 6)
    assert wrong == []
