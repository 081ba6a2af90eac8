"""Random people put where the product keeps them: profiles in the present, rows in the past."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID, uuid4

import msgspec

from amity.engines.past.client import insert_rows
from amity.engines.past.rows import InteractionRow, MergeRow, money, seconds
from amity.engines.past.shape import clean
from amity.kernel.ids import new_id
from amity.rooms.customers.models import Activity, Customer, Identifier

_tokens, _versions = itertools.count(), itertools.count(1)


def keep(workspace: int, person: dict[str, Any], *, rows: list[dict] | None = None) -> UUID:
    """Keep a person and return the customer's id."""
    who = new_id()
    Customer.objects.create(id=who, workspace_id=workspace, created_at=0, traits=person["traits"])
    consent = {purpose: [granted, 0, 0, "0" * 32] for purpose, granted in person["consent"].items()}
    Activity.objects.create(customer_id=who, workspace_id=workspace, consent=consent)
    for kind, value in person["identifiers"]:
        taken = Identifier.objects.filter(workspace_id=workspace, kind=kind, value=value).exists()
        if not taken:
            Identifier.objects.create(
                workspace_id=workspace, kind=kind, value=value, customer_id=who, added_at=0, source_id=0, key=uuid4()
            )
    person["identifiers"] = list(Identifier.objects.filter(customer_id=who).values_list("kind", "value"))
    store(workspace, who, person["rows"] if rows is None else rows)
    return who


def store(workspace: int, who: UUID, rows: list[dict]) -> None:
    """Put a customer's interactions into the past; each row learns its key."""
    for row in rows:
        row.setdefault("key", uuid4())
    made = [
        InteractionRow(
            workspace_id=workspace,
            customer_id=who,
            time=seconds(row["time"]),
            message_key=row["key"],
            message_id="",
            type=row["type"],
            source_id=1,
            received_at=seconds(row.get("received", row["time"])),
            projected_at=seconds(row.get("received", row["time"])),
            log_seq=1,
            log_index=1,
            name=row["name"],
            channel=row["channel"],
            voice=row["voice"],
            value=money(row["value"]),
            group_id=row.get("group", ""),
            anonymous_id=row.get("anonymous", ""),
            told=msgspec.Raw(msgspec.json.encode(row.get("told", {}))),
            properties=msgspec.Raw(msgspec.json.encode(clean(dict(row["properties"])))),
        )
        for row in rows
    ]
    if made:
        insert_rows(table="interactions_raw", rows=made, token=f"audiences-{next(_tokens)}-{who}")


def merge(workspace: int, old: UUID, into: UUID) -> None:
    """Make one customer part of another, in both engines; who was part of it is part of the other, too."""
    olds = [old, *Customer.objects.filter(merged_into=old).values_list("id", flat=True)]
    Customer.objects.filter(id__in=olds).update(merged_into=into)
    Activity.objects.filter(customer_id=old).update(merged=True)
    Identifier.objects.filter(customer_id=old).update(customer_id=into)
    version = next(_versions)
    rows = [MergeRow(workspace_id=workspace, old_id=one, current_id=into, version=version) for one in olds]
    insert_rows(table="merges", rows=rows, token=f"audiences-merge-{next(_tokens)}-{old}")
