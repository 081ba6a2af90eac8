"""Which customers are named by identifiers that somebody wrote down, and which kind of identifier a file's column holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from amity.engines.present.bulk import run, texts, uuids
from amity.rooms.collection.contracts import FileTable
from amity.rooms.customers.models import IdentitySetting, ListEntry
from amity.rooms.customers.rules.audiences.listing import ANY, OWN, text_of
from amity.rooms.customers.rules.identifiers import spellings

_AT_ONCE = 20_000
_LOOKED_AT = 300
_PREFERRED = ("user_id", "email", "phone", "anonymous_id")
_OF_KIND = """
    SELECT value, kind, customer_id FROM customers_identifier
    WHERE workspace_id = %b AND value = ANY(%b::text[]) AND (%b::text = '' OR kind = %b::text)
"""
_OWN = """
    SELECT c.id, coalesce(c.merged_into, c.id) FROM customers_customer c
    WHERE c.workspace_id = %b AND c.id = ANY(%b::uuid[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """`owners`: by value as it was asked for, (kind, value as stored, customer); `several`: values of more than one customer."""

    owners: Mapping[str, tuple[str, str, UUID]] = field(default_factory=dict)
    several: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Which column names customers, by which kind of identifier: `known` of the `looked_at` first cells do."""

    column: str
    kind: str
    known: int
    looked_at: int


def name_customers(*, workspace_id: int, kind: str, spelled: Mapping[str, Sequence[str]]) -> Named:
    """Return whom values name; `spelled` says how each may be stored."""
    owners: dict[str, tuple[str, str, UUID]] = {}
    several: set[str] = set()
    asked = list(spelled)
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        by_stored = {stored: value for value in some for stored in spelled[value]}
        for stored, its_kind, customer in _rows(workspace_id, kind, list(by_stored)):
            value = by_stored[stored]
            before = owners.setdefault(value, (its_kind, stored, customer))
            if before[2] != customer:
                several.add(value)
            elif its_kind < before[0]:
                owners[value] = (its_kind, stored, customer)
    return Named(owners={value: one for value, one in owners.items() if value not in several}, several=frozenset(several))


def guess(table: FileTable, *, workspace_id: int) -> Guess:
    """Guess the column and its kind: that of which most cells name customers of today, else what names and cells say."""
    region = IdentitySetting.objects.filter(workspace_id=workspace_id).values_list("phone_region", flat=True).first() or ""
    rows = [row for _, row in islice(table.rows(), _LOOKED_AT) if row is not None]
    best: Guess | None = None
    for column in table.columns:
        cells = {text for row in rows if (text := text_of(row.get(column.name)))}
        known = _known(workspace_id, cells, region)
        for kind in sorted(known, key=_order):
            one = Guess(column=column.name, kind=kind, known=known[kind], looked_at=len(cells))
            if best is None or (one.known, -_order(kind)[0]) > (best.known, -_order(best.kind)[0]):
                best = one
    if best is not None:
        return best
    kind = next((kind for kind in _PREFERRED if kind in table.guessed), ANY)
    named = table.guessed.get(kind) or next((c.name for c in table.columns if c.filled), table.columns[0].name)
    return Guess(column=named, kind=kind, known=0, looked_at=len(rows))


def listed_as(audience_id: int, customer_ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """Return by which identifiers (kind, value) a list names customers."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    rows = ListEntry.objects.filter(audience_id=audience_id, customer_id__in=list(customer_ids)).order_by("kind", "value")
    for customer, kind, value in rows.values_list("customer_id", "kind", "value"):
        found.setdefault(customer, []).append((kind, value))
    return found


def _known(workspace_id: int, cells: set[str], region: str) -> dict[str, int]:
    by_stored: dict[str, str] = {stored: cell for cell in cells for stored in spellings(cell, phone_region=region)}
    found: dict[str, set[str]] = {}
    for stored, kind, _ in _rows(workspace_id, ANY, list(by_stored)):
        found.setdefault(kind, set()).add(by_stored[stored])
    own: dict[str, str] = {}
    for cell in cells:
        try:
            own[str(UUID(cell))] = cell
        except ValueError:
            continue
    if own and (there := _rows(workspace_id, OWN, list(own))):
        found[OWN] = {own[stored] for stored, _, _ in there}
    return {kind: len(values) for kind, values in found.items()}


def _order(kind: str) -> tuple[int, str]:
    return (_PREFERRED.index(kind) if kind in _PREFERRED else len(_PREFERRED), kind)


def _rows(workspace_id: int, kind: str, values: Sequence[str]) -> list[tuple[str, str, UUID]]:
    if not values:
        return []
    if kind == OWN:
        return [(str(one), OWN, now) for one, now in run(_OWN, [workspace_id, uuids(UUID(value) for value in values)])]
    return [(value, its, who) for value, its, who in run(_OF_KIND, [workspace_id, texts(values), kind, kind])]
