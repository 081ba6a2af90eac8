"""Segment's own browser library on a page of another site: only `cdnURL` tells it of Amity, and the story arrives."""

from __future__ import annotations

import functools
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.flows.wait import wait_for

UMD = Path(__file__).parents[1] / "clients/node/node_modules/@segment/analytics-next/dist/umd"
PAGE = """<!doctype html><title>Alder floor lamp</title><h1>Alder floor lamp</h1>
<script src="index.js"></script>
<script>
  const {{ AnalyticsBrowser }} = window.AnalyticsNext;
  window.analytics = AnalyticsBrowser.load({{ writeKey: "{key}", cdnURL: "{edge}" }});
  analytics.page("Lamps", "Alder floor lamp");
  analytics.identify("browser-user", {{ name: "Ines Carvalho", email: "browser-user@mail.example" }});
  analytics.track("Order Completed", {{ total: 189, currency: "EUR" }});
</script>
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path, amity):
    """A web site of its own origin, with the library's files as npm brings them."""
    if not UMD.exists():
        pytest.skip("@segment/analytics-next is not on this machine; bin/test installs it where there is npm")
    for file in UMD.glob("*.js"):
        (tmp_path / file.name).symlink_to(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_analytics_next_in_a_browser(amity, browser, site):
    folder, address = site
    key = json.loads(amity.cli("source", "create", "Shop window", "--kind", "website", "--json"))["write_key"]
    (folder / "lamp.html").write_text(PAGE.format(key=key, edge=amity.edge), encoding="utf-8")
    context = browser.new_context()
    tab = context.new_page()
    elsewhere: list[str] = []
    tab.on("request", lambda r: elsewhere.append(r.url) if not r.url.startswith((address, amity.edge)) else None)
    tab.goto(f"{address}/lamp.html")

    def arrived() -> list[dict] | None:
        rows = json.loads(
            amity.cli(
                "query", "select name, type, channel, browser, url from interactions where user_id = 'browser-user'", "--json"
            )
        )
        return rows if len(rows) >= 2 else None

    rows = wait_for(arrived)
    context.close()
    assert {r["type"] for r in rows} >= {"identify", "track"}
    assert {r["channel"] for r in rows} == {"web"}
    assert all(r["browser"].startswith("Chrom") or "Chrome" in r["browser"] for r in rows)
    assert {r["url"] for r in rows} == {f"{address}/lamp.html"}
    shown = json.dumps(json.loads(amity.cli("customer", "show", "browser-user@mail.example", "--json")))
    assert "Ines Carvalho" in shown
    assert elsewhere == []  # nothing of the visitor's goes to anybody else
