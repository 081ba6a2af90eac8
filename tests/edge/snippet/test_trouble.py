"""What the snippet notices of trouble, in a real Chromium: errors, failed requests, clicks in vain, forms that were left."""

from __future__ import annotations

from typing import Any

from tests.edge.snippet.site import Site


def test_an_error_after_a_click_counts_as_both_and_once(site: Site, tab: Any):
    own = """addEventListener('click', () => {
      document.title += '.';
      throw new TypeError('no cart of ines@mail.example, order 1234567, see https://x.example/?token=9');
    })"""
    tab.goto(site.page('<button id="pay">Pay now</button>', own=own))
    tab.get_by_role("button").click()
    tab.evaluate("setTimeout(() => Promise.reject(new Error('nobody waited')))")
    tab.get_by_role("button").click()
    site.wait_for("JavaScript Error", count=2)
    [thrown, rejected] = [one["properties"] for one in site.named("JavaScript Error")]
    assert thrown["message"] == "no cart of … order …, see https://x.example/…"
    assert (thrown["kind"], thrown["source"], thrown["line"], thrown["page"]) == ("TypeError", f"{site.address}/index.js", 3, "/")
    assert "index.js:3" in thrown["stack"]
    assert "ines" not in str(thrown)
    assert rejected["message"] == "nobody waited"
    [click] = [one["properties"] for one in site.named("Error Click")]
    assert (click["element"], click["label"], click["message"]) == ("button#pay", "Pay now", thrown["message"])


def test_at_most_ten_errors_of_a_page(site: Site, tab: Any):
    tab.goto(site.page("<p>Lamps</p>"))
    tab.evaluate("for (let n = 0; n < 30; n++) setTimeout(() => { throw new Error('n' + n) })")
    tab.evaluate("new Promise((ready) => setTimeout(ready, 0))")
    tab.evaluate("amity.track('Done')")
    site.wait_for("Done")
    assert len(site.named("JavaScript Error")) == 10


def test_requests_that_fail(site: Site, tab: Any):
    tab.goto(site.page("<p>Lamps</p>"))
    tab.evaluate(
        """async () => {
      await fetch('/api/cart?email=ines@mail.example', {method: 'post', body: 'x'});
      await fetch('/api/cart?email=other', {method: 'post', body: 'x'});
      await fetch('/index.js');
      await fetch('/dropped').catch(() => {});
      const off = new AbortController();
      const stopped = fetch('/api/stopped', {signal: off.signal}).catch(() => {});
      off.abort();
      await stopped;
      await new Promise((ready) => {
        const one = new XMLHttpRequest();
        one.open('GET', '/api/stock?id=5');
        one.onloadend = ready;
        one.send();
      });
      amity.track('Done');
    }"""
    )
    site.wait_for("Done")
    told = [
        (one["method"], one["address"], one["status"]) for one in (each["properties"] for each in site.named("Request Failed"))
    ]
    assert told == [
        ("POST", f"{site.address}/api/cart", 500),
        ("GET", f"{site.address}/dropped", 0),
        ("GET", f"{site.address}/api/stock", 404),
    ]
    assert all(one["properties"]["duration_ms"] >= 0 for one in site.named("Request Failed"))


def test_clicking_again_and_again(site: Site, tab: Any):
    site.pages["/s.css"] = ("p { user-select: none; }", "text/css")
    body = '<link rel="stylesheet" href="/s.css"><p class="price big">9 Euro</p><textarea>Some words</textarea>'
    tab.goto(site.page(body))
    tab.locator("textarea").click(click_count=3)
    tab.locator("p").click(click_count=4)
    tab.evaluate("amity.track('Done')")
    site.wait_for("Done")
    [rage] = site.named("Rage Click")
    assert rage["properties"] == {"element": "p.price", "page": "/"}


def test_clicks_that_do_nothing(site: Site, tab: Any):
    own = """addEventListener('click', (e) => {
      if (e.target.id === 'works') document.title = 'It did';
      if (e.target.id === 'scrolls') scrollTo(0, 50);
      if (e.target.id === 'dead') window.wasDead = true;
    })
    addEventListener('pointerdown', (e) => { if (e.target.id === 'opens') document.body.dataset.open = 'yes'; });"""
    ids = ("works", "scrolls", "opens", "dead")
    buttons = "".join(f'<button id="{one}">{one}</button>' for one in ids)
    body = f'{buttons}<a href="mailto:a@b.example">Write</a><label>Yes<input type="checkbox"></label><p id="text">Words</p>'
    tab.clock.install()
    tab.goto(site.page(body + "<br>" * 200, own=own))
    for one in (*[f"#{one}" for one in ids[:3]], "input", "#text", "#dead"):
        tab.locator(one).click()
        tab.evaluate("new Promise((ready) => queueMicrotask(ready))")
        tab.clock.run_for(1_500)
    tab.evaluate("amity.track('Done'); amity.flush()")
    site.wait_for("Done")
    assert [one["properties"] for one in site.named("Dead Click")] == [{"element": "button#dead", "label": "dead", "page": "/"}]


def test_a_link_that_is_slow_to_load_is_not_dead(site: Site, tab: Any):
    site.page("<h1>Next</h1>", path="/next")
    tab.goto(site.page('<a href="/next">On</a>'))
    tab.get_by_role("link").click()
    site.wait_for("page", count=2)
    assert site.named("Dead Click") == []


def test_a_form_that_was_begun_and_left(site: Site, tab: Any):
    form = """<form name="checkout" action="/next"><input name="email"><input name="card" type="password"><button>Pay</button></form>"""
    site.page("<h1>Next</h1>", path="/next")
    tab.goto(site.page(form))
    tab.fill("[name=email]", "ines@mail.example")
    tab.locator("[name=card]").press_sequentially("4111")
    tab.goto(site.address + "/next")
    told = site.wait_for("Form Abandoned")["properties"]
    assert told.pop("seconds") >= 0
    assert told == {"form": "checkout", "last_field": "card", "fields": 2, "page": "/"}
    tab.goto(site.address + "/")
    tab.locator("[name=email]").press_sequentially("ines")
    tab.get_by_role("button").click()
    site.wait_for("page", count=4)
    tab.evaluate("amity.track('Done')")
    site.wait_for("Done")
    assert len(site.named("Form Abandoned")) == 1
    assert "ines" not in str(site.heard)
    assert "4111" not in str(site.heard)


def test_parts_are_switched_off_by_name(site: Site, tab: Any):
    tab.goto(site.page("<p>Lamps</p>", attributes='data-off="pages vitals errors requests"'))
    tab.evaluate("setTimeout(() => { throw new Error('unseen') }); fetch('/gone').then(() => amity.track('Done'))")
    site.wait_for("Done")
    tab.goto("about:blank")
    assert {one.get("event", one["type"]) for one in site.heard} == {"Done"}
