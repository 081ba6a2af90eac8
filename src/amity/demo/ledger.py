"""Keeps the truth while the story is told, and writes it out: what later analyses are checked against."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import asdict, is_dataclass
from typing import Any

from amity.demo import truth
from amity.demo.catalogue import RATES
from amity.demo.company import Company, tell
from amity.demo.identities import Identities
from amity.demo.life import Month
from amity.demo.listening import Scored
from amity.demo.pen import Entry
from amity.demo.people import Person
from amity.demo.wire import message_id
from amity.demo.words import Said
from amity.kernel.clock import DAY, from_ms

_REVENUE = re.compile(r'"revenue":([0-9.]+)')


class Ledger:
    """What is true of a company's story. Tell the story through `write`."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.months: dict[int, list[tuple[int, Month]]] = defaultdict(list)
        self.comments: dict[str, dict[str, Any]] = {}
        self.scores: dict[str, dict[str, Any]] = {}
        self.identities = Identities()
        self.spent: dict[int, float] = defaultdict(float)
        self.orders: dict[int, int] = defaultdict(int)
        self.interactions = 0

    def write(self) -> None:
        """Tell the whole story, and note the truth of it."""
        for entry in tell(self.company, watch=self._hear):
            self.note(entry)

    def note(self, entry: Entry) -> None:
        """Note the truth behind one interaction."""
        self.interactions += 1
        self.identities.note(entry)
        name, told = entry[5], entry[12]
        self.orders[entry[1]] += name == "Order Completed"
        if name in {"Order Completed", "Store Purchase"} and (found := _REVENUE.search(entry[8])):
            person = self.company.people[entry[1]]
            self.spent[person.number] += float(found[1]) / RATES[person.city.currency]
        if told is not None:
            self._note_words(entry, told)

    def _note_words(self, entry: Entry, told: Said | Scored) -> None:
        key = message_id(self.company.seed, entry)
        said = told.said if isinstance(told, Scored) else told
        if said is not None:
            self.comments[key] = {
                "customer": entry[1], "themes": said.themes, "language": said.language, "sentiment": said.sentiment,
                "sarcastic": said.sarcastic, "mixed": said.mixed,
            }  # fmt: skip
        if isinstance(told, Scored):
            felt = names(told.felt)
            self.scores[key] = {"customer": entry[1], "score": told.score, "without_friction": told.without, "frictions": felt}

    def _hear(self, person: Person, month: int, truly: Month) -> None:
        self.months[person.number].append((month, truly))

    def document(self) -> dict[str, Any]:
        """Return the truth as plain values: what `amity demo truth` writes."""
        company = self.company
        calendar = company.calendar
        return {
            "story": {
                "customers": len(company.people), "seed": company.seed, "interactions": self.interactions,
                "starts_at": _iso(calendar.start), "ends_at": _iso(calendar.end), "month_days": truth.MONTH,
                "redesign_at": _iso(calendar.redesign),
                "incident": {"from": _iso(calendar.incident[0]), "until": _iso(calendar.incident[1])},
            },
            "equations": truth.EQUATIONS,
            "coefficients": coefficients(),
            "realised": self._realised(),
            "identities": self.identities.document(),
            "customers": [self._customer(person) for person in company.people],
            "scores": self.scores,
            "comments": self.comments,
        }  # fmt: skip

    def _customer(self, person: Person) -> dict[str, Any]:
        life, months = self.company.lives[person.number], self.months[person.number]
        start = self.company.calendar.start
        joins = max(person.joined, 0) // truth.MONTH
        return {
            "customer": person.number, "name": person.name, "persona": person.persona, "tier": person.tier, "city": person.city.name,
            "remote": person.city.remote, "entry_phone": person.handset.entry, "warmth": round(person.warmth, 4),
            "activity": round(person.activity, 4), "banks": person.banks, "shops": person.shops,
            "joined_at": None if person.joined < 0 else _iso(start + person.joined * DAY), "joined_month": joins,
            "never_started": life.never,
            "left_at": _iso(life.gone) if life.gone is not None and not life.never else None,
            "left_month": None if life.gone is None or life.never else self.company.calendar.month_of(life.gone),
            "left_month_without_friction": None if life.never else left_without(person),
            "frictions": {month: names(felt) for month, felt in sorted(life.felt.items()) if month < truth.MONTHS},
            "orders": self.orders[person.number], "spent_eur": round(self.spent[person.number], 2),
            "expected_visits": round(sum(one.visits for _, one in months), 4),
            "expected_visits_without_friction": round(sum(one.visits_without for _, one in months), 4),
            "risk_of_leaving": [round(one.risk, 6) for _, one in months],
            "risk_of_leaving_without_friction": [round(one.risk_without, 6) for _, one in months],
        }  # fmt: skip

    def _realised(self) -> dict[str, Any]:
        """Return, for each friction, how often it was met and what it did to those who met it: in this story, not on average."""
        found: dict[str, dict[str, Any]] = {}
        for name, one in truth.FRICTIONS.items():
            months = [m for each in self.months.values() for _, m in each if m.felt & one.bit]
            found[name] = {
                "customer_months": len(months),
                "leaving_caused": round(sum(m.risk - m.risk / one.risk for m in months), 3),
                "visits_lost": round(sum(m.visits / one.orders - m.visits for m in months), 3),
            }
        return found


def left_without(person: Person) -> int | None:
    """Return the month in which they would have left, with the same luck, had they met no friction at all."""
    risk = truth.risk_of_leaving(tier=person.tier, remote=person.city.remote, warmth=person.warmth, felt=0)
    joins = max(person.joined, 0) // truth.MONTH
    return next((month for month in range(joins + 1, truth.MONTHS) if person.luck[month] < risk), None)


def names(felt: int) -> list[str]:
    """Return the frictions of a set of bits by name."""
    return [name for name, bit in truth.BITS.items() if felt & bit]


def coefficients() -> dict[str, Any]:
    """Return every coefficient of `truth` under its name."""
    found = {name: value for name, value in vars(truth).items() if name.isupper() and name != "EQUATIONS"}
    return {name: _plain(value) for name, value in sorted(found.items())}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def _iso(instant: int) -> str:
    return from_ms(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")
