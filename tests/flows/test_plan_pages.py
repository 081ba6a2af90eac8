"""The tracking plan in a browser: seen, planned with one press, changed, broken, and nothing sideways or unnamed."""

from __future__ import annotations

import json
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from tests.flows.wait import wait_for

HOSTILE = "\u202e<script>alert(1)</script> " + "an event with a very long name " * 4 + "."
VERSION = {"library": {"name": "analytics.js", "version": "5.2.0"}}


@pytest.fixture(scope="module")
def flowing(amity):
    """A source that sends an ordinary and a hostile interaction."""
    made = json.loads(amity.cli("source", "create", f"Shop {uuid4().hex[:6]}", "--json"))

    def order(**properties):
        return {"type": "track", "event": "Plan Order", "userId": "u-1", "properties": properties, "context": VERSION}

    amity.send(
        made["write_key"],
        *(order(total=n + 0.5, currency="EUR", items=[{"sku": "a"}], coupon="x" * 90) for n in range(30)),
        {"type": "track", "event": HOSTILE, "userId": "u-1", "properties": {HOSTILE: "<b>" * 30}},
    )

    def counted():
        found = next(s for s in json.loads(amity.cli("source", "list", "--json")) if s["id"] == made["id"])
        return found if found["accepted"] >= 31 else None

    wait_for(counted)
    return made | {"order": order, "counted": counted}


def address(page: str, name: str = "Plan Order") -> str:
    return f"/w/your-company/catalogue/{page}?{urlencode({'kind': 'track', 'name': name})}"


@pytest.mark.timeout(300)
def test_seen_planned_changed_broken_and_accessible(amity, page, flowing):
    from axe_playwright_python.sync_playwright import Axe

    page.goto("/w/your-company/catalogue/")
    page.get_by_role("link", name="Plan Order").click()
    page.get_by_role("button", name="Plan from the last 30 days").click()
    page.get_by_text("version 1", exact=False).first.wait_for()
    page.get_by_role("link", name="Change the plan").click()
    page.get_by_label("When it is broken").select_option("quarantine")
    page.get_by_label("Owner").fill("Web team")
    page.get_by_label("Personal data in coupon").select_option("personal")
    page.get_by_role("button", name="Save the plan").click()
    page.get_by_text("hidden: personal data").wait_for()

    amity.send(flowing["write_key"], flowing["order"](total="much", currency="EUR"))

    def told():
        page.goto(address("interaction/"))
        return page.get_by_text("properties.total", exact=True).count() or None

    wait_for(told)
    page.goto("/w/your-company/catalogue/violations/")
    assert page.get_by_text("Another type").count() >= 1
    page.get_by_role("link", name="Mend and send again").first.click()
    page.get_by_text("properties.total has another type", exact=False).first.wait_for(state="attached")

    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for one in (
            "/w/your-company/catalogue/",
            "/w/your-company/catalogue/violations/",
            "/w/your-company/catalogue/consequences/",
            address("interaction/"),
            address("interaction/", HOSTILE[:200]),
            address("interaction/plan/"),
        ):
            assert page.goto(one).ok, one
            for broken in Axe().run(page).response["violations"]:
                found += [f"{one}: {broken['id']}: {node['html'][:160]}" for node in broken["nodes"]]
            page.set_viewport_size({"width": 390, "height": 844})
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{one}: {wide} px wide on a phone"] if wide > 390 else []
            _picture(page, one, scheme, "phone")
            page.set_viewport_size({"width": 1440, "height": 900})
            _picture(page, one, scheme, "desk")
    assert found == []


def _picture(page, one: str, scheme: str, size: str) -> None:
    import os

    if where := os.environ.get("PLAN_PICTURES"):
        name = one.split("?", maxsplit=1)[0].strip("/").replace("/", "-") + ("-h" if "script" in one else "")
        page.screenshot(path=f"{where}/{name}-{scheme}-{size}.png", full_page=True)
