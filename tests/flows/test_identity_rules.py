"""Identity rules in the browser: a hard-coded test id is blocked in a draft, tried over history, applied, and its customers come apart."""

from __future__ import annotations

import json
import os
from pathlib import Path
from uuid import uuid4

import pytest

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def chained(amity):
    """Four strangers whom one hard-coded id made one customer."""
    made = json.loads(amity.cli("source", "create", "Rules", "--json"))
    tag = uuid4().hex[:8]
    for n in range(4):
        amity.send(
            made["write_key"], {"type": "identify", "anonymousId": f"b{n}-{tag}", "traits": {"name": f"Stranger {n} {tag}"}}
        )
    asked = f"select count() as n from interactions where anonymous_id like 'b%-{tag}'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 4)
    for n in range(4):
        amity.send(made["write_key"], {"type": "track", "event": "Tested", "userId": f"qa-{tag}", "anonymousId": f"b{n}-{tag}"})
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 8)
    return tag


def shot(page, name: str) -> None:
    folder = os.environ.get("AMITY_TEST_SHOTS")
    if not folder:
        return
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=str(Path(folder) / f"{name}-{width}-{theme}.png"), full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


def ended(page) -> None:
    """Wait until a run has ended."""
    page.locator("#run").get_by_text("Done").wait_for()


def test_from_a_draft_to_customers_that_come_apart(amity, chained, page, problems):
    tag, wrong = chained, []
    page.goto("/w/your-company/identity/")
    wrong += broken(page, "rules")
    shot(page, "rules-empty")
    page.get_by_role("link", name="Change the rule of User id").click()
    page.get_by_label("Limit").fill("many")
    page.get_by_role("button", name="Put it in the draft").click()
    page.get_by_role("alert").filter(has_text="A limit is a whole number").wait_for()
    wrong += broken(page, "kind")
    page.get_by_label("Limit").fill("1")
    page.get_by_label("Blocked patterns").fill("(a+)+b")
    page.get_by_role("button", name="Put it in the draft").click()
    page.get_by_role("alert").filter(has_text="could take too long").wait_for()
    shot(page, "kind")
    problems[:] = [one for one in problems if "400" not in one]  # what was wrong was answered as such
    page.get_by_label("Blocked patterns").fill(f"qa-{tag}.*")
    page.get_by_role("button", name="Put it in the draft").click()
    page.get_by_role("heading", name="The draft").wait_for()
    wrong += broken(page, "draft")
    page.get_by_role("button", name="Try it over history").click()
    ended(page)
    stats = page.get_by_label("What would change")
    assert "Would be split\n1" in stats.inner_text()
    wrong += broken(page, "dry run")
    shot(page, "dry-run")
    page.get_by_role("button", name="Apply these rules").click()
    page.get_by_label("What for?").fill("Test ids")
    wrong += broken(page, "dialog")
    shot(page, "apply")
    page.get_by_role("button", name="Apply them").click()
    ended(page)
    assert "Were split\n1" in page.get_by_label("What changed").inner_text()
    wrong += broken(page, "applied")
    shot(page, "applied")
    page.get_by_role("link", name="Identity rules").click()
    page.get_by_text("Test ids").wait_for()
    wrong += broken(page, "versions")
    shot(page, "versions")

    def strangers() -> int:
        page.goto(f"/w/your-company/customers/?q={tag}")
        return page.locator("tr[data-row]").count()

    wait_for(lambda: strangers() == 4)
    assert wrong == []


def test_many_joins_are_taken_back(amity, page):
    made = json.loads(amity.cli("source", "create", "Joins", "--json"))
    tag, wrong = uuid4().hex[:8], []
    amity.send(made["write_key"], *[{"type": "page", "name": "Home", "anonymousId": f"j{n}-{tag}"} for n in range(3)])
    amity.send(
        made["write_key"],
        *[{"type": "track", "event": "Tested", "userId": f"kiosk-{tag}", "anonymousId": f"j{n}-{tag}"} for n in range(3)],
    )
    asked = f"select count() as n from interactions where anonymous_id like 'j%-{tag}'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 6)
    page.goto("/w/your-company/identity/joins/")
    wrong += broken(page, "joins")
    page.get_by_label("Kind of identifier").fill("user_id")
    page.get_by_label("Its value").fill(f"kiosk-{tag}")
    page.get_by_role("button", name="Find them").click()
    page.get_by_text("2 joins among 3 customers match.").wait_for()
    wrong += broken(page, "found")
    shot(page, "joins")
    page.get_by_role("button", name="Take 2 joins back").click()
    page.get_by_label("Why are they different people?").fill("A kiosk in the shop")
    page.get_by_role("button", name="Take them back").click()
    page.locator("#unmerge").get_by_text("Done").wait_for()
    wrong += broken(page, "taken back")
    shot(page, "taken-back")
    page.get_by_role("link", name="Take joins back").first.click()
    page.get_by_text("A kiosk in the shop").wait_for()
    wrong += broken(page, "asked before")
    shot(page, "joins-before")
    assert wrong == []
