"""What is not taken is kept and sent again."""

from __future__ import annotations

from typing import Any

from tests.edge.snippet.site import Site
from tests.flows.wait import wait_for


def test_offline_then_online(site: Site, tab: Any):
    tab.goto(site.page("<p>Lamps</p>"))
    site.wait_for("page")
    tab.context.set_offline(True)
    tab.evaluate("amity.track('Offline'); amity.flush()")
    wait_for(lambda: tab.evaluate("localStorage.getItem('amity.queue')"))
    tab.context.set_offline(False)
    assert site.wait_for("Offline")
    wait_for(lambda: tab.evaluate("!localStorage.getItem('amity.queue')"))


def test_what_the_edge_refuses_for_now_is_sent_again_and_by_the_next_page_too(site: Site, tab: Any):
    site.answer = 503
    tab.goto(site.page("<p>Lamps</p>"))
    tab.evaluate("amity.track('Kept'); amity.flush()")
    wait_for(lambda: tab.evaluate("localStorage.getItem('amity.queue').includes('Kept')"))
    site.answer = 200
    tab.reload()
    site.wait_for("Kept")
    assert len(site.named("Kept")) == 1
    wait_for(lambda: tab.evaluate("!localStorage.getItem('amity.queue')"))


def test_what_can_never_be_taken_is_let_go(site: Site, tab: Any):
    site.answer = 400
    tab.goto(site.page("<p>Lamps</p>"))
    tab.evaluate("amity.flush()")
    wait_for(lambda: tab.evaluate("!localStorage.getItem('amity.queue')"))
