"""Nothing before consent, nothing after it was withdrawn, and Global Privacy Control."""

from __future__ import annotations

from typing import Any

from tests.edge.snippet.site import Site

KEPT = "JSON.stringify([Object.keys(localStorage), document.cookie])"


def test_nothing_is_kept_or_sent_before_consent(site: Site, tab: Any):
    tab.goto(
        site.page("<button>Light</button>", attributes='data-consent="analytics"', own="window.amity = [['track', 'Early']]")
    )
    tab.evaluate("amity.identify('u-1'); history.pushState({}, '', '/second')")
    tab.get_by_role("button").click()
    tab.evaluate("dispatchEvent(new Event('pagehide')); amity.flush()")
    assert tab.evaluate(KEPT) == '[[],""]'
    tab.evaluate("amity.consent({marketing: true})")
    assert tab.evaluate(KEPT) == '[[],""]'
    assert site.requests == 0
    tab.evaluate("amity.consent({analytics: true})")
    viewed = site.wait_for("page")
    assert viewed["context"]["consent"] == {"categoryPreferences": {"marketing": True, "analytics": True}}
    assert viewed["context"]["page"]["path"] == "/second"
    assert site.named("Early") == []  # an answer that was no yes came first
    assert "amity.who" in tab.evaluate(KEPT)


def test_calls_wait_for_the_first_answer(site: Site, tab: Any):
    tab.goto(site.page("<p>Lamps</p>", attributes="data-consent", own="window.amity = [['track', 'Early']]"))
    tab.evaluate("amity.consent({categoryPreferences: {analytics: true}})")
    assert site.wait_for("Early")["context"]["consent"] == {"categoryPreferences": {"analytics": True}}


def test_a_consent_that_is_withdrawn_is_told_and_everything_forgotten(site: Site, tab: Any):
    tab.goto(site.page("<p>Lamps</p>"))
    someone = site.wait_for("page")["anonymousId"]
    tab.evaluate("amity.track('Unsent'); amity.consent({analytics: false}); amity.track('Late')")
    last = site.wait_for("Consent Changed")
    assert last["properties"] == {"choices": {"analytics": False}}
    assert last["anonymousId"] == someone
    assert tab.evaluate(KEPT) == '[[],""]'
    tab.reload()
    assert site.named("Late") == site.named("Unsent") == []


def test_global_privacy_control(site: Site, tab: Any):
    tab.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    tab.goto(site.page("<p>Lamps</p>"))
    assert site.wait_for("page")["context"]["gpc"] is True
    before = site.requests
    tab.goto(site.page("<p>Lamps</p>", path="/quiet", attributes='data-gpc="silent"'))
    tab.evaluate("amity.track('Unheard'); amity.consent({analytics: true}); amity.flush()")
    assert tab.evaluate(KEPT) == '[[],""]'
    assert not [one for one in site.heard if one["context"]["page"]["path"] == "/quiet"]
    assert site.requests <= before + 1  # the first page's leaving
