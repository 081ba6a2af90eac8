"""Linden's year in numbers alone: customers and months by the equations and coefficients of `amity.demo.truth`, many at once.

The demo tells each visit and letter; that takes minutes a story. Here a month is a few draws a customer, so a hundred stories take
minutes. Simpler than the demo: what is ordered is due in the same month; all leave evenly over a month; there are no newsletters,
offers, seasons or households; everybody tells their plan and city.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf

import numpy as np

from amity.demo import truth
from amity.demo.catalogue import CITIES
from amity.rooms.journeys.rules.friction.partial import Fitted, fit
from amity.rooms.journeys.rules.friction.series import widened

INCIDENT_MONTH = 8
FRICTIONS = list(truth.FRICTIONS)
SLOW = FRICTIONS.index("slow_service")
OUTCOMES = ("leaving", "orders", "score")
_INCIDENT_SHARE = (truth.INCIDENT_HOURS[1] - truth.INCIDENT_HOURS[0]) / (truth.MONTH * 24) * 1.4  # it is day, when people are up
_ON_PHONE = truth.DEVICES["phone"] / (truth.DEVICES["phone"] + truth.DEVICES["desktop"])


@dataclass
class Story:
    """A row for each customer and month m at whose end they were there. `met` n × 6, `outcome` of m+1, `caused` n × 6: what is
    expected of the outcome with what they met, less what is expected had that friction not been: nor the slow service of whoever
    turned to Linden about it.
    """

    customer: np.ndarray
    month: np.ndarray
    met: np.ndarray
    kinds: np.ndarray
    numbers: np.ndarray
    chances: dict[str, np.ndarray]
    outcome: dict[str, np.ndarray]
    caused: dict[str, np.ndarray]


def live(customers: int, *, seed: int) -> Story:
    """Let customers live for the twelve months of the story."""
    dice = np.random.default_rng([seed, 77])
    someone = _people(customers, dice)
    felt, without = np.zeros((customers, 6), dtype=bool), np.zeros((customers, 6, 6), dtype=bool)
    there = someone["joined"] < 0
    rows: list[dict[str, np.ndarray]] = []
    for month in range(truth.MONTHS):
        joins = someone["joined"] == month
        leaves = there & (dice.random(customers) < (risks(someone, felt) if month else 0.0))
        share = np.where(leaves, dice.random(customers), 1.0) * (there | joins)
        went = _month(someone, felt, share, month, joins, dice)
        if month:
            rows[-1] |= _ended(someone, felt, without, leaves, went["orders"], month, dice)
        there = (there | joins) & ~leaves
        felt, without = went.pop("felt") & there[:, None], went.pop("without") & there[:, None, None]
        rows.append({"month": np.full(customers, month), "met": felt, "there": there, **went})
    return _table(someone, rows[:-1])


def _people(n: int, dice: np.random.Generator) -> dict[str, np.ndarray]:
    personas = list(truth.PERSONAS.values())
    which = dice.choice(len(personas), n, p=np.array([one.share for one in personas]))

    def of(name: str) -> np.ndarray:
        return np.array([getattr(one, name) for one in personas])[which]

    tiers = np.array([one.tiers for one in personas])[which].cumsum(axis=1)
    banks = dice.random(n) < of("banks")
    city = dice.choice(len(CITIES), n, p=np.array([one.share for one in CITIES]))
    early = dice.random(n) < truth.JOINED_BEFORE
    return {
        "tier": (dice.random((n, 1)) > tiers).sum(axis=1).clip(0, 2), "remote": np.array([one.remote for one in CITIES])[city],
        "banks": banks, "shops": (dice.random(n) < of("shops")) | ~banks, "entry": dice.random(n) < of("entry_phone"),
        "warmth": dice.standard_normal(n), "activity": np.minimum(np.exp(truth.ACTIVITY_SPREAD * dice.standard_normal(n)), 5.0),
        "joined": np.where(early, -1, (truth.MONTHS * dice.random(n)).astype(int)), "survey": dice.integers(0, 3, n),
        **{name: of(name) for name in ("visits", "app", "cards", "asks", "abroad")},
    }  # fmt: skip


def ratios(part: str, felt: np.ndarray) -> np.ndarray:
    """Return the product of a part of the frictions that were felt."""
    return np.where(felt, [getattr(one, part) for one in truth.FRICTIONS.values()], 1.0).prod(axis=1)


def of_tier(part: str, someone: dict[str, np.ndarray]) -> np.ndarray:
    return np.array([getattr(one, part) for one in truth.TIERS.values()])[someone["tier"]]


def risks(someone: dict[str, np.ndarray], felt: np.ndarray) -> np.ndarray:
    """Return `truth.risk_of_leaving` of each."""
    risk = truth.BASE_RISK * of_tier("risk", someone) * np.where(someone["remote"], truth.REMOTE.risk, 1.0)
    return np.minimum(risk * np.exp(truth.WARMTH_ON_RISK * someone["warmth"]) * ratios("risk", felt), 0.6)


def _visits(someone: dict[str, np.ndarray], felt: np.ndarray) -> np.ndarray:
    ratio = of_tier("orders", someone) * np.where(someone["remote"], truth.REMOTE.orders, 1.0) * ratios("orders", felt)
    return np.where(someone["shops"], someone["visits"] * someone["activity"] * ratio, 0.0)


def _orders_by_visit(someone: dict[str, np.ndarray], month: int) -> np.ndarray:
    """Return how many orders a visit comes to, on average: over devices, with the redesign and its errors."""
    redesigned = month * truth.MONTH >= truth.REDESIGN_DAY
    fails = np.where(someone["entry"] & redesigned, truth.CHECKOUT_ERROR, 0.0)
    on_phone = _ON_PHONE * (1 - fails) * truth.chance_of_order(device="phone", redesigned=redesigned)
    return truth.CART * (on_phone + (1 - _ON_PHONE) * truth.chance_of_order(device="desktop", redesigned=redesigned))


def _month(
    someone: dict[str, np.ndarray], felt: np.ndarray, share: np.ndarray, month: int, joins: np.ndarray, dice: np.random.Generator
) -> dict[str, np.ndarray]:
    n, redesigned = len(share), month * truth.MONTH >= truth.REDESIGN_DAY
    visits = dice.poisson(_visits(someone, felt) * share)
    carts = dice.binomial(visits, truth.CART)
    phone = dice.binomial(carts, _ON_PHONE)
    errors = dice.binomial(phone, np.where(someone["entry"] & redesigned, truth.CHECKOUT_ERROR, 0.0))
    orders = dice.binomial(phone - errors, truth.chance_of_order(device="phone", redesigned=redesigned))
    orders += dice.binomial(carts - phone, truth.chance_of_order(device="desktop", redesigned=redesigned))
    late = dice.binomial(orders, truth.LATE * np.where(someone["remote"], truth.REMOTE.late, 1.0))
    cards = np.where(someone["banks"], dice.poisson(someone["cards"] * someone["activity"] * share), 0)
    abroad = dice.binomial(cards, someone["abroad"])
    declined = dice.binomial(cards - abroad, truth.DECLINED) + dice.binomial(abroad, truth.DECLINED_ABROAD)
    sessions = visits + np.where(someone["banks"], dice.poisson(someone["app"] * someone["activity"] * share), 0)
    hit = dice.random(n) < (1 - (1 - _INCIDENT_SHARE * truth.INCIDENT_FAILS) ** sessions if month == INCIDENT_MONTH else 0.0)
    broken = someone["entry"] & (truth.BROKEN_APP_DAYS[0] <= month * truth.MONTH < truth.BROKEN_APP_DAYS[1])
    fails = np.where(broken, truth.ID_FAILS_BROKEN, truth.ID_FAILS)
    checked = joins & someone["banks"] & (dice.random(n) < fails**2)
    now = np.column_stack([late > 0, checked, declined > 0, np.zeros(n, dtype=bool), hit, errors > 0])
    turned = now & (dice.random((n, 6)) < [truth.TURNS_TO_US.get(name, 0.0) for name in FRICTIONS])
    contacts = np.column_stack([turned, dice.random(n) < someone["asks"] * share])
    waited = contacts & (dice.random((n, 7)) < (truth.SLOW * of_tier("slow", someone))[:, None])
    now[:, SLOW] = waited.any(axis=1)
    # What they would have met without each friction.
    without = np.repeat(now[:, None, :], 6, axis=1)
    for place in range(6):
        without[:, place, place] = False
        if place != SLOW:
            without[:, place, SLOW] = np.delete(waited, place, axis=1).any(axis=1)
    return {
        "felt": now, "without": without, "orders": orders, "phone": phone, "cards": cards - abroad, "abroad": abroad, "sessions": sessions,
        "contacts": contacts.sum(axis=1), "joins": joins,
    }  # fmt: skip


def _ended(
    someone: dict[str, np.ndarray],
    felt: np.ndarray,
    without: np.ndarray,
    leaves: np.ndarray,
    orders: np.ndarray,
    month: int,
    dice: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Return what came of the month before: outcomes, and what each friction caused of what is expected of them."""
    n = len(leaves)
    score = np.clip(np.round(_mean_score(someone, felt) + truth.SCORE_NOISE * dice.standard_normal(n)), 0, 10)
    answers = (someone["survey"] == month % 3) & ~leaves
    answers &= dice.random(n) < np.clip(truth.BASE_ANSWERS + truth.WARMTH_ON_ANSWERS * someone["warmth"], 0.05, 0.9)
    caused = {name: np.zeros(felt.shape) for name in OUTCOMES}
    for place in range(6):
        rows = np.flatnonzero(felt[:, place])
        some = {name: column[rows] for name, column in someone.items()}
        met, unmet = _expected(some, felt[rows], month), _expected(some, without[rows, place], month)
        for name in OUTCOMES:
            caused[name][rows, place] = met[name] - unmet[name]
    return {
        "y_leaving": leaves.astype(float), "y_orders": orders.astype(float), "y_score": np.where(answers, score, np.nan),
        **{f"c_{name}": caused[name] for name in OUTCOMES},
    }  # fmt: skip


def _expected(someone: dict[str, np.ndarray], felt: np.ndarray, month: int) -> dict[str, np.ndarray]:
    """Return what is expected of the month after these frictions. Who leaves does so evenly over the month, and has half of its orders."""
    risk = risks(someone, felt)
    orders = _visits(someone, felt) * _orders_by_visit(someone, month) * (1 - risk / 2)
    # An answer, rounded and cut off at 0 and 10, is on average the sum of the chances to be k or more.
    return {"leaving": risk, "orders": orders, "score": np.interp(_mean_score(someone, felt), _TABLE_AT, _TABLE)}


def _mean_score(someone: dict[str, np.ndarray], felt: np.ndarray) -> np.ndarray:
    points = np.where(felt, [one.score for one in truth.FRICTIONS.values()], 0.0).sum(axis=1)
    return truth.BASE_SCORE + of_tier("score", someone) + truth.WARMTH_ON_SCORE * someone["warmth"] + points


_TABLE_AT = np.linspace(-8, 18, 1_301)
_TABLE = np.array([sum(0.5 * (1 + erf((at - k + 0.5) / truth.SCORE_NOISE / 2**0.5)) for k in range(1, 11)) for at in _TABLE_AT])


def _table(someone: dict[str, np.ndarray], rows: list[dict[str, np.ndarray]]) -> Story:
    there = np.concatenate([one["there"] for one in rows])
    table = {name: np.concatenate([one[name] for one in rows])[there] for name in rows[0]}
    who = np.tile(np.arange(len(someone["tier"])), len(rows))[there]
    tier, month = someone["tier"][who], table["month"]
    kinds = [tier == 1, tier == 2, someone["remote"][who], someone["entry"][who], table["joins"]]
    kinds += [month == one for one in range(1, truth.MONTHS - 1)]
    return Story(
        customer=who, month=month, met=table["met"], kinds=np.column_stack(kinds).astype(float),
        numbers=np.column_stack([np.log1p(table[name]) for name in ("orders", "cards", "abroad", "sessions")]),
        chances={name: table[name] for name in ("orders", "phone", "cards", "abroad", "sessions", "contacts", "joins")},
        outcome={name: table[f"y_{name}"] for name in OUTCOMES}, caused={name: table[f"c_{name}"] for name in OUTCOMES},
    )  # fmt: skip


# What one has to have done to meet a friction at all, and the months in which it could be met.
_COULD = {
    "late_delivery": ("orders", range(12)), "id_check": ("joins", range(12)), "card_declined": ("cards", range(12)),
    "slow_service": ("contacts", range(12)), "incident": ("sessions", range(INCIDENT_MONTH, INCIDENT_MONTH + 1)),
    "checkout_error": ("phone", range(truth.REDESIGN_DAY // truth.MONTH, 12)),
}  # fmt: skip


@dataclass
class Priced:
    """A friction's effect as estimated, and as planted: the mean over those who met it."""

    fitted: Fitted
    planted: float


def price(story: Story, friction: str, outcome: str, *, seed: int, splits: int = 1) -> Priced:
    """Estimate a friction's effect as the room does, from what an analyst can see."""
    place, (chance, months) = FRICTIONS.index(friction), _COULD[friction]
    could = story.chances[chance] + (story.chances["abroad"] if chance == "cards" else 0)
    chosen = (could > 0) & np.isin(story.month, list(months)) & ~np.isnan(story.outcome[outcome])
    met = story.met[chosen, place]
    # Slow service comes after the friction that it is about: what follows must not be held still.
    others = np.delete(story.met, [place, SLOW], axis=1)[chosen].astype(float)
    times = np.minimum(could[chosen], 6)
    steps = np.column_stack([times >= k for k in range(2, 7)]).astype(float)
    if chance == "cards":
        steps = np.column_stack([steps, *(story.chances["abroad"][chosen] >= k for k in range(1, 5))])
    kinds = np.column_stack([story.kinds[chosen][:, :4], steps, others, story.kinds[chosen][:, 4:]])
    known = widened(story.numbers[chosen], kinds, most=80)
    fitted = fit(story.outcome[outcome][chosen], met, known, story.customer[chosen], seed=seed, splits=splits)
    there = fitted.compared & (met > 0)
    return Priced(fitted, float(story.caused[outcome][chosen, place][there].mean()))
