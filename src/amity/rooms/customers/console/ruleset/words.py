"""Identity rules in words: kinds with their limits and reasons, and what a run found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from amity.rooms.customers.console.known import kind_words
from amity.rooms.customers.models import IdentityRun
from amity.rooms.customers.rules.identifiers import IdentityRules
from amity.rooms.customers.rules.ruleset import USUAL, differences, limit_words, plain_kind

WHY: Mapping[str, str] = {
    "user_id": "One person has one account: whoever signs in second on a shared device is somebody else.",
    "email": "People have a few addresses; one that a whole office shares doesn’t chain strangers together.",
    "phone": "People have a few numbers; a reception’s number doesn’t chain strangers together.",
    "anonymous_id": "Safari forgets what a site stored after seven days, so one person on two browsers makes a hundred a year.",
    "device_id": "People have a few devices; one on a shop’s counter doesn’t chain its visitors together.",
    "advertising_id": "People have a few devices, and a system may give one a new advertising id.",
}
_OTHERS = "A kind of your own: nobody has more than a few, so one that is shared or hard-coded doesn’t chain strangers together."


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind as the table shows it; `changes` are what the draft would change."""

    kind: str
    label: str
    limit: str
    priority: int
    blocked: int
    patterns: Sequence[str]
    why: str
    own: bool
    changes: Sequence[str]


def rows_of(force: IdentityRules, draft: IdentityRules) -> list[Row]:
    """Return a row for each usual kind and each that has a rule, strongest first."""
    said: dict[str, list[str]] = {}
    for kind, sentence in differences(force, draft):
        said.setdefault(kind, []).append(sentence)
    kinds = {*USUAL, *force.kinds, *draft.kinds}
    return [_row(kind, force, said.get(kind, ())) for kind in sorted(kinds, key=lambda one: (force.of(one).priority, one))]


def _row(kind: str, force: IdentityRules, changes: Sequence[str]) -> Row:
    rule = force.of(kind)
    return Row(
        kind=kind,
        label=kind_words(kind),
        limit=limit_words(rule.limit),
        priority=rule.priority,
        blocked=len(rule.blocked),
        patterns=[one.pattern for one in rule.patterns],
        why=WHY.get(kind, _OTHERS),
        own=kind in force.kinds,
        changes=changes,
    )


def prefilled(rules: IdentityRules, kind: str) -> dict[str, str]:
    """Return a kind's rule as a form has it."""
    rule = plain_kind(rules.of(kind))
    return {
        "limit": "" if rule["limit"] is None else str(rule["limit"]),
        "priority": str(rule["priority"]),
        "blocked": "\n".join(rule["blocked"]),
        "patterns": "\n".join(rule["patterns"]),
    }


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a run found, for people. `refused` and `taken` are (kind in words, number)."""

    customers: int
    merges: int
    splits: int
    refused: Sequence[tuple[str, int]]
    taken: Sequence[tuple[str, int]]

    @property
    def nothing(self) -> bool:
        """Whether nobody changes."""
        return not (self.merges or self.splits or self.refused or self.taken)


def told(run: IdentityRun) -> Told:
    """Return what a run found so far."""
    found: Mapping[str, Any] = run.found
    return Told(
        customers=found.get("customers", 0),
        merges=found.get("merges", 0),
        splits=found.get("splits", 0),
        refused=_kinds("refused", found.items()),
        taken=_kinds("taken", found.items()),
    )


def _kinds(what: str, found: Iterable[tuple[str, Any]]) -> list[tuple[str, int]]:
    kinds = ((name.removeprefix(f"{what}:"), number) for name, number in found if name.startswith(f"{what}:"))
    return sorted(((kind_words(kind), number) for kind, number in kinds), key=lambda one: (-one[1], one[0]))
