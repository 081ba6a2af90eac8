"""Rows of the present, made into what the room shows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from amity.rooms.customers.contracts import CustomerLine
from amity.rooms.customers.models import Identifier
from amity.rooms.customers.rules.names import display_name, first_of

LINE = """
    a.customer_id, a.first_seen, a.last_seen, a.interactions, a.channels::text, a.values::text, a.last_name, c.traits::text,
    a.seen_minute
"""
Known = Mapping[UUID, Sequence[tuple[str, str]]]


def fetch(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one question against the present. `sql` is always a constant of this room."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def lines_of(workspace_id: int, rows: Sequence[tuple[Any, ...]], *, known: Known | None = None) -> list[CustomerLine]:
    """Return list lines for rows that were selected as LINE, in their order. `known`: their identifiers, where read already."""
    known = identifiers_of(workspace_id, [row[0] for row in rows]) if known is None else known
    return [_line(row, known.get(row[0], ())) for row in rows]


def identifiers_of(workspace_id: int, ids: Iterable[UUID]) -> Known:
    """Return (kind, value) pairs by customer, without other names that only alias calls gave."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    rows = Identifier.objects.filter(workspace_id=workspace_id, customer_id__in=list(ids), aliased=False)
    for customer_id, kind, value in rows.values_list("customer_id", "kind", "value"):
        found.setdefault(customer_id, []).append((kind, value))
    return found


def decimals(values: Mapping[str, str]) -> dict[str, Decimal]:
    """Read money that jsonb keeps as text, so that no binary fraction touches it."""
    return {currency: Decimal(amount) for currency, amount in sorted(values.items())}


def _line(row: tuple[Any, ...], identifiers: Sequence[tuple[str, str]]) -> CustomerLine:
    customer_id, first_seen, last_seen, interactions, channels, values, last_name, traits, _ = row
    known = json.loads(traits)
    email = first_of(identifiers, "email") or (known.get("email") if isinstance(known.get("email"), str) else "")
    return CustomerLine(
        id=customer_id,
        name=display_name(customer_id=customer_id, traits=known, identifiers=identifiers),
        email=email or "",
        user_id=first_of(identifiers, "user_id"),
        first_seen=first_seen,
        last_seen=last_seen,
        interactions=interactions,
        channels=json.loads(channels),
        values=decimals(json.loads(values)),
        last_name=last_name,
    )
