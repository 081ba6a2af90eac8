"""What was sent to the edge leaves as a file, by each door: command line, browser, API."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def sent(amity):
    """Return a name that only this test's customers bear, once 30 of them are in the past."""
    made = json.loads(amity.cli("source", "create", "Export", "--json"))
    name = f"Zoe{uuid4().hex[:8]}"
    amity.send(
        made["write_key"],
        *[
            {"type": "identify", "userId": f"{name}-{n}", "traits": {"name": f"{name} Nr{n}", "email": f"{name}-{n}@x.example"}}
            for n in range(30)
        ],
        *[{"type": "track", "event": "=Paid", "userId": f"{name}-{n}", "properties": {"revenue": -n}} for n in range(30)],
    )
    asked = f"select count() as n from interactions where user_id like '{name}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 60)
    return name


def test_the_same_from_every_door(amity, sent, page, tmp_path):
    page.goto(f"/w/your-company/customers/?q={sent}")
    page.get_by_role("link", name="Export these customers").click()
    page.get_by_label("What for").select_option("necessary")
    page.get_by_role("button", name="See who allows it").click()
    page.get_by_text("30 customers allow it now.").wait_for()
    with page.expect_download() as got:
        page.get_by_role("link", name="CSV").click()
    assert got.value.suggested_filename.startswith("customers-your-company-")
    browser = Path(got.value.path()).read_bytes()

    amity.cli("export", "customers", str(tmp_path / "all.csv"), "--search", sent, "--purpose", "necessary")
    token = json.loads(amity.cli("token", "create", "--role", "analyst", "--json"))["token"]
    api = httpx.get(
        f"{amity.console}/api/v1/export/customers",
        params={"format": "csv", "q": sent, "purpose": "necessary"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert browser == (tmp_path / "all.csv").read_bytes() == api.content
    rows = list(csv.DictReader(io.StringIO(browser.decode())))
    assert {row["name"] for row in rows} == {f"{sent} Nr{n}" for n in range(30)}


def test_a_story_is_exported_as_it_is_filtered(amity, sent, page):
    page.goto(f"/w/your-company/customers/?q={sent}-7@x.example")
    page.get_by_role("link", name=f"{sent} Nr7").first.click()
    page.get_by_label("Show what").wait_for()
    page.wait_for_load_state()  # what listens to the choice is there
    page.get_by_label("Show what").select_option("known")
    page.wait_for_url("**kind=known**")
    page.get_by_role("link", name="Export this story").click()
    page.get_by_label("What for").select_option("necessary")
    page.get_by_role("button", name="See who allows it").click()
    with page.expect_download() as got:
        page.get_by_role("link", name="JSON Lines").click()
    (line,) = Path(got.value.path()).read_text().splitlines()
    assert json.loads(line)["type"] == "identify"


def test_pages_with_links_to_files_look_right(amity, sent, page):
    from axe_playwright_python.sync_playwright import Axe

    for address, link in (
        (f"/w/your-company/customers/?q={sent}", "Export these customers"),
        (f"/w/your-company/customers/export?q={sent}&purpose=necessary", "Parquet"),
        (f"/w/your-company/customers/export?q={sent}&purpose=marketing_sms", "Take it out as a file"),
    ):
        page.goto(address)
        page.get_by_text(link).first.wait_for()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
