"""Consent in the console, in a real browser: what a workspace chooses, a customer's answers, and the centre within a site."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest

from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started
HOME = "/w/your-company/consent/"


def shoot(page, name):
    if folder := os.environ.get("AMITY_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    return [f"{one['id']}: {node['html'][:160]}" for one in Axe().run(page).response["violations"] for node in one["nodes"]]


@pytest.fixture(scope="module")
def otto(amity):
    """The page of a customer with answers of several kinds."""
    key = json.loads(amity.cli("source", "create", f"Bank {uuid4().hex[:6]}", "--json"))["write_key"]
    user = f"otto-{uuid4().hex[:8]}"
    consent = {
        "categoryPreferences": {"marketing": True, "C0002": True, "a category with a very long name that no platform should have": False},
        "tcString": "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA",
        "gppString": "DBABBg~BUUAAABY.QA",
    }  # fmt: skip
    traits = {"name": "Otto Freudenthal-Papadopoulos", "email": f"{user}@mail.example", "country": "Germany"}
    amity.send(
        key, {"type": "identify", "userId": user, "messageId": str(uuid4()), "traits": traits, "context": {"consent": consent}}
    )

    def there():
        try:
            return json.loads(amity.cli("customer", "show", user, "--json"))["customer_id"]
        except AssertionError:
            return None

    return user, f"/w/your-company/customers/{wait_for(there)}/consent/"


def test_a_company_makes_it_its_own(page):
    page.goto(HOME)
    page.get_by_role("link", name="Add a topic").click()
    key = f"news_{uuid4().hex[:6]}"
    page.get_by_label("Name in English").fill(key)
    page.get_by_label("Name in Deutsch").fill("Neues aus unserer Werkstatt, und was wir sonst noch erzählen möchten")
    page.get_by_label("Once a week").check()
    page.get_by_label("Once a month").check()
    page.get_by_role("button", name="Save the topic").click()
    page.get_by_text("The topic is added.").wait_for()
    page.get_by_role("link", name="Change Surveys").click()
    page.get_by_label("Text in English").fill(f"We ask rarely. {key}")
    page.get_by_role("button", name="Save the purpose").click()
    page.get_by_text("Surveys is saved.").wait_for()
    page.get_by_role("link", name="Change Surveys").click()
    assert key in page.get_by_role("table").inner_text()


def test_a_colleague_notes_a_choice_and_sends_a_link(page, otto, browser):
    _, tab = otto
    page.goto(tab)
    page.get_by_label("What about").select_option("surveys")
    page.get_by_label("What the customer said").select_option("yes")
    page.get_by_label("How it was given").select_option("call")
    page.get_by_label("In the customer’s words").fill("“Go on and ask, I like to tell.”")
    page.get_by_role("button", name="Note the choice").click()
    page.get_by_text("Noted. It holds from now on.").wait_for()
    row = page.get_by_role("row", name="Surveys")
    assert "Said yes" in row.inner_text()
    page.get_by_role("button", name="Link for the customer").click()
    url = page.locator("#made").inner_text()
    stranger = browser.new_context().new_page()
    stranger.goto(url)
    assert stranger.get_by_role("checkbox", name="Surveys").is_checked()
    stranger.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_a_phone_scrolls_no_way_but_down(page, otto, scheme):
    page.emulate_media(color_scheme=scheme)
    pages = {"settings": HOME, "purpose": f"{HOME}purposes/surveys/edit", "new-purpose": f"{HOME}purposes/new/",
             "policy": f"{HOME}policies/us/", "topic": f"{HOME}topics/new/", "tab": otto[1]}  # fmt: skip
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for name, address in pages.items():
            page.goto(address)
            assert violations(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            shoot(page, f"consent-{name}-{width}-{scheme}")


@pytest.fixture
def site():
    """Make sites of a company, each a page on a port of its own that shows an address in a frame."""

    def make(content: dict[str, str]) -> str:
        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = content.get("html", "").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://localhost:{server.server_port}"

    servers: list[ThreadingHTTPServer] = []
    yield make
    for one in servers:
        one.shutdown()
        one.server_close()


def test_it_is_embedded_where_the_company_says_and_nowhere_else(page, amity, otto, browser, site):
    shown: dict[str, str] = {}
    own, foreign = site(shown), site(shown)
    page.goto(HOME)
    page.get_by_label("Sites that may embed it").fill(own)
    page.get_by_role("button", name="Save the preference centre").click()
    page.get_by_text("Saved. It holds from now on.").wait_for()
    url = amity.cli("consent", "link", "user_id", otto[0]).strip()
    shown["html"] = f'<!doctype html><title>Shop</title><iframe title="Choices" src="{url}"></iframe>'
    inside = opened(browser, own)
    inside.get_by_role("button", name="Pause for 30 days").click()
    inside.get_by_role("status").wait_for()
    assert "Marketing is paused" in inside.locator("body").inner_text()
    assert "Your choices" not in opened(browser, foreign).locator("body").inner_text()


def opened(browser, address):
    """Return the frame of a site's page, as a browser shows it that was never here."""
    found = browser.new_page()
    found.goto(address, wait_until="load")
    return found.frames[1]
