"""What an analyst makes of the demo's interactions: a row for each customer and month, and the usual estimators."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from amity.demo import truth
from amity.demo.company import Company, found, tell
from amity.demo.ledger import Ledger
from amity.demo.pen import Entry
from amity.kernel.clock import from_ms

END = 1_795_300_000_000


@dataclass
class Seen:
    """What the interactions of one customer show, by month."""

    plan: str = ""
    city: str = ""
    first: int = 99
    last: int = -1  # when they did or said something last, ms
    closed: int | None = None
    orders: Counter[int] = field(default_factory=Counter)
    due: Counter[int] = field(default_factory=Counter)
    contacts: Counter[int] = field(default_factory=Counter)
    payments: Counter[tuple[int, bool]] = field(default_factory=Counter)
    checks: int = 0
    met: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    scores: list[tuple[int, int]] = field(default_factory=list)


@dataclass(repr=False)
class World:
    """A told story: its interactions, its truth, and what an analyst sees."""

    company: Company
    ledger: Ledger
    entries: list[Entry]
    seen: dict[int, Seen]


def build(customers: int, *, seed: int = 1) -> World:
    company = found(customers=customers, seed=seed, end=END)
    ledger = Ledger(company)
    entries = list(tell(company, watch=ledger._hear))
    for one in entries:
        ledger.note(one)
    seen: defaultdict[int, Seen] = defaultdict(Seen)
    for one in entries:
        _see(seen[one[1]], one, company)
    return World(company, ledger, entries, dict(seen))


def _see(who: Seen, one: Entry, company: Company) -> None:
    at, kind, name, month = one[0], one[4], one[5], max(company.calendar.month_of(one[0]), 0)
    who.first = min(who.first, month)
    if '"voice":"ours"' not in one[10]:
        who.last = at
    if kind == "identify":
        told = json.loads(one[9])
        who.plan, who.city = told.get("plan", who.plan), told["city"]
    elif kind == "track" and name in _READ:
        _READ[name](who, month, json.loads(one[8]), one, company)


def _order(who: Seen, month: int, *_: Any) -> None:
    who.orders[month] += 1


def _delivery(who: Seen, _: int, more: dict[str, Any], __: Entry, company: Company) -> None:
    promised = (date.fromisoformat(more["promised_at"]) - from_ms(company.calendar.start).date()).days // truth.MONTH
    who.due[promised] += 1
    if more["late"]:
        who.met[promised].add("late_delivery")


def _card(who: Seen, month: int, more: dict[str, Any], *_: Any) -> None:
    who.payments[month, more["abroad"]] += 1
    if more.get("reason") in {"suspected_fraud", "technical"}:
        who.met[month].add("card_declined")


def _check(who: Seen, month: int, *_: Any) -> None:
    who.checks += 1
    if who.checks == 2:
        who.met[month].add("id_check")


def _contact(who: Seen, month: int, more: dict[str, Any], *_: Any) -> None:
    who.contacts[month] += 1
    if more["sla_missed"]:
        who.met[month].add("slow_service")


def _error(who: Seen, month: int, *_: Any) -> None:
    who.met[month].add("incident")


def _checkout(who: Seen, month: int, *_: Any) -> None:
    who.met[month].add("checkout_error")


def _closure(who: Seen, _: int, __: dict[str, Any], one: Entry, ___: Company) -> None:
    who.closed = one[0]


def _score(who: Seen, _: int, more: dict[str, Any], one: Entry, __: Company) -> None:
    if more["type"] == "nps":
        who.scores.append((one[0], more["score"]))


_READ: dict[str, Callable[..., None]] = {
    "Order Completed": _order, "Order Delivered": _delivery, "Card Declined": _card, "Card Payment Succeeded": _card,
    "ID Check Failed": _check, "Error Shown": _error, "Checkout Failed": _checkout, "Account Closed": _closure,
    "Survey Answered": _score,
    **dict.fromkeys(("Call Ended", "Chat Ended", "Ticket Solved", "Ticket Left Open", "Conversation Resolved", "Conversation Left Open", "Complaint Resolved"), _contact),
}  # fmt: skip


def customer_months(world: World) -> dict[str, np.ndarray]:
    """Return a row for each customer and month that began with them: what they met before, who they are, what followed."""
    rows: list[list[float]] = []
    remote = {one.city.name: one.city.remote for one in world.company.people}
    for number, who in world.seen.items():
        person, life = world.company.people[number], world.company.lives[number]
        if not who.plan or life.never:
            continue
        left = world.company.calendar.month_of(life.gone) if life.gone is not None else truth.MONTHS
        for month in range(max(person.joined, 0) // truth.MONTH + 1, min(left + 1, truth.MONTHS)):
            met = who.met.get(month - 1, ())
            rows.append([
                number, month, *(name in met for name in truth.FRICTIONS), who.plan == "plus", who.plan == "gold", remote[who.city],
                min(who.due[month - 1], 4), who.orders[month], month == left,
            ])  # fmt: skip
    table = np.array(rows, dtype=float)
    names = ["customer", "month", *truth.FRICTIONS, "plus", "gold", "remote", "due", "orders", "left"]
    return {name: table[:, place] for place, name in enumerate(names)}


def dummies(column: np.ndarray) -> np.ndarray:
    """Return a column of 0 and 1 for each value but the first."""
    return np.column_stack([column == value for value in np.unique(column)[1:]]).astype(float)


def poisson(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a log-linear rate by iterated least squares; return coefficients and their robust standard errors (White 1980)."""
    x = np.column_stack([np.ones(len(y)), x])
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(y.mean())
    for _ in range(40):
        mean = np.exp(x @ beta)
        step = np.linalg.solve(x.T @ (x * mean[:, None]), x.T @ (y - mean))
        beta += step
        if np.abs(step).max() < 1e-9:
            break
    bread = np.linalg.inv(x.T @ (x * np.exp(x @ beta)[:, None]))
    rest = x * (y - np.exp(x @ beta))[:, None]
    return beta[1:], np.sqrt(np.diag(bread @ (rest.T @ rest) @ bread))[1:]


def linear(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit least squares; return coefficients and their robust standard errors."""
    x = np.column_stack([np.ones(len(y)), x])
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    rest = x * (y - x @ beta)[:, None]
    return beta[1:], np.sqrt(np.diag(bread @ (rest.T @ rest) @ bread))[1:]
