"""What a customer's identity rests on: the ledger in the present, and every interaction of the past, read again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any
from uuid import UUID

from amity.engines.past.client import ask
from amity.kernel.errors import NotFound
from amity.rooms.customers.contracts import Incoming
from amity.rooms.customers.models import Apart, Customer, Identifier, Merge
from amity.rooms.customers.queries.rows import fetch
from amity.rooms.customers.queries.story import PACKAGE
from amity.rooms.customers.rules.identity import Place
from amity.rooms.customers.rules.rederive import Happened, Held, Ledger, Merged, in_arrival_order

Kept = tuple[UUID, Mapping[str, tuple[Any, list[Any]]], Mapping[str, list[Any]]]


def get_ledger(*, workspace_id: int, customer_id: UUID) -> Ledger:
    """Return what the present knows of how a customer came to be one; `customer_id` is the one of today.

    Raises NotFound where it is none.
    """
    if not Customer.objects.filter(workspace_id=workspace_id, id=customer_id, merged_into=None).exists():
        raise NotFound("There is no such customer here.")
    return list_ledgers(workspace_id=workspace_id, customer_ids=[customer_id])[customer_id]


def list_ledgers(*, workspace_id: int, customer_ids: Sequence[UUID]) -> dict[UUID, Ledger]:
    """Return the same of several customers of today at once."""
    found = {one: Ledger(current=one, ids=frozenset(), held={}, merges=[]) for one in customer_ids}
    whose = {one: one for one in customer_ids}
    rows = Customer.objects.filter(workspace_id=workspace_id, merged_into__in=customer_ids)
    whose.update((old, into) for old, into in rows.values_list("id", "merged_into") if into is not None)
    ids: dict[UUID, set[UUID]] = defaultdict(set)
    for one, current in whose.items():
        ids[current].add(one)
    held: dict[UUID, dict[Place, Held]] = defaultdict(dict)
    for kind, value, key, aliased, current in Identifier.objects.filter(
        workspace_id=workspace_id, customer_id__in=customer_ids
    ).values_list("kind", "value", "key", "aliased", "customer_id"):
        held[current][Place(workspace_id, kind, value)] = Held(key, aliased)
    merges: dict[UUID, list[Merged]] = defaultdict(list)
    for row in Merge.objects.filter(workspace_id=workspace_id, into_id__in=list(whose), undone=None):
        merges[whose[row.into_id]].append(_merged(workspace_id, row))
    apart: dict[UUID, list[tuple[UUID, UUID]]] = defaultdict(list)
    pairs = Apart.objects.filter(workspace_id=workspace_id, first_id__in=list(whose), second_id__in=list(whose)).order_by("id")
    for first, second in pairs.values_list("first_id", "second_id"):
        if whose[first] == whose[second]:
            apart[whose[first]].append((first, second))
    return {
        one: replace(ledger, ids=frozenset(ids[one]), held=held[one], merges=merges[one], apart=apart[one])
        for one, ledger in found.items()
    }


def list_happened(*, workspace_id: int, customer_ids: Iterable[UUID]) -> list[Happened]:
    """Return all interactions that the past holds under these ids, in the order of their arrival. Raises NotRunning."""
    rows = ask(package=PACKAGE, name="evidence", workspace_id=workspace_id, customer_ids=[str(one) for one in customer_ids])
    by_key = groupby(rows, key=lambda row: row["message_key"])
    return in_arrival_order(_happened(workspace_id, list(same)) for _, same in by_key)


def list_kept(ledger: Ledger) -> list[Kept]:
    """Return traits and answers as they were written down: before each merge, oldest first, and those of today."""
    ids = list(ledger.ids)
    traits = {
        one: (json.loads(known), json.loads(origins))
        for one, known, origins in fetch(
            "SELECT id, traits::text, origins::text FROM customers_customer WHERE id = ANY(%s)", [ids]
        )
    }
    answers = {
        one: json.loads(consent)
        for one, consent in fetch("SELECT customer_id, consent::text FROM customers_activity WHERE customer_id = ANY(%s)", [ids])
    }
    merges = sorted(ledger.merges, key=lambda m: m.id)
    replaced = dict(Merge.objects.filter(id__in=[one.id for one in merges]).values_list("id", "kept"))
    found: list[Kept] = []
    for one in merges:
        kept = replaced.get(one.id) or {}
        found.append(_kept(one.old, *traits[one.old], answers.get(one.old, {})))
        found.append((one.into, {name: (value, origin) for name, (value, origin) in kept.get("traits", {}).items()},
                      kept.get("consent", {})))  # fmt: skip
    return [*found, _kept(ledger.current, *traits[ledger.current], answers.get(ledger.current, {}))]


def current_of(*, workspace_id: int, customer_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the customers of today by the ids that were asked for; unknown ones are left out."""
    rows = Customer.objects.filter(workspace_id=workspace_id, id__in=set(customer_ids)).values_list("id", "merged_into")
    return {one: into or one for one, into in rows}


def _kept(one: UUID, traits: dict[str, Any], origins: dict[str, list[Any]], answers: dict[str, list[Any]]) -> Kept:
    return one, {name: (traits.get(name), origin) for name, origin in origins.items()}, answers


def _merged(workspace: int, row: Merge) -> Merged:
    return Merged(
        row.pk,
        row.old_id,
        row.into_id,
        row.merged_at,
        row.key,
        tuple(Place(workspace, kind, value) for kind, value in row.moved),
        tuple((Place(workspace, kind, value), UUID(owner) if owner else None) for kind, value, owner in row.identifiers),
    )


def _happened(workspace: int, same: Sequence[Mapping[str, Any]]) -> Happened:
    row = same[0]
    context = json.loads(row["around"]) if row["around"] else {}
    incoming = Incoming(
        workspace,
        row["source_id"],
        row["message_key"],
        row["type"],
        row["at"],
        row["arrived_at"],
        row["name"],
        row["user_id"] or None,
        row["anonymous_id"] or None,
        previous_id=row["previous_id"] or None,
        traits=json.loads(row["said"]) if row["said"] else {},
        properties=json.loads(row["answer"]) if row["answer"] else {},
        context=context,
        gpc=row["gpc"],
        country=row["country"],
        customer_id=_named(context) if row["dialect"] == "amity" else None,
        voice=row["voice"],
    )
    copies = tuple(one["customer_id"] for one in same[1:])
    return Happened(incoming, row["customer_id"], row["log_seq"], row["log_index"], copies)


def _named(context: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(context["customer_id"]))
    except (KeyError, ValueError):
        return None
