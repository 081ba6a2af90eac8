"""What is kept encrypted of a customer, opened. Whoever shows it records who looked: `actions.sensitive` does both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amity.engines.fieldkeys import Unreadable, opened
from amity.engines.past.client import ask
from amity.kernel.clock import to_ms
from amity.kernel.sealed import PREFIX, is_sealed
from amity.rooms.customers import contracts
from amity.rooms.customers.models import Customer
from amity.rooms.customers.queries.story import PACKAGE

MOST = 50  # interactions
UNREADABLE = "can’t be opened: its key is not at hand"


@dataclass(frozen=True, kw_only=True)
class SensitiveValue:
    """One value. `interaction` is its (type, name), empty for a trait of the profile; `time` in ms; `source_id` of a trait."""

    place: str
    name: str
    value: Any
    time: int
    source_id: int = 0
    interaction: tuple[str, str] = ("", "")
    key: UUID | None = None


def has_sealed(customer_id: UUID) -> bool:
    """Tell whether the profile holds anything encrypted."""
    traits = Customer.objects.filter(pk=customer_id).values_list("traits", flat=True).first() or {}
    return any(is_sealed(value) for value in traits.values())


def read_sealed(customer: contracts.Customer) -> list[SensitiveValue]:
    """Return the sensitive traits, by name, and then the sensitive values of the latest 50 interactions with any."""
    row = Customer.objects.get(workspace_id=customer.workspace_id, pk=customer.id)
    found = [
        SensitiveValue(
            place="traits", name=name, value=_open(customer.workspace_id, value), time=row.origins.get(name, [row.created_at])[0],
            source_id=row.origins.get(name, [0, 0])[1],
        )
        for name, value in sorted(row.traits.items())
        if is_sealed(value)
    ]  # fmt: skip
    rows = ask(
        package=PACKAGE,
        name="sealed",
        workspace_id=customer.workspace_id,
        customer_ids=[str(one) for one in customer.all_ids],
        mark=PREFIX,
        limit=MOST,
    )
    for one in rows:
        for place, name, value in _values(one):
            found.append(
                SensitiveValue(
                    place=place, name=name, value=_open(customer.workspace_id, value), time=to_ms(one["time"]),
                    interaction=(one["type"], one["name"]), key=UUID(str(one["message_key"])),
                )
            )  # fmt: skip
    return found


def _values(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for place in ("properties", "traits"):
        for name, value in json.loads(row[place] or "{}").items():
            if is_sealed(value):
                yield place, name, value
    carried = json.loads(row["context"] or "{}").get("traits")
    for name, value in carried.items() if isinstance(carried, dict) else ():
        if is_sealed(value):
            yield "context.traits", name, value


def _open(workspace_id: int, value: str) -> Any:
    try:
        return opened(workspace_id, value)
    except Unreadable:
        return UNREADABLE
