"""Episodes at the bank: opening an account, the identity check that breaks on some phones, cards, declines."""

from __future__ import annotations

from amity.demo.calendar import soon
from amity.demo.catalogue import CAMPAIGNS, REFERRERS
from amity.demo.pen import Pen, app_version
from amity.demo.service import complain, mail
from amity.kernel.clock import DAY, HOUR, MINUTE, SECOND

_SHOPS = (
    ("Mercado Central", "groceries"), ("Backstube Nord", "groceries"), ("Le Petit Marché", "groceries"), ("Metro", "transport"),
    ("Pharmacy 24", "health"), ("Cinema Lux", "leisure"), ("Trattoria Sole", "restaurants"), ("Book & Bean", "leisure"),
    ("City Rail", "transport"), ("Power & Light", "bills"), ("Fitness Loft", "leisure"), ("Hotel Aurora", "travel"),
)  # fmt: skip
_REASONS = ("suspected_fraud", "suspected_fraud", "insufficient_funds", "limit_reached", "wrong_pin", "technical")


def open_account(pen: Pen, day: int) -> None:
    """From the first visit to an account, or to giving up at the identity check."""
    rng, person = pen.rng, pen.person
    at = pen.calendar.moment(rng, "web", day, ahead=person.city.ahead)
    campaign = rng.choice(CAMPAIGNS) if rng.random() < 0.45 else None
    pen.web(at, "page", "Home", referrer=rng.choice(REFERRERS), campaign=campaign)
    for name, page in (("Current account", "/bank/account"), ("Fees", "/bank/fees"), ("Cards", "/bank/cards")):
        if rng.random() < 0.6:
            at += soon(rng)
            pen.web(at, "page", name, page=page)
    pen.known.add("desktop")
    at += rng.choice((soon(rng), soon(rng) + HOUR, DAY))
    pen.app(at, "screen", "Welcome", as_user=False)
    at += soon(rng)
    pen.app(at, "track", "Onboarding Started", as_user=False, product="current account")
    at += soon(rng, longest=4 * MINUTE)
    pen.app(at, "identify", "", as_user=False, traits={"email": person.email, "name": person.name})
    pen.known.add("phone")
    _check_identity(pen, at)


def _check_identity(pen: Pen, at: int) -> None:
    rng, person = pen.rng, pen.person
    for attempt in range(1, 8):
        at += soon(rng, longest=3 * MINUTE)
        pen.app(at, "track", "ID Check Started", as_user=False, attempt=attempt, document=rng.choice(("passport", "id_card")))
        breaks = person.handset.breaks and app_version(pen.calendar, at) == "5.3.1"
        at += rng.randint(20 * SECOND, 100 * SECOND)
        if rng.random() > (0.93 if breaks else 0.07):
            pen.app(at, "track", "ID Check Passed", as_user=False, attempt=attempt)
            _opened(pen, at + soon(rng), troubled=attempt > 2)
            return
        reason = rng.choice(("camera_error", "camera_error", "timeout") if breaks else ("blurry", "glare", "expired"))
        pen.app(at, "track", "ID Check Failed", as_user=False, attempt=attempt, reason=reason, device=person.handset.model)
        if attempt >= 2 and rng.random() < 0.28:
            pen.app(at + soon(rng), "track", "Onboarding Abandoned", as_user=False, step="id_check")
            break
        at += rng.choice((MINUTE, 3 * MINUTE, HOUR, DAY))
    pen.remember(at, "id_check")
    if rng.random() < 0.55:
        solved = complain(pen, at + rng.randint(5 * MINUTE, 20 * HOUR), "id_check")
        if solved and rng.random() < 0.5:
            _opened(pen, solved + rng.randint(HOUR, 2 * DAY), troubled=True)


def _opened(pen: Pen, at: int, *, troubled: bool) -> None:
    rng, person = pen.rng, pen.person
    pen.opened_at = at
    traits = {
        "email": person.email, "name": person.name, "firstName": person.first, "lastName": person.last,
        "city": person.city.name, "country": person.city.country, "language": person.language,
        "birthYear": person.birth_year, "plan": rng.choices(("basic", "plus", "gold"), weights=(70, 22, 8))[0],
        "marketingConsent": person.marketing,
    }  # fmt: skip
    if person.phone:
        traits["phone"] = person.phone
    pen.app(at, "identify", "", traits=traits)
    pen.app(at + 2 * SECOND, "track", "Account Opened", plan=traits["plan"])
    mail(pen, at + 5 * MINUTE, "welcome", "Welcome to Linden")
    pen.server(at + 3 * DAY, "Card Delivered", "post", voice="ours", carrier="post")
    pen.remember(at, "id_check" if troubled else "onboarding_good")


def already_customer(pen: Pen) -> None:
    """Someone who has long been with the bank: the story begins with their sign-in."""
    at = pen.calendar.moment(pen.rng, "app", pen.calendar.day(pen.rng, "app", last=20), ahead=pen.person.city.ahead)
    pen.opened_at = at
    pen.known.add("phone")
    person = pen.person
    traits = {"email": person.email, "name": person.name, "city": person.city.name, "country": person.city.country,
              "language": person.language, "birthYear": person.birth_year, "customerSince": 2026 - pen.rng.randint(1, 9)}  # fmt: skip
    pen.app(at, "identify", "", traits=traits)
    pen.app(at + SECOND, "track", "Signed In", method="face" if person.handset.kind == "ios" else "fingerprint")


def use_app(pen: Pen, day: int) -> None:
    """A look at the balance, sometimes a transfer."""
    rng = pen.rng
    at = pen.calendar.moment(rng, "app", day, ahead=pen.person.city.ahead)
    pen.app(at, "screen", "Home")
    if rng.random() < 0.5:
        at += soon(rng)
        pen.app(at, "screen", rng.choice(("Card", "Payments", "Savings", "Insights")))
    if rng.random() < 0.3:
        at += soon(rng)
        value, currency = pen.money(round(rng.lognormvariate(4.2, 1.0), 2))
        pen.app(at, "track", "Transfer Sent", value=value, currency=currency, to="someone I know")
    if rng.random() < 0.02:
        pen.remember(at, "app_bad" if app_version(pen.calendar, at).startswith("5.3") or rng.random() < 0.4 else "app_good")


def pay_by_card(pen: Pen, day: int) -> None:
    """A payment; a few are declined, and some of those hurt."""
    rng = pen.rng
    at = pen.calendar.moment(rng, "web", day, ahead=pen.person.city.ahead)
    shop, category = rng.choice(_SHOPS)
    value, currency = pen.money(round(rng.lognormvariate(3.0, 0.9), 2))
    if rng.random() > 0.045:
        pen.server(at, "Card Payment", "card", voice="did", value=value, currency=currency, merchant=shop, category=category)
        return
    reason = rng.choice(_REASONS)
    pen.server(at, "Card Declined", "card", voice="did", amount=value, currency=currency, merchant=shop, reason=reason)
    if reason in {"insufficient_funds", "wrong_pin"}:
        return
    pen.remember(at, "card_declined")
    if rng.random() < 0.65:
        complain(pen, at + rng.randint(2 * MINUTE, 6 * HOUR), "card_declined")
