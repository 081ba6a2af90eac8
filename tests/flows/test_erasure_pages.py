"""Erasing a customer in a browser: from their page, through what will be found, to the receipt; on a phone and in the dark too."""

from __future__ import annotations

import json
import os
from pathlib import Path
from uuid import uuid4

import pytest

from tests.flows.wait import wait_for

LONG = "a-very-long-local-part-that-goes-on-and-on-and-never-seems-to-end@department.of.long-names.example"


@pytest.fixture(scope="module")
def people(amity):
    """Two customers, one with a long address and a visit that was turned away."""
    key = json.loads(amity.cli("source", "create", f"Shop {uuid4().hex[:6]}", "--json"))["write_key"]
    tag = uuid4().hex[:6]
    names = {"short": f"eve.{tag}@mail.example", "long": f"{tag}.{LONG}"}
    for kind, email in names.items():
        who = {"userId": f"{kind}-{tag}", "anonymousId": f"b-{kind}-{tag}"}
        amity.send(
            key,
            {"type": "identify", **who, "traits": {"email": email, "name": "Eve Adler"}},
            *({"type": "track", "event": "Order Completed", **who} for _ in range(5)),
            {"type": "track", "event": "", **who},
        )

    def known() -> dict[str, str]:
        return {kind: json.loads(amity.cli("customer", "show", email, "--json"))["customer_id"] for kind, email in names.items()}

    def there():
        try:
            return known()
        except AssertionError:
            return None

    return names, wait_for(there, every=0.5)


@pytest.mark.timeout(300)
def test_a_customer_is_erased_in_a_browser(amity, page, people):
    names, ids = people
    page.goto(f"/w/your-company/customers/{ids['short']}/")
    page.get_by_role("link", name="Erase this customer").click()
    page.get_by_role("heading", name="will be erased").wait_for()
    page.get_by_role("button", name="Erase for good").click()  # the browser asks for what is missing
    assert page.url.endswith(f"?customer={ids['short']}")
    page.get_by_label("Why are they erased?").fill("Asked by letter")
    page.get_by_label("I know that nobody can bring them back").check()
    page.get_by_role("button", name="Erase for good").click()
    page.get_by_text("Done, kept out").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Receipt").click()
    file = download.value.path()
    assert amity.cli("erasure", "verify", str(file)).startswith("Genuine")
    assert names["short"] not in Path(file).read_text()
    page.goto(f"/w/your-company/customers/?q={names['short']}")
    assert page.locator(f"a[href*='{ids['short']}']").count() == 0


@pytest.mark.timeout(300)
def test_its_pages_are_accessible_and_keep_within_a_phone(page, people):
    from axe_playwright_python.sync_playwright import Axe

    _, ids = people
    page.goto("/w/your-company/erasures/")
    run = page.get_by_role("row").nth(1).get_by_role("link").first.get_attribute("href")
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for name, one in (
            ("list", "/w/your-company/erasures/"),
            ("new", "/w/your-company/erasures/new/"),
            ("sure", f"/w/your-company/erasures/new/?customer={ids['long']}"),
            ("run", run),
        ):
            assert page.goto(one).ok, one
            for broken in Axe().run(page).response["violations"]:
                found += [f"{one}: {broken['id']}: {node['html'][:160]}" for node in broken["nodes"]]
            for width, height in ((390, 844), (1440, 900)):
                page.set_viewport_size({"width": width, "height": height})
                if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                    found.append(f"{one}: {wide} px wide on {width}")
                if folder := os.environ.get("AMITY_PICTURES"):
                    page.screenshot(path=f"{folder}/{name}-{scheme}-{width}.png", full_page=True)
    assert found == []
