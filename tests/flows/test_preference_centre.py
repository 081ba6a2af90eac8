"""The preference centre in a real browser: no sign-in, no JavaScript, by keyboard, on a phone, in the dark, for axe."""

from __future__ import annotations

import json
import os
from uuid import uuid4

import pytest

from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def mail(amity):
    """The e-mail of a customer who agreed to marketing."""
    key = json.loads(amity.cli("source", "create", f"Shop {uuid4().hex[:6]}", "--json"))["write_key"]
    found = f"nora-{uuid4().hex[:8]}@mail.example"
    consent = {"consent": {"categoryPreferences": {"marketing": True}}}
    amity.send(
        key, {"type": "identify", "userId": found, "messageId": str(uuid4()), "traits": {"email": found}, "context": consent}
    )
    wait_for(lambda: found in customers(amity, found))
    return found


def customers(amity, mail):
    try:
        return amity.cli("customer", "show", mail, "--json")
    except AssertionError:
        return ""


@pytest.fixture
def link(amity, mail):
    return amity.cli("consent", "link", "email", mail).strip()


@pytest.fixture
def stranger(amity, browser, problems):
    """A browser that isn't signed in."""

    def make(**options):
        context = browser.new_context(**{"viewport": {"width": 390, "height": 844}, **options})
        context.set_default_timeout(90_000)
        page = context.new_page()
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        made.append(context)
        return page

    made = []
    yield make
    for context in made:
        assert context.cookies() == []
        context.close()
    assert problems == []


def shoot(page, name):
    if folder := os.environ.get("AMITY_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    return [f"{one['id']}: {node['html'][:160]}" for one in Axe().run(page).response["violations"] for node in one["nodes"]]


def test_a_choice_is_changed_by_keyboard_without_javascript(stranger, link):
    page = stranger(java_script_enabled=False, locale="de-DE")
    page.goto(link)
    assert page.get_by_role("heading", level=1).inner_text() == "Ihre Einstellungen"
    box = page.get_by_role("checkbox", name="E-Mail", exact=True)
    assert box.is_checked()
    for _ in range(30):
        page.keyboard.press("Tab")
        if box.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert "Gespeichert" in page.get_by_role("status").inner_text()
    assert not page.get_by_role("checkbox", name="E-Mail", exact=True).is_checked()
    assert "Sie haben am" in page.locator("[id='status.marketing_email']").inner_text()
    page.get_by_role("button", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Your choices"
    page.get_by_role("checkbox", name="E-mail", exact=True).check()
    page.get_by_role("button", name="Save choices").click()
    assert page.get_by_role("checkbox", name="E-mail", exact=True).is_checked()


def test_a_break_and_the_end_of_all_marketing(stranger, link, amity, mail):
    page = stranger(java_script_enabled=False)
    page.goto(link)
    page.get_by_role("button", name="Pause for 30 days").click()
    assert "Marketing is paused until" in page.locator(".centre-note").inner_text()
    shoot(page, "centre-paused")
    page.get_by_role("button", name="End the break").click()
    page.get_by_role("button", name="Stop all marketing").click()
    assert "All marketing is stopped" in page.get_by_role("status").inner_text()
    assert not page.get_by_role("checkbox", name="E-mail", exact=True).is_checked()

    def told():
        moments = json.loads(customers(amity, mail))["timeline"]
        return [one["properties"]["choices"] for one in moments if one["name"] == "Consent changed" and one["voice"] == "said"]

    wait_for(lambda: {"said:direct_marketing": False} in told())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(stranger, link, problems, scheme, width, language):
    page = stranger(viewport={"width": width, "height": 844}, color_scheme=scheme, extra_http_headers={"Sec-GPC": "1"})
    for path in ("", "/unsubscribe"):
        page.goto(f"{link}{path}?language={language}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shoot(page, f"centre{path.replace('/', '-')}-{language}-{width}-{scheme}")
    page.goto(f"{link[:-4]}?language={language}")
    assert violations(page) == []
    shoot(page, f"centre-over-{language}-{width}-{scheme}")
    problems[:] = [one for one in problems if "404" not in one]
