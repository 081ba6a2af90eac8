"""Episodes at the bank: opening an account, the identity check that breaks on some phones, app, cards, loans, disputes."""

from __future__ import annotations

from math import exp

from amity.demo import truth
from amity.demo.calendar import soon
from amity.demo.catalogue import CAMPAIGNS, REFERRERS
from amity.demo.mailing import mail
from amity.demo.pen import Pen
from amity.demo.service import contact, turn_to_us
from amity.demo.shopping import broken_by_incident
from amity.kernel.clock import DAY, HOUR, MINUTE, SECOND

_SHOPS = (
    ("Mercado Central", "groceries"), ("Backstube Nord", "groceries"), ("Le Petit Marché", "groceries"), ("Metro", "transport"),
    ("Pharmacy 24", "health"), ("Cinema Lux", "leisure"), ("Trattoria Sole", "restaurants"), ("Book & Bean", "leisure"),
    ("City Rail", "transport"), ("Power & Light", "bills"), ("Fitness Loft", "leisure"), ("Hotel Aurora", "travel"),
)  # fmt: skip
_ABROAD = ("Hotel Miramar", "Tuk Tours", "Airport Kiosk", "Ferry Line 7", "Bazaar 12", "Duty Free")
_WRONGLY = ("suspected_fraud", "suspected_fraud", "technical")
_RIGHTLY = ("insufficient_funds", "limit_reached", "wrong_pin")


def open_account(pen: Pen) -> None:
    """From the first visit to an account, or to giving up at the identity check."""
    dice, life = pen.dice, pen.life
    at = pen.moment("web", pen.person.joined)
    campaign = dice.pick(CAMPAIGNS)
    came = (
        f',"campaign":{{"source":"{campaign[0]}","medium":"{campaign[1]}","name":"{campaign[2]}"}}'
        if dice.whether(truth.CAMPAIGNS_NEW)
        else ""
    )
    pen.page(at, "Home", "/", device="desktop", referrer=dice.pick(REFERRERS), campaign=came)
    for name, page in (("Current account", "/bank/account"), ("Fees", "/bank/fees"), ("Cards", "/bank/cards")):
        if dice.whether(0.6):
            at += soon(dice)
            pen.page(at, name, page, device="desktop")
    at += dice.pick((soon(dice), soon(dice) + HOUR, DAY))
    pen.app(at, "Welcome", kind="screen", signed_in=False)
    at += soon(dice)
    pen.app(at, "Onboarding Started", '{"product":"current account"}', signed_in=False)
    at += soon(dice, longest=4 * MINUTE)
    pen.identify(at, pen.traits(), device="app")
    passed, failures, at = _check_identity(pen, at)
    if failures >= 2:
        pen.feel("id_check", at)
        solved = turn_to_us(pen, at, "id_check")
        if not passed and solved and dice.whether(truth.RESCUED):
            passed, at = True, solved + dice.between(HOUR, DAY)
    if passed:
        _opened(pen, at)
    elif not pen.person.shops:
        life.never, life.gone = True, at


def _check_identity(pen: Pen, at: int) -> tuple[bool, int, int]:
    dice, phone = pen.dice, pen.person.handset
    broken = phone.entry and truth.BROKEN_APP_DAYS[0] <= pen.calendar.day_of(at) < truth.BROKEN_APP_DAYS[1]
    for attempt in range(1, 8):
        at += soon(dice, longest=3 * MINUTE)
        document = dice.pick(("passport", "id_card"))
        pen.app(at, "ID Check Started", f'{{"attempt":{attempt},"document":"{document}"}}', signed_in=False)
        at += dice.between(20 * SECOND, 100 * SECOND)
        if not dice.whether(truth.ID_FAILS_BROKEN if broken else truth.ID_FAILS):
            pen.app(at, "ID Check Passed", f'{{"attempt":{attempt}}}', signed_in=False)
            return True, attempt - 1, at + soon(dice)
        reason = dice.pick(("camera error", "camera error", "timeout") if broken else ("blurry", "glare", "expired"))
        pen.app(at, "ID Check Failed", f'{{"attempt":{attempt},"reason":"{reason}","device":"{phone.model}"}}', signed_in=False)
        if attempt >= 2 and dice.whether(truth.ID_GIVES_UP):
            at += soon(dice)
            pen.app(at, "Onboarding Abandoned", '{"step":"identity check"}', signed_in=False)
            return False, attempt, at
        at += dice.pick((MINUTE, 3 * MINUTE, HOUR))
    return False, 7, at


def _opened(pen: Pen, at: int) -> None:
    person = pen.person
    pen.life.opened = pen.since = at
    more = {"plan": f'"{person.tier}"', "birthYear": str(person.birth_year)}
    if person.phone:
        more["phone"] = f'"{person.phone}"'
    pen.identify(at, pen.traits(**more), device="app")
    pen.app(at + 2 * SECOND, "Account Opened", f'{{"plan":"{person.tier}"}}')
    mail(pen, at + 5 * MINUTE, "welcome", "Welcome to Linden")
    pen.server(at + pen.dice.between(2 * DAY, 4 * DAY), "Card Delivered", "post", "ours", '{"carrier":"post"}')


def already_customer(pen: Pen) -> None:
    """Someone who has long been with the bank: the story begins with their sign-in."""
    person = pen.person
    pen.life.opened = 0
    at = pen.moment("app", pen.dice.between(0, 12))
    more = {"plan": f'"{person.tier}"', "birthYear": str(person.birth_year), "customerSince": str(pen.dice.between(2017, 2024))}
    if person.phone:
        more["phone"] = f'"{person.phone}"'
    pen.identify(at, pen.traits(**more), device="app")
    pen.app(at + SECOND, "Signed In", f'{{"method":"{"face" if person.handset.kind == "ios" else "fingerprint"}"}}')


def use_app(pen: Pen) -> None:
    """A look at the balance, sometimes a transfer."""
    dice = pen.dice
    at = pen.moment("app")
    pen.app(at, "Home", kind="screen")
    if broken_by_incident(pen, at + 1_500, "app"):
        return
    if dice.whether(truth.APP_LOOKS_ON):
        at += soon(dice)
        pen.app(at, dice.pick(("Card", "Payments", "Savings", "Insights")), kind="screen")
    if dice.whether(truth.APP_SENDS):
        at += soon(dice)
        amount = pen.money(round(exp(4.2 + dice.normal()), 2))
        pen.app(at, "Transfer Sent", f'{{"amount":{amount},"to":"someone I know"}}')


def pay_by_card(pen: Pen) -> None:
    """A payment; a few are declined, some of them wrongly."""
    dice = pen.dice
    at = pen.moment("card")
    abroad = dice.whether(truth.PERSONAS[pen.person.persona].abroad)
    shop, category = (dice.pick(_ABROAD), "travel") if abroad else dice.pick(_SHOPS)
    amount = pen.money(round(exp(3.0 + 0.9 * dice.normal()), 2))
    about = f'"amount":{amount},"merchant":"{shop}","category":"{category}","abroad":{"true" if abroad else "false"}'
    wrongly = dice.whether(truth.DECLINED_ABROAD if abroad else truth.DECLINED)
    if wrongly or dice.whether(truth.DECLINED_RIGHTLY):
        reason = dice.pick(_WRONGLY if wrongly else _RIGHTLY)
        pen.server(at, "Card Declined", "card", "did", f'{{{about},"reason":"{reason}"}}')
        if wrongly:
            pen.feel("card_declined", at)
            turn_to_us(pen, at, "card_declined")
        return
    pen.server(at, "Card Payment Succeeded", "card", "did", "{" + about + "}")
    if dice.whether(truth.DISPUTES):
        _dispute(pen, at + dice.between(DAY, 9 * DAY), amount, shop)


def ask_for_loan(pen: Pen) -> None:
    """A loan: asked for in the app, decided within days, paid out."""
    dice = pen.dice
    at = pen.moment("app")
    amount = pen.money(float(dice.between(4, 50) * 500))
    pen.since = at
    pen.app(at, "Loan Requested", f'{{"amount":{amount},"months":{dice.pick((12, 24, 36, 60))}}}')
    decided = pen.calendar.next_open(dice, "desk", at + dice.between(4 * HOUR, 4 * DAY), pen.ahead)
    if dice.whether(truth.LOANS_GRANTED):
        pen.server(decided, "Loan Approved", "app", "ours", f'{{"amount":{amount},"rate_percent":{dice.between(39, 94) / 10}}}')
        pen.server(decided + dice.between(DAY, 3 * DAY), "Loan Paid Out", "app", "ours", f'{{"amount":{amount}}}')
    else:
        pen.server(decided, "Loan Declined", "app", "ours", f'{{"amount":{amount},"reason":"score"}}')
        if dice.whether(truth.ASKS_AFTER_REFUSAL):
            contact(pen, decided + dice.between(HOUR, DAY), "price")


def use_kiosk(pen: Pen) -> None:
    """A task at the kiosk of a branch."""
    task = pen.dice.pick(("paid in cash", "printed statements", "changed the PIN", "took out cash"))
    pen.server(pen.moment("store"), "Kiosk Used", "kiosk", "did", f'{{"branch":"Linden {pen.person.city.name}","task":"{task}"}}')


def _dispute(pen: Pen, at: int, amount: str, shop: str) -> None:
    dice = pen.dice
    at = pen.calendar.next_open(dice, "web", at, pen.ahead)
    pen.since = at
    pen.app(at, "Dispute Opened", f'{{"amount":{amount},"merchant":"{shop}","reason":"not my payment"}}')
    solved = pen.calendar.next_open(dice, "desk", at + dice.between(3 * DAY, 30 * DAY), pen.ahead)
    outcome = dice.pick(("paid back", "paid back", "declined"))
    pen.server(solved, "Dispute Resolved", "app", "ours", f'{{"amount":{amount},"merchant":"{shop}","outcome":"{outcome}"}}')
