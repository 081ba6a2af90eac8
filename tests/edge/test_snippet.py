"""The browser snippet in a real Chromium, on a site with a strict content security policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from amity.edge.snippet import script
from tests.edge.snippet_site import Site, running_site
from tests.flows.running import chromium

KEPT = "JSON.stringify([Object.keys(localStorage), document.cookie])"


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as one:
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A tab whose page may break nothing: no error in a script, nothing that the policy refuses."""
    context = browser.new_context()
    context.set_default_timeout(15_000)
    one = context.new_page()
    wrong: list[str] = []
    one.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    yield one
    context.close()
    assert wrong == []


def test_it_is_served_to_any_site_and_cached(edge_url: str):
    packed = httpx.get(edge_url + "/amity.js", headers={"accept-encoding": "gzip", "origin": "https://shop.example"})
    assert packed.status_code == 200
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-type"] == "text/javascript; charset=utf-8"
    assert packed.headers["access-control-allow-origin"] == "https://shop.example"
    assert packed.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age=3600" in packed.headers["cache-control"]
    assert packed.content == script().plain
    plain = httpx.get(edge_url + "/amity.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == script().plain
    same = httpx.get(edge_url + "/amity.js", headers={"if-none-match": packed.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_a_page_view_and_the_sites_own_calls(site: Site, tab: Any):
    own = 'window.amity = [["identify", "u-1", {name: "Ines"}], ["track", "Lamp Lit", {watts: 9}]];'
    tab.goto(site.page("<h1>Lamps</h1>", own=own) + "?utm_source=news&utm_campaign=autumn&email=ines@mail.example")
    site.wait_for("Lamp Lit")
    tab.evaluate("amity.group('acme', {plan: 'gold'}); amity.page('Second', {step: 2}); amity.flush()")
    [first, second] = [site.named("page")[0], site.wait_for("page", count=2)]
    assert first["context"]["page"] == {
        "path": "/",
        "url": f"{site.address}/",
        "title": "Shop index",
        "referrer": "",
    }
    assert first["context"]["campaign"] == {"source": "news", "name": "autumn"}
    assert first["context"]["library"] == {"name": "amity.js", "version": "1.0.0"}
    assert "gpc" not in first["context"]
    assert "consent" not in first["context"]
    assert (second["name"], second["properties"]) == ("Second", {"step": 2})
    assert second["userId"] == "u-1"
    assert second["context"]["groupId"] == "acme"
    assert site.named("identify")[0]["traits"] == {"name": "Ines"}
    assert site.named("group")[0]["groupId"] == "acme"
    assert {one["anonymousId"] for one in site.heard} == {first["anonymousId"]}
    assert {one["context"]["sessionId"] for one in site.heard} == {first["context"]["sessionId"]}
    assert "mail.example" not in str(site.heard)


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
