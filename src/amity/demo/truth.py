"""The truth about Linden: every number that an analysis can be checked against, and the equations that use them.

The simulation takes its coefficients from here and nowhere else; `amity demo truth` writes them out with what became of
each customer. Ratios multiply, points add. A month is 30 days, counted from 0; the story has twelve.

How it hangs together, for one customer and month m:

    friction met in m ──────────────► leaving, orders and scores in m+1     (effects: FRICTIONS)
        ▲                                  ▲
        └── tier, remote, activity ────────┘                                (confounders: TIERS, REMOTE, PERSONAS)

Personas act on leaving only through their tiers. Warmth (nobody can observe it) acts on leaving, scores and answering, and
on no friction. Given the number of orders that were due and whether the city is remote, lateness is chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

DAYS, MONTH, MONTHS = 360, 30, 12
HABIT_DAYS = 90  # between two relationship surveys


@dataclass(frozen=True, slots=True)
class Friction:
    """One way in which the experience breaks, and what it does in the month after.

    `risk` multiplies the monthly risk of leaving, `orders` the rate of orders; `score` is added to the 0 to 10 answer.
    """

    bit: int
    risk: float
    orders: float
    score: float
    shown_by: str
    confounded_by: str
    naive: str


FRICTIONS = {
    "late_delivery": Friction(
        1, 1.9, 0.70, -1.8, "Order Delivered with late = true, in the month of promised_at",
        "remote cities and gold customers meet it more, stay longer and order more; so does everyone who orders much",
        "harm understated: people who met it seem to order more",
    ),
    "id_check": Friction(
        2, 2.2, 1.0, -2.2, "two or more ID Check Failed in a month",
        "entry-level phones, which the basic tier holds, and the basic tier leaves more",
        "harm on leaving overstated",
    ),
    "card_declined": Friction(
        4, 1.6, 0.90, -1.5, "Card Declined with reason suspected_fraud or technical",
        "who pays more by card, and abroad: travellers, gold",
        "harm on leaving understated",
    ),
    "slow_service": Friction(
        8, 1.5, 0.90, -1.3, "sla_missed = true of Call Ended, Chat Ended, Ticket Solved, Complaint Resolved, Ticket Left Open, Conversation Resolved, Conversation Left Open",
        "who turns to service has met another friction; gold waits less",
        "harm overstated",
    ),
    "incident": Friction(
        16, 1.6, 0.95, -0.9, "Error Shown with code L-503, in the incident's window",
        "who uses app and shop most",
        "harm understated",
    ),
    "checkout_error": Friction(
        32, 1.3, 0.75, -1.2, "Checkout Failed, since the redesign, on entry-level phones",
        "entry-level phones, which the basic tier holds; and who shops much",
        "harm on orders understated",
    ),
}  # fmt: skip
BITS = {name: one.bit for name, one in FRICTIONS.items()}


@dataclass(frozen=True, slots=True)
class Tier:
    """What the plan does: ratios on leaving, orders and slow service, points on scores."""

    risk: float
    orders: float
    score: float
    slow: float


TIERS = {"basic": Tier(1.5, 0.8, 0.0, 1.0), "plus": Tier(1.0, 1.0, 0.2, 0.75), "gold": Tier(0.5, 1.6, 0.5, 0.4)}


@dataclass(frozen=True, slots=True)
class Remote:
    """What a city without a warehouse of Linden's does."""

    risk: float = 0.6
    orders: float = 1.25
    late: float = 3.0


REMOTE = Remote()


@dataclass(frozen=True, slots=True)
class Persona:
    """A kind of customer. Rates are a month's, for someone of activity 1 and tier plus; `tiers` are shares of basic, plus, gold.

    `entry_phone`, `banks`, `shops`, `opens_mail`, `asks` are probabilities; `asks` without any friction, in a month.
    """

    share: float
    tiers: tuple[float, float, float]
    ages: tuple[int, int]
    banks: float
    shops: float
    visits: float
    app: float
    cards: float
    store: float
    kiosk: float
    asks: float
    entry_phone: float
    opens_mail: float
    abroad: float
    channels: tuple[float, float, float, float, float]  # call, chat, e-mail, WhatsApp, complaint form


PERSONAS = {
    "starter": Persona(0.22, (0.80, 0.17, 0.03), (18, 29), 0.95, 0.35, 0.35, 0.61, 0.64, 0.05, 0.02, 0.02, 0.60, 0.30, 0.04, (1, 4, 1, 5, 0.3)),
    "everyday": Persona(0.30, (0.45, 0.43, 0.12), (26, 62), 0.75, 0.65, 0.43, 0.38, 0.51, 0.12, 0.06, 0.03, 0.28, 0.45, 0.03, (4, 3, 3, 1, 0.5)),
    "collector": Persona(0.18, (0.20, 0.40, 0.40), (24, 58), 0.40, 1.00, 0.98, 0.28, 0.34, 0.30, 0.01, 0.03, 0.15, 0.65, 0.03, (1, 4, 4, 2, 0.4)),
    "traveller": Persona(0.12, (0.15, 0.40, 0.45), (25, 60), 1.00, 0.45, 0.39, 0.66, 1.10, 0.05, 0.02, 0.03, 0.08, 0.40, 0.45, (3, 3, 2, 4, 0.4)),
    "homebody": Persona(0.12, (0.40, 0.45, 0.15), (55, 84), 0.85, 0.45, 0.20, 0.11, 0.30, 0.35, 0.40, 0.05, 0.35, 0.35, 0.01, (8, 0.5, 2, 0.3, 1.0)),
    "trader": Persona(0.06, (0.10, 0.40, 0.50), (28, 62), 1.00, 0.50, 0.39, 0.77, 0.94, 0.02, 0.15, 0.08, 0.15, 0.50, 0.10, (4, 2, 6, 1, 0.8)),
}  # fmt: skip

ACTIVITY_SPREAD = 0.5  # standard deviation of the logarithm of a customer's own activity
JOINED_BEFORE = 0.55  # share that was there already; the others come evenly over the months
BASE_RISK = 0.02  # of leaving in a month: tier plus, at a warehouse, warmth 0, no friction
WARMTH_ON_RISK = -0.25
SAYS_GOODBYE = 0.6  # share of leaving account holders who close the account; all others fall silent
BASE_SCORE, SCORE_NOISE, WARMTH_ON_SCORE = 7.4, 1.4, 0.9
BASE_ANSWERS, WARMTH_ON_ANSWERS, COMMENTS = 0.34, 0.07, 0.62
LATE, LATE_IN_SEASON = 0.08, 1.8
CART, CONVERSION = 0.5, {"phone": 0.62, "desktop": 0.72}
REDESIGN_DAY = 180  # the first day of month 7
REDESIGN_CONVERSION = {"phone": 0.12, "desktop": -0.04}  # added to the probability that a started checkout ends in an order
LCP_MS = {"phone": (3_100, 2_150), "desktop": (1_900, 1_650)}  # median largest contentful paint, before and after the redesign
CHECKOUT_ERROR = 0.2  # of checkouts on an entry-level phone since the redesign
ID_FAILS, ID_FAILS_BROKEN = 0.07, 0.80  # an attempt; the second on an entry-level phone while version 5.3 is out
ID_GIVES_UP = 0.28  # after each failure from the second on
BROKEN_APP_DAYS = (120, 240)  # version 5.3 came, version 5.4 mended it
DECLINED, DECLINED_ABROAD = 0.03, 0.12  # a card payment, wrongly
INCIDENT_HOURS = (7.0, 21.0)  # UTC, on a Tuesday at about two thirds of the story
INCIDENT_FAILS = 0.85
SLOW, SLOW_MONDAY, SLOW_SEASON = 0.22, 1.5, 1.4
TURNS_TO_US = {"late_delivery": 0.40, "id_check": 0.50, "card_declined": 0.45, "incident": 0.20, "checkout_error": 0.15}
SOLVES, SOLVES_SLOW = 0.85, 0.60
CONTACT_SCORE = {"solved": 4.4, "unsolved": 2.3, "slow": -0.9}  # 1 to 5; slow is added
CONTACT_ANSWERS = 0.35
REMINDED, NEWS_CLICK = (
    0.25,
    0.10,
)  # of clicked cart reminders that end in an order; of opened newsletters (times the visits' ratio)
LOANS, LOANS_OF_OTHERS = {"trader": 0.03}, 0.006  # asking for a loan in a month: by persona, and all others
CONTACT_NOISE, WARMTH_ON_CONTACT = 0.7, 0.2  # standard deviation; points for one unit of warmth
CLICKS, REMINDS = 0.35, 0.6  # of opened mails with a link; of left carts whose owner is known and agreed
RETURNS, RETURNS_LATE, REFUND_SLOW, ASKS_FOR_REFUND = 0.06, 0.12, 0.25, 0.6  # of orders; of returns; of slow refunds
REVIEWS, REVIEWS_GOOD = 0.08, 0.78  # of orders kept; of reviews
DECLINED_RIGHTLY = 0.012  # a card payment, for want of money or a wrong PIN: no friction, and no effect on anything
DISPUTES = 0.003  # of card payments
LOANS_GRANTED, ASKS_AFTER_REFUSAL = 0.68, 0.2
RESCUED = 0.5  # of identity checks given up, once service solved it
STORE_BUYS, APP_LOOKS_ON, APP_SENDS = 0.55, 0.5, 0.25  # of visits to a store; of looks into the app
CAMPAIGNS, CAMPAIGNS_NEW, SIGNS_IN_AGAIN = (
    0.2,
    0.45,
    0.06,
)  # of visits; of those who come to open an account; of orders on known devices
MEASURED, LCP_SPREAD, DISCOUNT = 0.28, 0.35, 0.1  # of visits whose speed is measured; of its logarithm; of the offer
DEVICES = {"phone": 50, "desktop": 40, "work": 12, "tablet": 90}  # weights of those that they have
HAS_WORK, GUESTS, TELLS_PHONE = 0.25, 0.4, 0.4  # a desktop at work; of those without a bank account; a telephone number
OFFER_SHARE, OFFER_PROPENSITY, OFFER_RATIO = 0.25, 0.5, 1.35  # chosen by chance: an experiment; ratio on that month's visits
SARCASTIC, MIXED = 0.06, 0.10  # of negative comments
WEEKDAYS = {
    "web": (1.05, 1.0, 1.0, 1.0, 0.95, 0.95, 1.25), "app": (1.0, 1.0, 1.0, 1.05, 1.15, 1.1, 0.9),
    "card": (0.9, 0.9, 0.95, 1.0, 1.2, 1.35, 0.7), "desk": (1.4, 1.15, 1.05, 1.0, 0.95, 0.3, 0.02),
    "store": (0.7, 0.8, 0.85, 0.9, 1.2, 1.9, 0.02), "post": (1, 1, 1, 1, 1, 0.4, 0.0),
}  # fmt: skip
SEASON, SUMMER, PAYDAY = 1.5, 0.8, 1.2  # shop from 17 November to 23 December; everything in August; the 28th to the 2nd
MARKETING, ANALYTICS, CHANGES_CONSENT = 0.62, 0.86, 0.03  # consent choices
CHANGES_EMAIL, SECOND_ACCOUNT, SHARED_TABLET, FORGETS_COOKIE, NEW_PHONE = 0.07, 0.025, 0.06, 0.35, 0.015
LIVE_PACE = 3.0  # how much busier the live trickle is than the year, so that one can watch it


def _together(felt: int, part: str) -> float:
    value = 1.0
    for one in FRICTIONS.values():
        if felt & one.bit:
            value *= getattr(one, part)
    return value


# Products for each combination of frictions, for they are asked for a million times.
_RISK = tuple(_together(felt, "risk") for felt in range(64))
_ORDERS = tuple(_together(felt, "orders") for felt in range(64))
_SCORE = tuple(sum(one.score for one in FRICTIONS.values() if felt & one.bit) for felt in range(64))


def risk_of_leaving(*, tier: str, remote: bool, warmth: float, felt: int) -> float:
    """Return the risk of leaving in a month; `felt` are the bits of the frictions met in the month before. At most 0.6."""
    risk = BASE_RISK * TIERS[tier].risk * (REMOTE.risk if remote else 1.0) * exp(WARMTH_ON_RISK * warmth) * _RISK[felt]
    return min(risk, 0.6)


def shopping_ratio(*, tier: str, remote: bool, felt: int, offered: bool) -> float:
    """Return what multiplies a customer's visits to the shop, and so their orders, in a month."""
    return TIERS[tier].orders * (REMOTE.orders if remote else 1.0) * _ORDERS[felt] * (OFFER_RATIO if offered else 1.0)


def score_of(*, tier: str, warmth: float, felt: int, noise: float) -> int:
    """Return an answer from 0 to 10; `noise` is standard normal."""
    value = BASE_SCORE + TIERS[tier].score + WARMTH_ON_SCORE * warmth + _SCORE[felt] + SCORE_NOISE * noise
    return min(max(round(value), 0), 10)


def chance_to_answer(warmth: float) -> float:
    """Return the chance that a relationship survey is answered: those who like Linden answer more."""
    return min(max(BASE_ANSWERS + WARMTH_ON_ANSWERS * warmth, 0.05), 0.9)


def chance_of_lateness(*, remote: bool, season: bool) -> float:
    """Return the chance that an order arrives after its promised day."""
    return LATE * (REMOTE.late if remote else 1.0) * (LATE_IN_SEASON if season else 1.0)


def chance_of_slowness(*, tier: str, monday: bool, season: bool) -> float:
    """Return the chance that a contact waits long."""
    return min(SLOW * TIERS[tier].slow * (SLOW_MONDAY if monday else 1.0) * (SLOW_SEASON if season else 1.0), 0.9)


def chance_of_order(*, device: str, redesigned: bool) -> float:
    """Return the chance that a started checkout, unhindered, ends in an order."""
    return CONVERSION[device] + (REDESIGN_CONVERSION[device] if redesigned else 0.0)


EQUATIONS = {
    "leaves(m)": "chance BASE_RISK * TIERS[tier].risk * (REMOTE.risk if remote) * exp(WARMTH_ON_RISK * warmth) "
    "* product of FRICTIONS[f].risk over f met in m-1; at most 0.6; from the month after joining",
    "visits(m)": "Poisson with mean PERSONAS[p].visits * activity * TIERS[tier].orders * (REMOTE.orders if remote) "
    "* product of FRICTIONS[f].orders over f met in m-1 * (OFFER_RATIO if offered in m) * season(m)",
    "cart | visit": "chance CART",
    "checkout error | checkout": "chance CHECKOUT_ERROR on an entry-level phone since the redesign",
    "order | checkout": "chance CONVERSION[device] + (REDESIGN_CONVERSION[device] since the redesign)",
    "visit | newsletter opened": "chance NEWS_CLICK * ratio of visits(m) to their own mean, at most 0.9; every other month, who agreed",
    "order | reminder clicked": "chance REMINDED",
    "declined rightly | card payment": "chance DECLINED_RIGHTLY, of those not declined wrongly; no effect",
    "late | order": "chance LATE * (REMOTE.late if remote) * (LATE_IN_SEASON in the season)",
    "score | survey in m": "round(BASE_SCORE + TIERS[tier].score + WARMTH_ON_SCORE * warmth + sum of FRICTIONS[f].score over f met in "
    "m-1 + SCORE_NOISE * normal), from 0 to 10",
    "answers | survey": "chance BASE_ANSWERS + WARMTH_ON_ANSWERS * warmth",
    "slow | contact": "chance SLOW * TIERS[tier].slow * (SLOW_MONDAY on Mondays) * (SLOW_SEASON in the season)",
    "contact | friction": "chance TURNS_TO_US[f]; without friction PERSONAS[p].asks a month",
    "declined | card payment": "chance DECLINED, abroad DECLINED_ABROAD; abroad with chance PERSONAS[p].abroad",
    "ID check fails | attempt": "chance ID_FAILS; ID_FAILS_BROKEN on an entry-level phone in BROKEN_APP_DAYS",
    "error | session in the incident": "chance INCIDENT_FAILS",
    "contact score": "round(CONTACT_SCORE[solved or unsolved] + (CONTACT_SCORE[slow] if slow) + CONTACT_NOISE * normal + WARMTH_ON_CONTACT * warmth), from 1 to 5",
}
