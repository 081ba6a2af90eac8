"""Getting in, as people do it in a browser: by invitation, with a passkey, with the second step; and the pages on the way."""

from __future__ import annotations

import json
import os
import re

import pytest

from tests.flows.conftest import WATCH
from tests.flows.running import PASSWORD

OUTSIDE = (
    "/account/sign-in/", "/account/forgotten/", "/account/by-invitation/", "/account/inactive/", "/start/nothing", "/join/nothing",
)  # fmt: skip
ACCOUNT = (
    "/account/", "/account/sessions/", "/account/password/", "/account/security/", "/account/security/passkeys/",
    "/account/security/passkeys/new/", "/account/security/app/on/", "/account/confirm/", "/account/sign-out/",
    "/w/your-company/people/", "/w/your-company/tokens/", "/w/your-company/settings/", "/w/your-company/audit/",
    "/w/your-company/workspaces/new/",
)  # fmt: skip


def picture(page, name):
    """Keep a screenshot where AMITY_PICTURES says, for somebody to look at."""
    folder = os.environ.get("AMITY_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.png", full_page=True)


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{page.url}: {broken['id']}: {node['html'][:160]}" for broken in found for node in broken["nodes"]]


def confirm(page):
    """Confirm who one is, as changes to signing in ask for."""
    page.goto("/account/confirm/?next=/account/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/account/")


@pytest.fixture
def stranger(amity, browser, problems):
    """A browser that nobody is signed in to."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", base_url=amity.console)
    context.add_init_script(WATCH)
    context.set_default_timeout(90_000)
    one = context.new_page()
    one.on("console", lambda said: problems.append(said.text) if "CSP" in said.text else None)
    one.on("pageerror", lambda error: problems.append(str(error)))
    yield one
    context.close()
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_before_signing_in_have_no_axe_violation_and_fit_a_phone(stranger, scheme):
    stranger.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = []
    for address in OUTSIDE:
        stranger.set_viewport_size({"width": 1440, "height": 900})
        stranger.goto(address)
        found += violations(stranger)
        picture(stranger, f"{scheme} {address}")
        stranger.set_viewport_size({"width": 320, "height": 800})
        if stranger.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{address} scrolls sideways")
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_account_and_trust_have_no_axe_violation_and_fit_a_phone(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    confirm(page)
    found = []
    for address in ACCOUNT:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(address)
        found += violations(page)
        picture(page, f"{scheme} {address}")
        page.set_viewport_size({"width": 390, "height": 844})
        picture(page, f"{scheme} phone {address}")
        page.set_viewport_size({"width": 320, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{address} scrolls sideways")
    assert found == [], "\n".join(found)


def test_a_colleague_comes_by_invitation(page, stranger):
    page.goto("/w/your-company/people/")
    page.get_by_label("E-mail", exact=True).fill("nia@company.example")
    page.get_by_label("Role", exact=True).select_option("agent")
    page.get_by_role("button", name="Make invitation").click()
    link = page.get_by_label("Invitation link for nia@company.example").input_value()
    picture(page, "people with invitation")
    assert violations(page) == []
    stranger.goto(link)
    picture(stranger, "join")
    assert violations(stranger) == []
    stranger.get_by_label("Your name").fill("Nia")
    stranger.get_by_label("Password").fill("short")
    stranger.get_by_role("button", name="Join").click()
    stranger.get_by_text("too short").wait_for()
    picture(stranger, "join with error")
    assert violations(stranger) == []
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.get_by_role("button", name="Join").click()
    stranger.wait_for_url("**/w/your-company/**")
    stranger.goto("/w/your-company/audit/")
    stranger.get_by_role("heading", name="Not for your role").wait_for()
    picture(stranger, "denied")
    assert violations(stranger) == []


def test_a_token_is_shown_once(page, amity):
    page.goto("/w/your-company/tokens/")
    page.get_by_label("What uses it").fill("Nightly export")
    page.get_by_role("button", name="Create token").click()
    secret = page.locator("#secret").inner_text()
    assert secret.startswith("amity_")
    picture(page, "token made")
    assert violations(page) == []
    page.goto("/w/your-company/tokens/")
    assert secret not in page.content()
    assert any(t["name"] == "Nightly export" for t in json.loads(amity.cli("token", "list", "--json")))


def test_a_passkey_signs_in_without_the_password(amity, page, stranger):
    def with_authenticator(one):
        session = one.context.new_cdp_session(one)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    made = json.loads(amity.cli("person", "create", "pia@company.example", "--name", "Pia", "--role", "viewer", "--json"))
    stranger.goto(made["link"])
    picture(stranger, "start")
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.get_by_role("button", name="Start").click()
    stranger.wait_for_url("**/w/your-company/**")
    session, authenticator = with_authenticator(stranger)
    confirm(stranger)
    stranger.goto("/account/security/passkeys/new/")
    stranger.get_by_label("Sign in with it alone").check()
    stranger.get_by_role("button", name="Add passkey").click()
    stranger.get_by_role("heading", name="Recovery codes").wait_for()
    picture(stranger, "recovery codes")
    assert violations(stranger) == []
    stranger.goto("/account/security/passkeys/")
    picture(stranger, "passkeys")
    assert violations(stranger) == []
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert len(kept) == 1
    stranger.goto("/account/sign-out/")
    stranger.get_by_role("button", name="Sign out").first.click()
    stranger.wait_for_url("**/account/sign-in/")
    stranger.get_by_role("button", name="Sign in with a passkey").click()
    stranger.wait_for_url("**/w/your-company/**")
    assert json.loads(amity.cli("audit", "verify", "--json"))["ok"]
