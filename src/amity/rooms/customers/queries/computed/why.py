"""Why a customer has a value: each part of it, what that comes to, the interactions that decide it, when time alone changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amity.engines.past.behaviour.deciding import deciding
from amity.kernel.clock import now_ms
from amity.kernel.errors import NotFound
from amity.kernel.sealed import hide_deep
from amity.rooms.customers.models import ComputedTrait
from amity.rooms.customers.queries.audiences.evaluate import Evaluated, evaluate
from amity.rooms.customers.queries.audiences.known import Kept
from amity.rooms.customers.rules.audiences.algebra import NEVER
from amity.rooms.customers.rules.computed.columns import objects
from amity.rooms.customers.rules.computed.inlining import Node, whole_condition, whole_value
from amity.rooms.customers.rules.computed.language import Case, Cases, Fixed, Ref, Value, inner
from amity.rooms.customers.rules.computed.parts import parts_of
from amity.rooms.customers.rules.computed.sentences import condition_words, words

_MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part at its depth: what it is, what it comes to, and the newest of the `number` interactions that decide it.

    `met` is of a case: whether the customer meets it; None where the part is no case.
    """

    depth: int
    said: str
    value: Any
    met: bool | None = None
    number: int = 0
    interactions: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A customer's value at `now` (ms), when time alone could change it, and its parts."""

    value: Any
    now: int
    changes_at: int | None
    parts: Sequence[Part]


def why_value(trait: ComputedTrait, *, customer_id: UUID) -> Why:
    """Return why a customer has a trait's value now. Raises NotFound for no customer, or an archived trait."""
    if trait.archived_at is not None:
        raise NotFound("An archived trait tells no reasons.")
    kept, now = Kept(trait.workspace_id), now_ms()
    look = _Look(kept, customer_id, now)
    look.walk(kept.known.traits[trait.pk].value, 0)
    done = look.done
    if not len(done.everybody):
        raise NotFound("There is no such customer.")
    due = done.columns[0].due
    changes_at = None if due is None or int(due[0]) == NEVER else int(due[0])
    return Why(value=hide_deep(objects(done.columns[0])[0]), now=now, changes_at=changes_at, parts=look.parts())


class _Look:
    """Collects parts first, so that all are asked in one pass."""

    def __init__(self, kept: Kept, customer_id: UUID, now: int) -> None:
        self.kept, self.customer_id, self.now = kept, customer_id, now
        self.names: Mapping[Node, str] = kept.known.names
        self._rows: list[tuple[int, str, Value, Value | None]] = []  # depth, words, what it comes to, the case's condition
        self._done: Evaluated | None = None

    def walk(self, value: Value, depth: int, lead: str = "", case: Value | None = None) -> None:
        if len(self._rows) >= _MOST:
            return
        self._rows.append((depth, lead + words(value, self.names), whole_value(value, self.kept.known), case))
        if isinstance(value, Ref):
            self.walk(self.kept.known.traits[value.id].value, depth + 1, "that is ")
        elif isinstance(value, Cases):
            for one in value.of:
                met = Cases(of=(Case(where=whole_condition(one.where, self.kept.known), then=Fixed(is_=True)),))
                self.walk(one.then, depth + 1, f"if {condition_words(one.where, self.names)}: ", met)
            if value.otherwise is not None:
                self.walk(value.otherwise, depth + 1, "else ")
        else:
            for part in inner(value):
                self.walk(part, depth + 1)

    @property
    def done(self) -> Evaluated:
        if self._done is None:
            asked = {n: row[2] for n, row in enumerate(self._rows)}
            asked |= {len(self._rows) + n: row[3] for n, row in enumerate(self._rows) if row[3] is not None}
            self._done = evaluate(
                {}, workspace=self.kept.workspace_id, zone=self.kept.zone, now=self.now, only=[self.customer_id], values=asked,
                edges=self.kept.edges,
            )  # fmt: skip
        return self._done

    def parts(self) -> list[Part]:
        found = []
        for n, (depth, said, value, case) in enumerate(self._rows):
            met = None if case is None else objects(self.done.columns[len(self._rows) + n])[0] is True
            number, rows = self._deciding(value, case)
            come_to = hide_deep(objects(self.done.columns[n])[0])
            found.append(Part(depth=depth, said=said, value=come_to, met=met, number=number, interactions=rows))
        return found

    def _deciding(self, value: Value, case: Value | None) -> tuple[int, Sequence[Mapping[str, Any]]]:
        """Return what decides a part that has no parts of its own, or a case's condition."""
        asked = [case] if case is not None else [] if isinstance(value, Cases) or any(True for _ in inner(value)) else [value]
        return deciding(
            parts_of((), asked).events(), workspace=self.kept.workspace_id, customer_ids=list(self.done.ids or ()), now=self.now,
            zone=self.kept.zone,
        )  # fmt: skip
