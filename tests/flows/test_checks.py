"""A check from the form to a metric, in the browser: tried, made, run by the worker, failed, and told why."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for
from tests.rooms.customers.sync.receiving import serving
from tests.rooms.metrics.checks.shop import PASSWORD, Shop

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture
def shop():
    with serving(Shop) as made:
        yield made


def test_a_check_is_made_runs_and_says_why_it_fails(amity, page, shop):
    name, wrong = f"Sign in {uuid4().hex[:8]}", []
    page.goto("/w/your-company/checks/")
    wrong += broken(page, "list")
    page.goto("/w/your-company/checks/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Every").select_option("1")
    page.get_by_label("Method of step 1").select_option("POST")
    page.get_by_label("Ask", exact=True).fill(f"{shop.url}/session")
    page.get_by_text("Headers, body, values for later steps").click()
    page.get_by_label("Body").fill('{"password": "${password}"}')
    page.get_by_label("Take").fill("token = json access_token")
    page.get_by_label("Name of a new secret").fill("password")
    page.get_by_label("Value of a new secret").fill(PASSWORD)
    wrong += broken(page, "form")
    page.get_by_role("button", name="Try it now").click()
    expect(page.locator("#tried")).to_contain_text("All is as it must be")
    wrong += broken(page, "try")
    page.get_by_role("button", name="Make the check").click()
    page.get_by_role("heading", name=name).wait_for()
    assert PASSWORD not in page.content()

    def ran(words: str) -> bool:
        page.reload()
        return page.get_by_role("region", name="Runs").get_by_text(words).count() > 0

    wait_for(lambda: ran("Passed"), seconds=60)
    wrong += broken(page, "check")
    shop.answers.clear()
    page.get_by_role("link", name="Change or try it").click()
    page.wait_for_url("**/edit")
    page.get_by_label("It must").fill("status is 200\njson access_token is another")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/checks/*/")
    wait_for(lambda: ran("Failed"), seconds=60)
    expect(page.get_by_role("region", name="Runs")).to_contain_text("wanted was “another”")
    wrong += broken(page, "failed check")
    page.goto("/w/your-company/checks/")
    expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Fails")
    wrong += broken(page, "checks")
    asked = f"select count() as n from interactions where name = 'Check ran' and properties.check = '{name}'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] >= 2, seconds=60)
    assert wrong == []
