"""The browser snippet on somebody's site, and what the past knows of it afterwards."""

from __future__ import annotations

import json

from tests.edge.snippet.site import POLICY, running_site
from tests.flows.wait import wait_for


def test_what_a_visitor_does_is_in_the_past(amity, browser):
    made = json.loads(amity.cli("source", "create", "Lamp shop", "--kind", "website", "--json"))
    with running_site() as site:
        tag = f'<script src="{amity.edge}/amity.js" data-key="{made["write_key"]}" crossorigin="anonymous"></script>'
        site.pages["/lamps"] = (f"<!doctype html><title>Lamps</title>{tag}<h1>Lamps</h1>", "text/html")
        site.policy = POLICY.format(edge=amity.edge)
        context = browser.new_context()
        tab = context.new_page()
        refused: list[str] = []
        tab.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
        tab.goto(f"{site.address}/lamps?secret=7")
        tab.evaluate("amity.identify('snippet-user', {name: 'Ines Carvalho'}); amity.track('Lamp Lit', {watts: 9})")
        tab.goto("about:blank")

        def arrived() -> list[dict] | None:
            sql = "select name, type, channel, path, url, properties from interactions where source_id = " + str(made["id"])
            rows = json.loads(amity.cli("query", sql, "--json"))
            return rows if len(rows) >= 4 else None

        rows = wait_for(arrived, seconds=40)
        context.close()
    assert {row["type"] for row in rows} == {"page", "identify", "track"}
    assert {row["name"] for row in rows} >= {"Lamp Lit", "Web Vitals"}
    assert {row["url"] for row in rows} == {f"{site.address}/lamps"}
    assert {row["channel"] for row in rows} == {"web"}
    shown = json.loads(amity.cli("customer", "show", "snippet-user", "--json"))
    assert "Ines Carvalho" in json.dumps(shown)
    assert refused == []
