"""Web Vitals, once a page view."""

from __future__ import annotations

from typing import Any

from tests.edge.snippet.site import Site


def test_vitals_come_once_when_the_page_goes(site: Site, tab: Any):
    site.page("<h1>Next</h1>", path="/next")
    tab.goto(
        site.page(
            "<h1>Lamps</h1><button>Light</button>",
            own="addEventListener('click', () => { const t = performance.now(); while (performance.now() - t < 90); })",
        )
    )
    tab.get_by_role("button").click()
    site.wait_for("page")
    tab.evaluate("new Promise((ready) => requestAnimationFrame(() => requestAnimationFrame(ready)))")
    tab.goto(site.address + "/next")
    told = site.wait_for("Web Vitals")["properties"]
    assert told["lcp_ms"] >= told["fcp_ms"] > 0
    assert 0 <= told["ttfb_ms"] <= told["fcp_ms"]
    assert told["inp_ms"] >= 80
    assert told["cls"] == 0
    assert (told["page"], told["navigation"]) == ("/", "navigate")
    site.wait_for("page", count=2)
    tab.goto("about:blank")
    site_second = site.wait_for("Web Vitals", count=2)["properties"]
    assert site_second["page"] == "/next"
    assert "inp_ms" not in site_second


def test_a_page_from_the_back_forward_cache_is_a_view_with_its_own_vitals(site: Site, tab: Any):
    site.page("<h1>Next</h1>", path="/next")
    tab.goto(site.page("<p>Lamps</p>"))
    tab.evaluate("window.same = true")
    site.wait_for("page")
    tab.goto(site.address + "/next")
    assert site.wait_for("Web Vitals")["properties"]["navigation"] == "navigate"
    site.wait_for("page", count=2)
    tab.evaluate("history.back()")
    assert site.wait_for("page", count=3)["properties"] == {"title": "Shop index", "navigation": "back_forward_cache"}
    assert tab.evaluate("window.same") is True
    tab.evaluate("new Promise((ready) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(ready))))")
    tab.evaluate("dispatchEvent(new Event('pagehide'))")
    told = site.wait_for("Web Vitals", count=3)["properties"]
    assert (told["navigation"], told["ttfb_ms"], told["page"]) == ("back_forward_cache", 0, "/")
    assert told["lcp_ms"] == told["fcp_ms"] >= 0
