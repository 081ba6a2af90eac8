"""The frame in a real browser: theme, palette, keys, phone."""

from __future__ import annotations

import re

import pytest

HOME = "/w/your-company/welcome/"


def theme(page):
    return page.evaluate("document.documentElement.dataset.theme ?? ''")


def test_the_theme_is_remembered_on_every_page(page):
    page.goto(HOME)
    button = page.locator(".rail [data-theme-next]")
    assert button.get_attribute("aria-label") == "Theme: like this device"
    button.click()
    assert theme(page) == "light"
    button.click()
    assert theme(page) == "dark"
    page.goto("/w/your-company/sources/")
    assert theme(page) == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.locator(".rail [data-theme-next]").click()
    page.reload()
    assert theme(page) == ""


def test_the_palette_opens_a_page_by_keyboard_alone(page):
    page.goto(HOME)
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox")
    assert box.evaluate("e => e === document.activeElement")
    options = page.locator("#palette-list [role=option]")
    assert options.count() > 3
    page.keyboard.type("sourc")
    first = options.first
    assert first.get_attribute("aria-selected") == "true"
    assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
    page.keyboard.press("ArrowDown")
    assert first.get_attribute("aria-selected") == "false"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sources/**")


def test_the_palette_says_when_nothing_is_found_and_closes_with_escape(page):
    page.goto(HOME)
    page.keyboard.press("Control+k")
    page.keyboard.type("zzzzzz")
    page.locator("#palette[data-empty]").wait_for()
    assert page.locator("#palette [data-count]").text_content() == "Nothing found"
    page.keyboard.press("Escape")
    assert not page.locator("#palette").is_visible()


def test_keys_open_pages_and_their_list(page):
    page.goto(HOME)
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sources/**")


def test_keys_mean_nothing_while_one_types(page):
    page.goto("/w/your-company/sources/new/")
    page.locator("#name").press_sequentially("gs?t")
    assert page.locator("#name").input_value() == "gs?t"
    assert page.url.endswith("/sources/new/")
    assert theme(page) == ""


def test_the_foot_of_the_rail_tells_how_far_the_pipeline_is_behind(page):
    page.goto(HOME)
    page.locator("#pulse .words", has_text=re.compile("Caught up|behind")).wait_for()


def test_signing_out_ends_the_session(amity, page):
    page.goto(HOME)
    fresh = page.context.browser.new_context(base_url=amity.console)
    one = fresh.new_page()
    amity.sign_in(one, email="leaver@company.example", name="Lea Vér", role="viewer")
    one.goto(HOME)
    one.locator(".me").click()
    one.get_by_role("button", name="Sign out").click()
    one.wait_for_url("**/account/**")
    one.goto(HOME)
    assert "/account/" in one.url
    fresh.close()


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_has_a_bar_of_five_and_everything_else_under_more(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(HOME)
    assert not page.locator(".rail").is_visible()
    assert page.locator(".tabbar > *").count() == 5
    page.locator(".tabbar").get_by_role("button", name="More").click()
    page.locator("#more").get_by_role("link", name="Audit", exact=True).click()
    page.wait_for_url("**/audit/")


def test_a_page_that_is_not_there_says_so(page, problems):
    answer = page.goto("/w/your-company/sources/999999/")
    assert answer.status == 404
    assert page.locator("h1").text_content() == "There is no such page"
    assert page.locator(".rail").is_visible()
    answer = page.goto("/w/nowhere/live/")
    assert answer.status == 404
    problems.clear()  # Chromium itself reports the 404s that this test asks for


def test_what_is_pressed_or_chosen_before_the_scripts_are_there_is_not_lost(page):
    held = []

    def hold(route):
        held.append(route)

    page.route("**/amity/js/main*.js", hold)
    page.goto(HOME, wait_until="commit")
    page.locator(".rail button.find").click()
    assert not page.locator("#palette").is_visible()
    held.pop().continue_()
    page.locator("#palette").wait_for()

    page.goto("/w/your-company/live/", wait_until="commit")
    page.get_by_label("Outcome").select_option("accepted")
    held.pop().continue_()
    page.wait_for_url("**outcome=accepted**", wait_until="commit")
