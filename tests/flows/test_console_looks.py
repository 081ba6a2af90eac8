"""Every page: no axe violation in either theme, no sideways scrolling on a phone, nothing refused by the policy."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.flows.wait import wait_for

PAGES = (
    "welcome/",
    "welcome/?client=python",
    "live/",
    "customers/",
    "sources/",
    "sources/new/",
    "people/",
    "audit/",
    "tokens/",
    "settings/",
    "system/",
)
LONG = "An event whose name somebody thought should say everything that there is to say about it, at length, twice over"


@pytest.fixture(scope="module")
def lively(amity):
    """A source with accepted, repeated and quarantined events, some of them awkwardly long."""
    name = "A website with a name as long as a name of a website may be, which is eighty."
    made = json.loads(amity.cli("source", "create", name, "--json"))
    repeated = {"type": "track", "event": LONG, "userId": "u-" + "x" * 90, "messageId": str(uuid4())}
    amity.send(
        made["write_key"],
        {"type": "identify", "userId": "u-1", "traits": {"email": "ines@mail.example", "name": "Ines Carvalho"}},
        {"type": "page", "anonymousId": str(uuid4()), "name": "Home", "properties": {"url": "https://shop.example/lamps"}},
        {"type": "track", "event": "Order Completed", "userId": "u-1", "properties": {"revenue": 39.9, "currency": "EUR"}},
        repeated,
        repeated,
        {"type": "track", "event": "Nobody Did This"},
        {"type": "dance", "userId": "u-1"},
    )

    def counted():
        found = next(s for s in json.loads(amity.cli("source", "list", "--json")) if s["name"] == name)
        return found if found["accepted"] >= 4 and found["rejected"] >= 2 else None

    return wait_for(counted)


def addresses(source):
    one = f"sources/{source['id']}/"
    return [*PAGES, one, one + "quarantine/", one + "settings/"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, lively, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = []
    for address in addresses(lively):
        page.goto(f"/w/your-company/{address}")
        for broken in Axe().run(page).response["violations"]:
            found += [f"{address}: {broken['id']}: {node['html'][:160]}" for node in broken["nodes"]]
    assert found == []


@pytest.mark.timeout(300)
def test_axe_finds_nothing_in_what_opens(page, lively):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(reduced_motion="reduce")
    page.goto("/w/your-company/live/")
    page.locator("#live-rows tr").first.click()
    page.locator("#live-panel h2", has_text="As JSON").wait_for()
    page.keyboard.press("Control+k")
    palette = Axe().run(page).response["violations"]
    page.keyboard.press("Escape")
    opened = Axe().run(page).response["violations"]
    page.locator(".brand").click()
    menu = Axe().run(page).response["violations"]
    page.goto(f"/w/your-company/sources/{lively['id']}/quarantine/")
    page.locator(".held summary").first.click()
    held = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in palette + opened + menu + held] == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("width", [320, 390])
def test_pages_reflow_on_a_phone(page, lively, width):
    page.set_viewport_size({"width": width, "height": 844})
    wide = []
    for address in addresses(lively):
        page.goto(f"/w/your-company/{address}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(address)
    assert wide == []
