"""What fills the blanks of a sentence and the facts below it, found under the names that the dialects give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from amity.rooms.customers.contracts import Moment
from amity.rooms.customers.rules.money import as_number
from amity.rooms.customers.rules.portrait.money import money
from amity.rooms.customers.rules.portrait.shapes import Detail
from amity.rooms.customers.rules.portrait.words import count, cut, event_key, looks_like_code, plain_words, span

_PAGES = ("title", "name", "$title", "$screen_name", "page_title", "page")
_PLAIN: dict[str, tuple[str, ...]] = {
    "query": ("query", "search_term", "search", "q"),
    "promotion": ("name", "creative", "promotion_id"),
    "order": ("order_id", "order_number", "order", "checkout_id"),
    "coupon": ("coupon_name", "coupon", "coupon_code", "coupon_id"),
    "step": ("step", "step_name"),
    "method": ("payment_method", "method", "card_brand"),
    "shipping": ("shipping_method",),
    "carrier": ("carrier", "courier"),
    "reason": ("reason", "decline_reason", "failure_reason", "error_code", "error", "error_message", "code", "bounce_type"),
    "via": ("share_via",),
    "plan": ("plan", "plan_name", "trial_plan_name", "product"),
    "invoice": ("invoice_id", "invoice_number", "invoice"),
    "account": ("account_name", "account"),
    "role": ("role", "invitee_role"),
    "invitee": ("invitee_first_name", "invitee_email"),
    "subject": ("email_subject", "subject", "title", "topic", "ticket_subject"),
    "topic": ("topic", "category", "issue", "theme"),
    "ticket": ("ticket_id", "ticket_number", "conversation_id", "case_id"),
    "agent": ("agent_name", "agent", "author_name", "author", "agent_username", "by"),
    "outcome": ("outcome", "result", "resolution"),
    "survey": ("survey_name", "$survey_name", "survey_title", "survey", "question", "survey_question"),
    "preview": ("preview", "message_preview", "message_body", "body", "text", "message"),
    "note": ("note", "text", "body"),
    "purpose": ("purpose", "category", "consent_purpose"),
    "link": ("link_url", "url", "link"),
    "video": ("video_title", "title", "name", "content_title"),
    "experiment": ("experiment_name", "experiment_id", "$feature_flag", "Experiment name"),
    "variant": ("variation_name", "variant_name", "variant", "variation_id", "$feature_flag_response", "Variant name"),
    "flag": ("$feature_flag",),
    "version": ("version",),
    "provider": ("provider",),
    "action": ("action",),
    "attempt": ("attempt", "tries"),
    "element": ("$el_text", "element_text", "label", "button", "element"),
    "exception": ("$exception_message", "$exception_type", "message"),
    "request": ("address",),
    "field": ("last_field",),
    "form": ("form", "form_name", "form_id"),
    "status": ("status",),
    "brand": ("brand",),
    "place": ("store_name", "store", "branch", "location"),
    "bounce": ("bounce_type",),
}
_LABELLED = {"reason": "reason", "method": "with", "coupon": "coupon", "carrier": "with", "agent": "with", "outcome": "ended", "version": "version", "step": "step",
             "attempt": "try", "shipping": "by", "via": "through", "ticket": "", "order": "order", "invoice": "invoice"}  # fmt: skip


def text_of(value: Any, limit: int = 120) -> str:
    """Return a scalar as one line of text; nothing for objects, empty values and truth values."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    return cut(str(value), limit) if isinstance(value, str | int) else ""


def first(properties: Mapping[str, Any], names: Sequence[str], limit: int = 120) -> str:
    """Return the first property of `names` that has a text."""
    return next((text for name in names if (text := text_of(properties.get(name), limit))), "")


def product(moment: Moment) -> str:
    """Return the product's name; of several the first, and how many more."""
    one = first(moment.properties, ("name", "product_name", "title", "product"))
    return one or goods(moment)


def goods(moment: Moment) -> str:
    """Return what an order holds: `Alder floor lamp, Oak table and 2 more`."""
    products = moment.properties.get("products") or moment.properties.get("items")
    if not isinstance(products, list):
        return ""
    named = [first(each, ("name", "product_name", "title")) for each in products if isinstance(each, Mapping)]
    named = [name for name in named if name]
    more = len(products) - 2
    if len(named) < 2 or not more:
        return " and ".join(named[:2])
    return f"{named[0]}, {named[1]} and {more:,} more"


def amount(moment: Moment) -> str:
    """Return the money that the interaction is about."""
    given = moment.properties
    currency = moment.currency or first(given, ("currency", "currency_code"))
    for value in (moment.value, *(given.get(name) for name in ("revenue", "total", "amount", "value", "price", "subtotal"))):
        if text := money(value, currency):
            return text
    return ""


def page(moment: Moment) -> str:
    """Return what a page is called: its title before ` | Site`, else its name, else its path."""
    title = first(moment.properties, _PAGES)
    name = title.split(" | ")[0].strip() if title else moment.name if not moment.name.startswith("$") else ""
    if moment.type in {"page", "screen"} and moment.name and (not title or moment.name == title):
        name = cut(moment.name)
    link = moment.path or urlsplit_path(moment.url or first(moment.properties, ("$current_url", "url", "path", "$pathname")))
    return name or ("the start page" if link == "/" else link)


def urlsplit_path(url: str) -> str:
    """Return a URL's path; nothing for what is no URL."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def host(url: str) -> str:
    """Return a URL's host without www; nothing for what is no URL."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


_FIRST_TOLD = {name: rank for rank, name in enumerate(("name", "first name", "last name", "e-mail", "phone number"))}


def told(moment: Moment) -> str:
    """Return which traits were told, as a list of words: `name, e-mail and phone`."""
    given = moment.traits or moment.properties.get("$set") or {}
    names = (
        [_trait_word(name) for name, value in given.items() if value not in (None, "", [], {})]
        if isinstance(given, Mapping)
        else []
    )
    names = sorted(dict.fromkeys(names), key=lambda name: _FIRST_TOLD.get(name, len(_FIRST_TOLD)))
    more = len(names) - 3
    if more > 1:
        return f"{', '.join(names[:3])} and {more} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1] if names else ""]))


def _trait_word(name: str) -> str:
    known = {"email": "e-mail", "firstname": "first name", "lastname": "last name", "phone": "phone number"}
    word = plain_words(name)
    return known.get(event_key(name)) or word[:1].lower() + word[1:]


def score(moment: Moment) -> str:
    """Return an answer in numbers: `2 of 7`; without a known scale the number alone."""
    mark, most = scored(moment)
    return "" if mark is None else f"{mark:g} of {most:g}" if most else f"{mark:g}"


def scored(moment: Moment) -> tuple[float | None, float | None]:
    """Return the score that was given and the best one possible, each None where unknown."""
    given = moment.properties
    marks = (
        as_number(given.get(name)) for name in ("score", "rating", "nps", "csat", "ces", "$survey_response", "value", "answer")
    )
    mark = next((each for each in marks if each is not None), None)
    most = next(
        (each for name in ("scale", "max", "max_score", "out_of") if (each := as_number(given.get(name))) is not None), None
    )
    if most is None and ("nps" in given or "nps" in event_key(moment.name) or event_key(str(given.get("type", ""))) == "nps"):
        most = as_number(10)
    return (None if mark is None else float(mark), None if most is None or most <= 0 else float(most))


def consent(moment: Moment) -> str:
    """Return what was allowed and what not: `marketing: yes, sharing: no`."""
    said: Any = moment.properties.get("choices") or moment.properties.get("consent") or moment.context.get("consent")
    said = said.get("categoryPreferences", said) if isinstance(said, Mapping) else None
    if not isinstance(said, Mapping):
        given = moment.properties.get("given")
        return "" if not isinstance(given, bool) else "yes" if given else "no"
    return cut(
        ", ".join(
            f"{plain_words(str(name).removeprefix('said:')).lower()}: {'yes' if ok else 'no'}"
            for name, ok in said.items()
            if isinstance(ok, bool)
        )
    )


def duration(moment: Moment) -> str:
    """Return how long it took; properties give seconds, or milliseconds where their name says so."""
    for name in ("duration", "duration_seconds", "conversation_duration", "duration_s", "$prev_pageview_duration", "duration_ms"):
        number = as_number(moment.properties.get(name))
        if number is not None and 0 < number < 10**10:
            return span(float(number) / (1000 if name.endswith("_ms") else 1))
    return ""


def group(moment: Moment) -> str:
    """Return the group's name, else its id."""
    given = moment.traits or moment.properties.get("$group_set")
    name = first(given, ("name", "company", "company_name")) if isinstance(given, Mapping) else ""
    return name or first(moment.properties, ("$group_key", "group_id")) or first(moment.context, ("groupId",))


def campaign(moment: Moment) -> str:
    """Return the campaign's name, wherever it stands."""
    own = moment.properties.get("campaign")
    nested = first(own, ("name", "content", "source")) if isinstance(own, Mapping) else ""
    return nested or first(
        moment.properties, ("campaign", "campaign_name", "message_name", "template", "title", "subject", "name")
    )


def quantity(moment: Moment) -> str:
    """Return how many, if more than one."""
    number = as_number(moment.properties.get("quantity"))
    return "" if number is None or number <= 1 else f"{number:,f} ×"


def items(moment: Moment) -> str:
    """Return how many different products are in a cart or order."""
    products = moment.properties.get("products")
    return count(len(products), "product") if isinstance(products, list) and products else ""


def results(moment: Moment) -> str:
    """Return how many results a search had."""
    number = as_number(moment.properties.get("results") or moment.properties.get("result_count"))
    return "" if number is None else count(int(number), "result")


def did(moment: Moment) -> str:
    """Return what was done to an element of a page, as autocapture names it."""
    verbs = {"change": "Changed", "submit": "Submitted", "touch": "Tapped"}
    return (
        verbs.get(text_of(moment.properties.get("$event_type")), "Clicked") if first(moment.properties, _PLAIN["element"]) else ""
    )


def vitals(moment: Moment) -> str:
    """Return web vitals: largest paint and interaction delay in ms, layout shift as it is."""
    named = (("LCP", " ms"), ("INP", " ms"), ("FCP", " ms"), ("CLS", ""))
    given = moment.properties
    values = (
        (name, as_number(given.get(f"$web_vitals_{name}_value", given.get(name.lower(), given.get(f"{name.lower()}_ms")))), unit)
        for name, unit in named
    )
    return ", ".join(
        f"{name} {value:.0f}{unit}" if unit else f"{name} {value:.2f}" for name, value, unit in values if value is not None
    )


def product_list(moment: Moment) -> str:
    """Return the list of products, or of mail, that was looked at or left."""
    return first(moment.properties, ("list_name", "category", "list_id", "list"))


def _labelled_money(name: str) -> Callable[[Moment], str]:
    return lambda moment: money(moment.properties.get(name), moment.currency or first(moment.properties, ("currency",)))


BLANKS: dict[str, Callable[[Moment], str]] = {
    each.__name__: each
    for each in (
        product,
        goods,
        amount,
        page,
        told,
        score,
        consent,
        duration,
        group,
        campaign,
        quantity,
        items,
        results,
        did,
        vitals,
    )
} | {"list": product_list, "rating": score, "price": _labelled_money("price"), "discount": _labelled_money("discount")}


def blank(name: str, moment: Moment) -> str:
    """Return what fills a blank, empty where the interaction doesn't tell."""
    if name in BLANKS:
        return BLANKS[name](moment)
    return first(moment.properties, _PLAIN.get(name, (name,)), 600 if name == "note" else 120)


def fact(name: str, moment: Moment) -> Detail | None:
    """Return one fact for the line below the sentence."""
    text = blank(name, moment)
    return (
        Detail(text=text, label=_LABELLED.get(name, ""), code=looks_like_code(text) and name not in {"score", "consent"})
        if text
        else None
    )
