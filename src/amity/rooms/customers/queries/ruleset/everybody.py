"""Everybody's identifiers, from the present and the past, as the partition of a workspace takes them."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from amity.engines.past.client import ask
from amity.kernel.ids import derived_id
from amity.rooms.customers.contracts import Incoming
from amity.rooms.customers.models import Apart, Customer, Merge
from amity.rooms.customers.queries.evidence import list_ledgers
from amity.rooms.customers.queries.story import PACKAGE
from amity.rooms.customers.rules.anew import known_of
from amity.rooms.customers.rules.grouping import Together, affected
from amity.rooms.customers.rules.identifiers import Ident, IdentityRules, identifiers_of
from amity.rooms.customers.rules.partition import CUSTOMER, NOBODY, Partition
from amity.rooms.customers.rules.rederive import Ledger

AT_ONCE = 1_000
_NO_KEY = UUID(int=0)


@dataclass(slots=True)
class Everybody:
    """A workspace's customers of today and the partition of all identifiers that they ever carried."""

    partition: Partition
    customers: list[UUID] = field(default_factory=list)
    held: tuple[array[int], array[int]] = field(default_factory=lambda: (array("i"), array("i")))
    linked: tuple[array[int], array[int]] = field(default_factory=lambda: (array("i"), array("i")))
    carried_by: array[int] = field(default_factory=lambda: array("i"))  # the customer of each carrier
    lost: Counter[int] = field(default_factory=Counter)  # identifiers of customers that identify nobody any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What came of it: who changes, and the largest of before and after as (customer, identifiers)."""

    groups: Sequence[tuple[Sequence[UUID], Sequence[tuple[str, str]]]]
    customers: int
    before: Sequence[tuple[UUID, int]]
    after: Sequence[tuple[UUID, int]]


def count_customers(workspace_id: int) -> int:
    """Return how many customers of today there are."""
    return Customer.objects.filter(workspace_id=workspace_id, merged_into=None).count()


def read_everybody(*, workspace_id: int, rules: IdentityRules, read: Callable[[int], None] = lambda _: None) -> Everybody:
    """Read all customers of a workspace with what the past tells of their identifiers; `read` is told how many were. Raises NotRunning."""
    everybody = Everybody(Partition(rules))
    apart = list(Apart.objects.filter(workspace_id=workspace_id).order_by("id").values_list("first_id", "second_id"))
    decided = Merge.objects.filter(workspace_id=workspace_id, undone=None, rule="people").values_list("id", "old_id", "into_id")
    people = {one for one, _, _ in decided}
    named = {one for pair in apart for one in pair} | {one for _, *pair in decided for one in pair}
    for some in batches(workspace_id):
        _take(everybody, workspace_id, list_ledgers(workspace_id=workspace_id, customer_ids=some), people, named)
        read(len(everybody.customers))
    for first, second in apart:
        everybody.partition.begin(first)
        everybody.partition.begin(second)
        everybody.partition.keep_apart(first, second)
    return everybody


def batches(workspace_id: int) -> Iterator[list[UUID]]:
    """Give the customers of today, oldest first."""
    after = _NO_KEY
    while True:
        rows = Customer.objects.filter(workspace_id=workspace_id, merged_into=None, id__gt=after).order_by("id")
        some = list(rows.values_list("id", flat=True)[:AT_ONCE])
        if not some:
            return
        yield some
        after = some[-1]


def work_out(everybody: Everybody, *, largest: int = 5) -> Worked:
    """Return who changes under the rules, in the least groups that are closed."""
    import numpy as np

    partition = everybody.partition
    labels = partition.labels()
    names = list(partition.numbers)
    lost = np.fromiter(everybody.lost.elements(), np.int32)
    held, whose = (np.asarray(one, np.int32) for one in everybody.held)
    carried = np.stack([partition.heads(), np.asarray(everybody.carried_by, np.int32)])
    carried = carried[:, carried[0] != NOBODY]
    identifiers = np.fromiter((kind != CUSTOMER for kind, _ in names), bool, len(names))
    linked = np.concatenate([carried, np.stack([np.asarray(one, np.int32) for one in everybody.linked])], axis=1)
    groups = affected(
        labels, customers=len(everybody.customers), held=(held, whose), linked=(linked[0], linked[1]),
        lost=lost, identifiers=identifiers,
    )  # fmt: skip
    return Worked(
        groups=[_named(one, everybody.customers, names) for one in groups],
        customers=len(everybody.customers),
        before=[(everybody.customers[who], number) for who, number in _most(np.concatenate([whose, lost]), largest)],
        after=_after(labels, identifiers, everybody, held, whose, linked, largest),
    )


def _named(
    one: Together, customers: Sequence[UUID], names: Sequence[tuple[str, str]]
) -> tuple[list[UUID], list[tuple[str, str]]]:
    return [customers[n] for n in one.customers], [names[n] for n in one.taken]


def _most(numbers: Any, largest: int) -> list[tuple[int, int]]:
    import numpy as np

    found, count = np.unique(numbers, return_counts=True)
    order = np.lexsort((found, -count))[:largest]
    return [(int(found[n]), int(count[n])) for n in order]


def _after(  # noqa: PLR0913, PLR0917
    labels: Any, identifiers: Any, everybody: Everybody, held: Any, whose: Any, linked: Any, largest: int
) -> list[tuple[UUID, int]]:
    """Return the largest of then, each with a customer of today who becomes part of it: the oldest."""
    import numpy as np

    found = []
    for label, number in _most(labels[(labels != NOBODY) & identifiers], largest):
        theirs = np.concatenate([whose[labels[held] == label], linked[1][labels[linked[0]] == label]])
        found.append((everybody.customers[int(theirs.min())], number))
    return found


def _take(
    everybody: Everybody, workspace_id: int, ledgers: Mapping[UUID, Ledger], people: Collection[int], named: set[UUID]
) -> None:
    """Take some customers: what they have, what the past tells of them, and what only the ledger does."""
    partition = everybody.partition
    rules = partition.rules
    today = {one: len(everybody.customers) + n for n, ledger in enumerate(ledgers.values()) for one in ledger.ids}
    everybody.customers += ledgers
    keys = {held.key for ledger in ledgers.values() for held in ledger.held.values()}
    keys |= {merge.key for ledger in ledgers.values() for merge in ledger.merges}
    rows = ask(
        package=PACKAGE, name="carriers", workspace_id=workspace_id, customer_ids=[str(one) for one in today], keys=[str(one) for one in keys]
    )  # fmt: skip
    there = {row["first"][0] for row in rows}
    begun = {one for one in today if one in named}
    for ledger in ledgers.values():
        who = today[ledger.current]
        for place, held in ledger.held.items():
            if not rules.admit(place.kind, place.value)[0]:
                everybody.lost[who] += 1
                continue
            everybody.held[0].append(partition.number(place.kind, place.value))
            everybody.held[1].append(who)
            if held.key not in there:
                customer = ledger.before_merges(place)
                partition.begin(customer, [Ident(place.kind, place.value, held.aliased)])
                begun.add(customer)
        for merge in ledger.merges:
            if merge.key not in there:
                known, _ = known_of(workspace_id, merge, by_people=merge.id in people, rules=rules)
                if len(known.idents) > 1:
                    partition.remember(known)
    for one in begun:
        partition.begin(one)
        everybody.linked[0].append(partition.number(CUSTOMER, one.hex))
        everybody.linked[1].append(today[one])
    _carry(everybody, rows, workspace_id, today, begun)


def _carry(
    everybody: Everybody, rows: Sequence[Mapping[str, Any]], workspace: int, today: Mapping[UUID, int], begun: set[UUID]
) -> None:
    """Take carriers, with the customers that must be known by themselves before the interaction that begins each."""
    rules = everybody.partition.rules
    some = []
    for row in rows:
        idents = identifiers_of(carrier(row, workspace), rules)[0]
        if idents:
            key, received, seq, index = row["first"]
            some.append((row["customer_id"], idents, key, received, seq, index))
    begins: dict[UUID, UUID] = {}
    if begun:
        some.sort(key=lambda one: one[4:])
        for who, _, key, received, _, _ in some:
            if who in begun:
                made = derived_id(received, "customer", key.bytes)
                if made in today:
                    begins[key] = made
        lacking = begun - set(begins.values())
        for who, _, key, *_ in some:
            if who in lacking and key not in begins:
                begins[key] = who
                lacking.discard(who)
    for who, idents, key, received, seq, index in some:
        first = begins.get(key)
        carried = [Ident(CUSTOMER, first.hex), *idents] if first in begun and first is not None else idents
        everybody.partition.add(carried, received=received, seq=seq, index=index)
        everybody.carried_by.append(today[who])


def carrier(row: Mapping[str, Any], workspace: int) -> Incoming:
    """Return an interaction that carries what a row of `carriers.sql` tells."""
    traits = {name: row[name] for name in ("email", "phone") if row[name]}
    theirs = {name: row[f"their_{name}"] for name in ("email", "phone") if row[f"their_{name}"]}
    device = {name: row[part] for name, part in (("id", "device"), ("advertisingId", "advertising")) if row[part]}
    context: dict[str, Any] = {"traits": theirs} if theirs else {}
    if device:
        context["device"] = device
    if row["others"]:
        context["externalIds"] = json.loads(row["others"])
    return Incoming(
        workspace, 0, row["first"][0], "alias" if row["alias"] else "track", 0, row["first"][1], "", row["user_id"] or None,
        row["anonymous_id"] or None, previous_id=row["previous_id"] or None, traits=traits, context=context,
    )  # fmt: skip
