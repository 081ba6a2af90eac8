"""Why a customer is in an audience or out of it: each condition, what decides it, and when time alone would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amity.engines.past.behaviour.deciding import deciding
from amity.engines.past.behaviour.language import Behaviour, Event, Filter, Window
from amity.engines.past.behaviour.language import Sequence as InOrder
from amity.kernel.clock import now_ms
from amity.kernel.errors import NotFound
from amity.rooms.customers.models import Audience
from amity.rooms.customers.queries.audiences.evaluate import evaluate
from amity.rooms.customers.queries.audiences.known import Kept, definition_of
from amity.rooms.customers.rules.audiences.algebra import NEVER, Answers
from amity.rooms.customers.rules.audiences.language import All, Any_, Compared, Condition, InAccount, Not
from amity.rooms.customers.rules.audiences.sentences import sentence
from amity.rooms.customers.rules.computed.inlining import Node
from amity.rooms.customers.rules.computed.parts import parts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One condition at its depth: in words, whether it is met, when that would change (ms), and what decides it.

    `interactions` are the newest of the `number` that the condition looks at.
    """

    depth: int
    said: str
    met: bool
    changes_at: int | None = None
    number: int = 0
    interactions: Sequence[Mapping[str, Any]] = ()
    joins: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Whether a customer is in an audience at `now` (ms), with the reasons."""

    inside: bool
    now: int
    changes_at: int | None
    reasons: Sequence[Reason]


def why(audience: Audience, *, customer_id: UUID, names: Mapping[Node, str]) -> Why:
    """Return why a customer is in or out now. Raises NotFound for no customer, or a list or an archived audience."""
    if audience.definition is None or audience.archived_at is not None:
        raise NotFound("Only an audience with conditions that isn't archived tells why.")
    kept = Kept(audience.workspace_id)
    now = now_ms()
    condition = kept.conditions[audience.pk]
    done = evaluate(
        {audience.pk: condition}, workspace=audience.workspace_id, zone=kept.zone, now=now, only=[customer_id], edges=kept.edges
    )
    if not len(done.everybody):
        raise NotFound("There is no such customer.")
    look = _Look(kept, done.answers, list(done.ids or ()), now, names)
    look.walk(condition, 0)
    due = int(done.found[audience.pk].due[0])
    return Why(
        inside=bool(done.found[audience.pk].met[0]), now=now, changes_at=None if due == NEVER else due, reasons=look.reasons
    )


def conditions_in_words(audience: Audience, names: Mapping[Node, str]) -> list[tuple[int, str]]:
    """Return (depth, words) of each condition, as written: audiences referred to by their names."""
    found: list[tuple[int, str]] = []
    if audience.definition is not None:
        _spell(definition_of(audience.definition).where, 0, names, found, turned=False)
    return found


def words_of(condition: Condition, names: Mapping[Node, str]) -> list[tuple[int, str]]:
    """Return (depth, words) of each part of a condition."""
    found: list[tuple[int, str]] = []
    _spell(condition, 0, names, found, turned=False)
    return found


def _spell(condition: Condition, depth: int, names: Mapping[Node, str], found: list[tuple[int, str]], *, turned: bool) -> None:
    no = "not: " if turned else ""
    match condition:
        case All(of=parts) | Any_(of=parts):
            found.append((depth, no + joined(condition)))
            for part in parts:
                _spell(part, depth + 1, names, found, turned=False)
        case Not(of=part):
            _spell(part, depth, names, found, turned=not turned)
        case leaf:
            found.append((depth, no + sentence(leaf, names)))


def joined(condition: All | Any_) -> str:
    """Return how parts are joined, in words."""
    if not condition.of:
        return "everybody"
    return "all of these" if isinstance(condition, All) else "at least one of these"


class _Look:
    def __init__(self, kept: Kept, answers: Answers, ids: Sequence[UUID], now: int, names: Mapping[Node, str]) -> None:
        self.kept, self.answers, self.ids, self.now, self.names = kept, answers, ids, now, names
        self.reasons: list[Reason] = []

    def walk(self, condition: Condition, depth: int, *, turned: bool = False) -> None:
        met = bool(self.answers.of(condition)[0]) != turned
        no = "not: " if turned else ""
        match condition:
            case All(of=parts) | Any_(of=parts):
                self.reasons.append(Reason(depth=depth, said=no + joined(condition), met=met, joins=True))
                for part in parts:
                    self.walk(part, depth + 1)
            case Not(of=part):
                self.walk(part, depth, turned=not turned)
            case leaf:
                due = int(self.answers.change_of(leaf)[0])
                number, rows = self._deciding(leaf)
                self.reasons.append(
                    Reason(
                        depth=depth, said=no + sentence(leaf, self.names), met=met, number=number, interactions=rows,
                        changes_at=None if due == NEVER else due,
                    )
                )  # fmt: skip

    def _deciding(self, leaf: Any) -> tuple[int, Sequence[Mapping[str, Any]]]:
        looked_at: list[tuple[Event, Window | None]]
        if isinstance(leaf, InAccount):
            looked_at = [(Event(where=(Filter(of="group_id", test="present"),)), None)]
        elif isinstance(leaf, Behaviour | Compared):
            looked_at = parts_of([leaf]).events()  # type: ignore[list-item]
        else:
            return 0, ()
        until_now = isinstance(leaf, InOrder)  # what must not follow may come after the window of the steps
        return deciding(
            looked_at,
            workspace=self.kept.workspace_id,
            customer_ids=self.ids,
            now=self.now,
            zone=self.kept.zone,
            until_now=until_now,
        )
