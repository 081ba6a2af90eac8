"""Page views and the calls of a site, in a real Chromium under a strict content security policy."""

from __future__ import annotations

from typing import Any

import httpx

from amity.edge.snippet import script
from tests.edge.snippet.site import Site


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
    assert (second["name"], second["properties"]) == ("Second", {"title": "Shop index", "step": 2})
    assert second["userId"] == "u-1"
    assert second["context"]["groupId"] == "acme"
    assert site.named("identify")[0]["traits"] == {"name": "Ines"}
    assert site.named("group")[0]["groupId"] == "acme"
    assert {one["anonymousId"] for one in site.heard} == {first["anonymousId"]}
    assert {one["context"]["sessionId"] for one in site.heard} == {first["context"]["sessionId"]}
    assert "mail.example" not in str(site.heard)


def test_single_page_sites(site: Site, tab: Any):
    tab.goto(site.page("<p>Lamps</p>", attributes='data-query="id"'))
    tab.evaluate("history.pushState({}, '', '/lamp?id=5&session=abc#top'); document.title = 'Lamp 5'")
    second = site.wait_for("page", count=2)["context"]["page"]
    assert second == {
        "path": "/lamp",
        "url": f"{site.address}/lamp?id=5",
        "title": "Lamp 5",
        "referrer": f"{site.address}/",
    }
    tab.evaluate("history.replaceState({}, '', '/lamp?id=5&session=xyz')")
    tab.go_back()
    assert site.wait_for("page", count=3)["context"]["page"]["path"] == "/"


def test_somebody_elses_sign_in_begins_another_visitor(site: Site, tab: Any):
    tab.goto(site.page("<p>Lamps</p>"))
    tab.evaluate(
        "amity.identify('u-1'); amity.identify('u-1', {plan: 'gold'}); amity.identify('u-2'); amity.reset(); amity.track('After'); amity.flush()"
    )
    after = site.wait_for("After")
    [first, again, other] = site.named("identify")
    assert first["anonymousId"] == again["anonymousId"] == site.named("page")[0]["anonymousId"]
    assert len({first["anonymousId"], other["anonymousId"], after["anonymousId"]}) == 3
    assert "userId" not in after


def test_a_session_ends_after_half_an_hour_without_an_event(site: Site, tab: Any):
    tab.clock.install()
    tab.goto(site.page("<p>Lamps</p>"))
    tab.clock.fast_forward("20:00")
    tab.evaluate("amity.track('Within'); amity.flush()")
    tab.clock.fast_forward("31:00")
    tab.evaluate("amity.track('Beyond'); amity.flush()")
    beyond, within = site.wait_for("Beyond"), site.named("Within")[0]
    assert within["context"]["sessionId"] == site.named("page")[0]["context"]["sessionId"]
    assert beyond["context"]["sessionId"] >= within["context"]["sessionId"] + 51 * 60_000
    assert beyond["anonymousId"] == within["anonymousId"]
