"""One month of one customer: do they stay, what do they feel like, what happens. All by the equations of `truth`."""

from __future__ import annotations

from dataclasses import dataclass

from amity.demo import truth
from amity.demo.banking import already_customer, ask_for_loan, open_account, pay_by_card, use_app, use_kiosk
from amity.demo.listening import relationship_survey
from amity.demo.mailing import newsletter, offer
from amity.demo.pen import Entry, Pen
from amity.demo.people import Person
from amity.demo.service import contact
from amity.demo.shopping import visit_shop, visit_store
from amity.kernel.clock import DAY, HOUR

_ASKED_ABOUT = ("price", "app_bad", "mail_bad", "wait", "product_bad", "price")


@dataclass(frozen=True, slots=True)
class Month:
    """What the truth says of a customer's month: frictions felt before it, the risk of leaving and what it is without them."""

    felt: int
    risk: float
    risk_without: float
    luck: float
    visits: float
    visits_without: float


def live_month(pen: Pen) -> tuple[list[Entry], Month | None]:
    """Live one month; return what happened in it (and what earlier months had set going), and the truth behind it."""
    person, life = pen.person, pen.life
    joins = max(person.joined, 0) // truth.MONTH
    if pen.month < joins or (life.gone is not None and life.gone < pen.calendar.start + pen.first * DAY):
        return pen.settle() if life.waiting else [], None
    pen.dice.begin(pen.seed, 2, person.number, pen.month, 0 if pen.pace == 1.0 else int(pen.pace * 100))
    if pen.month == joins:
        _arrive(pen)
    truly = _decide(pen, joins)
    if life.gone is None or life.gone >= pen.calendar.start + pen.first * DAY:
        _go_on(pen, truly, joins)
    return pen.settle(), truly


def _arrive(pen: Pen) -> None:
    person = pen.person
    if person.joined < 0:
        if person.banks:
            already_customer(pen)
        elif not person.guest:
            pen.life.opened = 0
        return
    pen.first = max(pen.first, person.joined)
    if person.banks:
        open_account(pen)
    else:
        visit_shop(pen, pen.moment("web", person.joined))


def _decide(pen: Pen, joins: int) -> Month:
    """Decide by the month's luck whether they leave in it; work out what the month is like."""
    person, dice = pen.person, pen.dice
    felt = pen.life.felt.get(pen.month - 1, 0)
    risk, without = (_risk(person, one) if pen.month > joins else 0.0 for one in (felt, 0))
    luck = person.luck[pen.month] if pen.month < truth.MONTHS else dice.random()
    if luck < risk and pen.life.gone is None:
        _leave(pen, felt)
    pen.offered = person.shops and person.agrees(pen.month) and offer(pen)
    usual = truth.PERSONAS[person.persona].visits * person.activity if person.shops else 0.0
    visits, visits_without = (usual * _shopping_ratio(pen, one) for one in (felt, 0))
    return Month(felt, risk, without, luck, visits, visits_without)


def _risk(person: Person, felt: int) -> float:
    return truth.risk_of_leaving(tier=person.tier, remote=person.city.remote, warmth=person.warmth, felt=felt)


def _shopping_ratio(pen: Pen, felt: int) -> float:
    return truth.shopping_ratio(tier=pen.person.tier, remote=pen.person.city.remote, felt=felt, offered=pen.offered)


def _leave(pen: Pen, felt: int) -> None:
    """Leave within the month; most account holders close their account, all others just stay away."""
    gone = pen.life.gone = pen.moment("web", pen.first + pen.dice.between(2, truth.MONTH - 4))
    pen.last = pen.calendar.day_of(gone)
    if pen.account(gone) and pen.dice.whether(truth.SAYS_GOODBYE):
        why = next((name.replace("_", " ") for name, bit in truth.BITS.items() if felt & bit), "no longer needed")
        pen.app(gone, "Account Closed", f'{{"reason":"{why}","plan":"{pen.person.tier}"}}')


def _go_on(pen: Pen, truly: Month, joins: int) -> None:
    person, dice, calendar = pen.person, pen.dice, pen.calendar
    if pen.month > joins:
        _change(pen)
    share = (pen.last - pen.first + 1) / truth.MONTH * pen.pace
    if share <= 0 or pen.life.never:
        return
    kind = truth.PERSONAS[person.persona]
    busy = share * person.activity
    if person.shops:
        _shop(pen, truly, busy)
    if person.banks and pen.life.opened is not None:
        _bank(pen, busy)
    if dice.whether(kind.asks * share) and pen.known_since(calendar.start + pen.first * DAY):
        contact(pen, pen.moment("desk"), dice.pick(_ASKED_ABOUT))
    if pen.month > joins and pen.month % 3 == person.number % 3:
        relationship_survey(pen, truly.felt)


def _shop(pen: Pen, truly: Month, busy: float) -> None:
    dice, person = pen.dice, pen.person
    kind = truth.PERSONAS[person.persona]
    for _ in range(dice.count(truly.visits * pen.pace * pen.calendar.busy("web", pen.first, pen.last))):
        visit_shop(pen, pen.moment("web"))
    if person.city.store:
        for _ in range(dice.count(kind.store * busy)):
            visit_store(pen)
    if person.agrees(pen.month) and (clicked := newsletter(pen, truly.visits / (kind.visits * person.activity))):
        visit_shop(pen, clicked + 3_000, campaign=("newsletter", "email", "weekend-edit"))


def _bank(pen: Pen, busy: float) -> None:
    dice, person = pen.dice, pen.person
    kind, opened = truth.PERSONAS[person.persona], pen.life.opened
    if opened:
        pen.first = max(pen.first, pen.calendar.day_of(opened) + 1)
        if pen.first > pen.last:
            return
    for _ in range(dice.count(kind.app * busy)):
        use_app(pen)
    for _ in range(dice.count(kind.cards * busy)):
        pay_by_card(pen)
    if person.city.store:
        for _ in range(dice.count(kind.kiosk * busy)):
            use_kiosk(pen)
    if dice.whether(truth.LOANS.get(person.persona, truth.LOANS_OF_OTHERS)):
        ask_for_loan(pen)


def _change(pen: Pen) -> None:
    """Forgotten cookies, a new phone, a new address, second thoughts about marketing."""
    person, life, dice = pen.person, pen.life, pen.dice
    for device in ("phone", "desktop", "work"):
        if dice.random() < truth.FORGETS_COOKIE / 3:
            life.generations[device] = life.generations.get(device, 0) + 1
            life.known.discard(device)
    at = pen.not_told(pen.calendar.start + pen.first * DAY + 10 * HOUR + person.number % 7_200 * 1_000)
    if person.banks and life.opened is not None and dice.random() < truth.NEW_PHONE:
        life.generations["app"] = life.generations.get("app", 0) + 1
        pen.identify(at, pen.traits(), device="app")
    if pen.month == person.email_from and pen.known_since(at):
        known = "app" if person.banks and life.opened is not None else "desktop"
        if life.opened is not None or known in life.known:
            pen.identify(at, pen.traits(), device=known, path="/account")
    if pen.month == person.consent_from and pen.known_since(at):
        now = "true" if person.agrees(pen.month) else "false"
        properties = f'{{"consent":{{"marketing":{now}}},"purpose":"marketing"}}'
        pen.web(at + HOUR, "Consent Changed", "/account/privacy", properties, device="desktop", signed_in=True)
