"""Customers who change together, with all that working them out anew needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from amity.rooms.customers.models import Apart, Customer, Identifier, Merge
from amity.rooms.customers.queries.evidence import current_of, list_happened, list_ledgers
from amity.rooms.customers.rules.anew import Group
from amity.rooms.customers.rules.identity import Place
from amity.rooms.customers.rules.rederive import Happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Customers, of whatever time, and identifiers that nobody had when it was found out that they become theirs."""

    customers: Sequence[UUID]
    taken: Sequence[tuple[str, str]]


def list_groups(workspace_id: int, wanted: Sequence[Wanted]) -> list[tuple[Group, list[Happened]]]:
    """Return groups as they are today, each with its interactions in the order of arrival. Raises NotRunning.

    Who became part of another, or learned one of the identifiers meanwhile, brings that customer along.
    """
    names = {(kind, value) for one in wanted for kind, value in one.taken}
    rows = Identifier.objects.filter(workspace_id=workspace_id, value__in=[value for _, value in names])
    owners = {
        (kind, value): who for kind, value, who in rows.values_list("kind", "value", "customer_id") if (kind, value) in names
    }
    current = current_of(workspace_id=workspace_id, customer_ids=[who for one in wanted for who in one.customers])
    members = [
        sorted({current[who] for who in one.customers if who in current} | {owners[place] for place in map(tuple, one.taken) if place in owners})
        for one in wanted
    ]  # fmt: skip
    ledgers = list_ledgers(workspace_id=workspace_id, customer_ids=sorted({who for some in members for who in some}))
    ids = {one: ledger.current for ledger in ledgers.values() for one in ledger.ids}
    apart = list(
        Apart.objects.filter(Q(first_id__in=ids) & Q(second_id__in=ids), workspace_id=workspace_id)
        .order_by("id")
        .values_list("first_id", "second_id")
    )
    people = frozenset(
        Merge.objects.filter(workspace_id=workspace_id, into_id__in=ids, undone=None, rule="people").values_list("id", flat=True)
    )
    happened: dict[UUID, list[Happened]] = defaultdict(list)
    for each in list_happened(workspace_id=workspace_id, customer_ids=sorted(ids)) if ids else ():
        happened[ids[each.customer]].append(each)
    found = []
    for one, some in zip(wanted, members, strict=True):
        together = set(some)
        group = Group(
            workspace=workspace_id,
            ledgers=[ledgers[who] for who in some],
            taken=frozenset(Place(workspace_id, kind, value) for kind, value in one.taken),
            people=people,
            apart=[pair for pair in apart if ids[pair[0]] in together and ids[pair[1]] in together],
        )
        theirs = [h for who in some for h in happened[who]]
        found.append((group, theirs))
    return found


def exist(workspace_id: int, customers: Sequence[UUID]) -> bool:
    """Whether all these are customers of today."""
    return Customer.objects.filter(workspace_id=workspace_id, id__in=customers, merged_into=None).count() == len(customers)
