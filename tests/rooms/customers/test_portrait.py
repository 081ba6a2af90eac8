from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.rooms.customers.rules.money import as_number
from amity.rooms.customers.rules.portrait.money import money
from amity.rooms.customers.rules.portrait.phrases_contact import CONTACT
from amity.rooms.customers.rules.portrait.phrases_product import POSTHOG, PRODUCT
from amity.rooms.customers.rules.portrait.phrases_shop import SHOP
from amity.rooms.customers.rules.portrait.portray import QUOTE_LIMIT, channel_words, icon_of, portray
from amity.rooms.customers.rules.portrait.words import count, cut, event_key, looks_like_code, plain_words, span
from tests.rooms.customers.moments import moment

LAMP = {"name": "Alder floor lamp", "price": 189, "currency": "EUR"}


def told(name: str = "", **given: Any) -> str:
    return portray(moment(name, **given)).sentence


@pytest.mark.parametrize(
    ("name", "properties", "sentence"),
    [
        ("Products Searched", {"query": "oak"}, "Searched for “oak”"),
        ("Products Searched", {}, "Searched"),
        ("Product List Viewed", {"category": "Lamps"}, "Looked through Lamps"),
        ("Product Viewed", LAMP, "Looked at Alder floor lamp"),
        ("product_viewed", LAMP, "Looked at Alder floor lamp"),
        ("productViewed", {}, "Looked at a product"),
        ("Product Added", LAMP, "Put Alder floor lamp into the cart"),
        ("Checkout Step Viewed", {"step": 2}, "Came to checkout step 2"),
        ("Order Cancelled", {"order_id": "LS-1"}, "Cancelled order LS-1"),
        ("Coupon Denied", {"coupon": "SPRING"}, "Coupon “SPRING” was refused"),
        ("Email Opened", {"email_subject": "Spring savings"}, "Opened “Spring savings”"),
        ("Email Opened", {}, "Opened an e-mail"),
        ("Email Bounced", {"email_subject": "Hello"}, "“Hello” came back"),
        ("Application Installed", {"version": "1.2"}, "Installed the app"),
        ("Push Notification Tapped", {"campaign": {"name": "Referral Flow"}}, "Opened “Referral Flow”"),
        ("Trial Started", {"trial_plan_name": "Business"}, "Started to try Business"),
        ("Experiment Viewed", {"experiment_name": "Button", "variation_name": "Blue"}, "Saw Blue of “Button”"),
        ("Video Playback Completed", {"title": "How to build it"}, "Finished “How to build it”"),
        ("Live Chat Message Received", {"agent_name": "Peter"}, "Peter answered in chat"),
        ("survey sent", {"$survey_name": "NPS"}, "Answered “NPS”"),
        ("$autocapture", {"$el_text": "Buy", "$event_type": "click"}, "Clicked Buy"),
        ("$autocapture", {}, "Clicked"),
        ("$pageview", {"$current_url": "https://linden.shop/"}, "Looked at the start page"),
        ("$feature_flag_called", {"$feature_flag": "new-cart", "$feature_flag_response": "b"}, "Got b of “new-cart”"),
        ("$set", {"$set": {"email": "a@b.example"}}, "Told us e-mail"),
        ("Rage Click", {"element": "button#pay", "label": "Pay now", "page": "/pay"}, "Clicked again and again on Pay now"),
        ("Dead Click", {"element": "p.price", "page": "/"}, "Clicked where nothing happened, on p.price"),
        ("Error Click", {"label": "Pay now", "message": "no cart"}, "Clicked on Pay now, which broke"),
        ("JavaScript Error", {"message": "no cart", "page": "/"}, "Met an error of the page"),
        (
            "Request Failed",
            {"method": "GET", "address": "https://a.example/api", "status": 500},
            "Waited in vain for https://a.example/api",
        ),
        ("Form Abandoned", {"form": "checkout", "last_field": "card"}, "Left the form checkout at “card”"),
        ("subscription_paused", {}, "Subscription paused"),
        ("warrantyCheckedOnline", {}, "Warranty checked online"),
        ("Clicked CTA", {}, "Clicked cta"),
        ("Scanned QR code", {}, "Scanned QR code"),
        ("", {}, "An event without a name"),
        ("{product}", {}, "(product)"),
        ("💡", {}, "💡"),
        ("שלום עולם", {}, "שלום עולם"),
    ],
)
def test_sentences_of_tracked_events(name: str, properties: dict[str, Any], sentence: str) -> None:
    assert told(name, properties=properties) == sentence


def test_pages_are_called_by_title_then_name_then_path() -> None:
    assert told(type="page", properties={"title": "Alder floor lamp | Linden"}) == "Looked at Alder floor lamp"
    assert told("Home", type="page", properties={}) == "Looked at Home"
    assert told(type="page", path="/lamps/alder") == "Looked at /lamps/alder"
    assert told(type="page", path="/") == "Looked at the start page"
    assert told(type="page", url="http://[broken") == "Looked at a page"
    assert told("Feed", type="screen") == "Looked at Feed"


def test_other_calls() -> None:
    assert told(type="identify", traits={"name": "I", "email": "e", "phone": "1"}) == "Told us name, e-mail and phone number"
    assert told(type="identify", traits=dict.fromkeys("abcdef", 1)) == "Told us a, b, c and 3 more"
    assert told(type="identify", traits={"email": None}) == "Made themselves known"
    assert told(type="group", traits={"name": "Initech"}) == "Joined Initech"
    assert told(type="alias") == "Got a second identifier"


def test_a_payment_tells_amount_goods_and_order() -> None:
    one = portray(
        moment("Order Completed", value=Decimal(189), currency="EUR", properties={"order_id": "LS-1842", "products": [LAMP]})
    )
    assert one.sentence == "Paid €189.00"
    assert [(d.label, d.text, d.code) for d in one.details] == [("", "Alder floor lamp", False), ("order", "LS-1842", True)]


def test_a_declined_card_is_where_it_broke() -> None:
    one = portray(
        moment(
            "card_declined", touchpoint="Linden Shop", properties={"amount": 189, "currency": "EUR", "reason": "suspected_fraud"}
        )
    )
    assert (one.sentence, one.place, one.icon, one.trouble, one.mark) == (
        "Card declined at checkout",
        "Linden Shop",
        "card",
        "declined",
        "Broke here",
    )
    assert [(d.label, d.text, d.code) for d in one.details] == [("", "€189.00", False), ("reason", "suspected_fraud", True)]


def test_what_they_said_is_a_quote() -> None:
    one = portray(moment("Live Chat Message Sent", channel="chat", properties={"message_body": "I just want\x00 the lamp."}))
    assert (one.bead, one.quote, one.place, one.icon) == ("said", "I just want the lamp.", "", "chat")


def test_an_answer_has_its_score_and_its_mood() -> None:
    low = portray(
        moment("Survey Answered", properties={"survey_name": "How easy was that?", "score": 2, "scale": 7, "comment": "Again."})
    )
    assert (low.sentence, low.quote, low.trouble) == ("Answered “How easy was that?”", "Again.", "unhappy")
    assert [d.text for d in low.details] == ["2 of 7"]
    assert portray(moment("NPS Submitted", properties={"score": 6})).trouble == "unhappy"
    assert portray(moment("NPS Submitted", properties={"score": 9})).trouble == ""
    posthog = portray(moment("survey sent", properties={"$survey_name": "NPS", "$survey_response": "8"}))
    assert (posthog.quote, [d.text for d in posthog.details]) == ("", ["8"])


def test_whose_voice_it_is() -> None:
    assert portray(moment("Email Sent", voice="did", context={"voice": "did"})).bead == "did"
    assert portray(moment("survey sent", voice="ours")).bead == "said"
    assert portray(moment("Product Viewed", voice="ours")).bead == "ours"
    assert portray(moment("something", voice="said", properties={"text": "Hello there"})).quote == "Hello there"
    assert portray(moment("Email Sent")).bead == "ours"
    assert portray(moment("Product Viewed")).bead == "did"


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("Kyc Check Failed", "failed"),
        ("upload_error", "broke"),
        ("Loan Rejected", "declined"),
        ("Complaint", "complaint"),
        ("Failover Tested", ""),
        ("Order Completed", ""),
    ],
)
def test_unknown_events_that_went_wrong(name: str, trouble: str) -> None:
    assert portray(moment(name)).trouble == trouble


def test_the_general_rule_shows_what_a_person_can_read() -> None:
    properties = {
        "$lib": "web",
        "plan": "Gold",
        "serial": "AB-12",
        "user_id": "7",
        "page_url": "x",
        "ok": True,
        "nested": {"a": 1},
        "seats": 4,
        "late": "no",
    }
    details = portray(moment("Warranty Checked", properties=properties)).details
    assert [(d.label, d.text, d.code) for d in details] == [
        ("plan", "Gold", False),
        ("serial", "AB-12", True),
        ("seats", "4", False),
    ]


def test_places() -> None:
    assert portray(moment("x", touchpoint="Branch", url="https://a.example")).place == "Branch"
    assert portray(moment("x", url="https://www.linden.shop/a")).place == "linden.shop"
    assert portray(moment("x", context={"app": {"name": "Linden"}})).place == "Linden"
    assert portray(moment("x", channel="email")).place == "e-mail"
    assert portray(moment("x", touchpoint="/lamps", url="https://linden.shop/lamps/a")).place == "linden.shop"
    assert portray(moment("x")).place == ""


def test_bidi_controls_can_not_turn_the_page_around() -> None:
    assert "\u202e" not in told("Evil \u202e name")


def test_every_phrase_stands_without_any_property() -> None:
    for name in [*SHOP, *CONTACT, *PRODUCT, *POSTHOG]:
        one = portray(moment(name))
        assert one.sentence, name
        assert "{" not in one.sentence, name
        assert "“”" not in one.sentence, name
        assert one.sentence[0].isupper() or one.sentence[0] == "“", name


def test_every_icon_exists() -> None:
    from amity.shell.templatetags.amity import _icons

    phrases = [*SHOP.values(), *CONTACT.values(), *PRODUCT.values(), *POSTHOG.values()]
    used = {phrase.icon for phrase in phrases if phrase.icon} | {
        icon_of(channel) for channel in ("web", "email", "phone", "store", "chat", "", "?")
    }
    assert used <= _icons()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([*SHOP, *CONTACT, *PRODUCT, *POSTHOG, "x", "Foo Failed", ""]) | st.text(max_size=40)
known = st.sampled_from(
    [
        "name",
        "products",
        "query",
        "score",
        "scale",
        "$survey_response",
        "campaign",
        "consent",
        "duration",
        "quantity",
        "currency",
        "revenue",
        "$set",
        "message_body",
        "title",
        "url",
        "results",
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine says nothing about portraits
@given(
    name=names,
    type_=st.sampled_from(["track", "page", "screen", "identify", "group", "alias"]),
    properties=st.dictionaries(known | st.text(max_size=8), json_values, max_size=6),
    traits=st.dictionaries(st.text(max_size=8), json_values, max_size=4),
    context=st.dictionaries(st.sampled_from(["app", "consent", "groupId"]), json_values, max_size=3),
    url=st.text(max_size=20),
)
def test_nothing_that_strangers_send_breaks_a_portrait(
    name: str, type_: str, properties: Any, traits: Any, context: Any, url: str
) -> None:
    one = portray(moment(name, type=type_, properties=properties, traits=traits, context=context, url=url))
    assert one.sentence
    assert len(one.sentence) <= 160
    assert len(one.quote) <= QUOTE_LIMIT
    assert all(len(detail.text) <= 200 for detail in one.details)


def test_money() -> None:
    assert money("1189", "eur") == "€1,189.00"
    assert money(500, "JPY") == "¥500"
    assert money(20, "SEK") == "SEK 20.00"
    assert money(12.5, None) == "12.50"
    assert money(12, "?!") == "12"
    assert money(True, "EUR") == money("NaN", "EUR") == money(10**15, "EUR") == money("1e999999", "EUR") == ""
    assert as_number(" 7 ") == 7
    assert as_number([]) is None


def test_words() -> None:
    assert plain_words("subscription_paused") == "Subscription paused"
    assert plain_words("NPSSubmitted") == "NPS submitted"
    assert event_key("Product  Viewed!") == event_key("product_viewed") == "productviewed"
    assert [looks_like_code(text) for text in ("suspected_fraud", "LS-1842", "Gold", "not solved", "camelCase")] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert cut("a" * 200, 10) == "aaaaaaaaa…"
    assert (count(1, "page"), count(1200, "page"), count(2, "reply", "replies")) == ("1 page", "1,200 pages", "2 replies")
    assert [span(s) for s in (0.4, 40, 60, 372, 725, 3600, 7500, 180_000, 260_000)] == [
        "0 s",
        "40 s",
        "1 min",
        "6 min 12 s",
        "12 min",
        "1 h",
        "2 h 5 min",
        "2 days",
        "3 days",
    ]
    assert channel_words("email") == "e-mail"
    assert channel_words("in_store") == "in store"
