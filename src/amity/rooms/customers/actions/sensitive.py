"""Show what is kept encrypted to those who may see it, and seal what was stored before the plan called it sensitive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from amity.engines.fieldkeys import keys_of
from amity.engines.present.bulk import run, texts
from amity.kernel.errors import Forbidden
from amity.kernel.sealed import PREFIX, is_sealed
from amity.rooms.customers.actions.load import lock, members_of, profiles_of
from amity.rooms.customers.actions.save import save
from amity.rooms.customers.contracts import Customer
from amity.rooms.customers.queries.sensitive import SensitiveValue, read_sealed
from amity.rooms.customers.rules.identity import Graph
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

AT_ONCE = 200
_OPEN = """
    SELECT id FROM customers_customer
    WHERE workspace_id = %b AND merged_into IS NULL AND traits ?| %b::text[] AND EXISTS (
        SELECT FROM unnest(%b::text[]) AS name
        WHERE jsonb_typeof(traits->name) <> 'null' AND NOT starts_with(traits->>name, %b)
    ) ORDER BY id LIMIT %b
"""
_OPEN_MERGES = """
    SELECT id, kept::text FROM customers_merge
    WHERE workspace_id = %b AND kept->'traits' ?| %b::text[] AND EXISTS (
        SELECT FROM unnest(%b::text[]) AS name
        WHERE jsonb_typeof(kept->'traits'->name->0) <> 'null' AND NOT starts_with(kept->'traits'->name->>0, %b)
    ) ORDER BY id LIMIT %b FOR UPDATE
"""


def show_sensitive(access: Access, *, customer: Customer, request: HttpRequest | None = None) -> list[SensitiveValue]:
    """Return the values, and record who looked at which. Raises Forbidden without `sensitive.read`."""
    if not access.can("sensitive.read"):
        raise Forbidden("Sensitive values need the permission sensitive.read.")
    found = read_sealed(customer)
    trust.record(
        access,
        action="customer.sensitive_read",
        target=f"customer:{customer.id}",
        after={"values": len(found), "names": sorted({f"{one.place}.{one.name}" for one in found})[:100]},
        request=request,
    )
    return found


def seal_stored(*, workspace_id: int, names: frozenset[str]) -> bool:
    """Seal traits of these names that profiles and merges hold open, some customers at a time. Returns whether more may be left."""
    wanted = texts(sorted(names))
    if not names:
        return False
    with transaction.atomic():
        ids: list[UUID] = [one for (one,) in run(_OPEN, [workspace_id, wanted, wanted, PREFIX, AT_ONCE])]
        if ids:
            activity = lock(ids)
            profiles = profiles_of(activity)
            for one in profiles.values():
                sealed = _sealed(workspace_id, one.traits, one.origins, names)
                one.changed = one.changed or sealed != one.traits
                one.traits = sealed
            graph = Graph(members=members_of(ids))
            save(graph=graph, activity={}, profile=profiles, spoken=set(profiles), joined=[], kept={}, left_out={})
        merges = run(_OPEN_MERGES, [workspace_id, wanted, wanted, PREFIX, AT_ONCE])
        for merge_id, text in merges:
            kept = json.loads(text)
            values = {name: pair[0] for name, pair in kept["traits"].items()}
            origins = {name: pair[1] for name, pair in kept["traits"].items()}
            sealed = _sealed(workspace_id, values, origins, names)
            kept["traits"] = {name: [sealed[name], origins[name]] for name in sealed}
            run("UPDATE customers_merge SET kept = %t::jsonb WHERE id = %b", [json.dumps(kept), merge_id])
    return len(ids) == AT_ONCE or len(merges) == AT_ONCE


def _sealed(workspace_id: int, traits: Mapping[str, Any], origins: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Return traits as the pipeline would have sealed them: under the key of the interaction that told each."""
    keys = keys_of(workspace_id)
    made = dict(traits)
    for name in names & traits.keys():
        value = traits[name]
        if value is not None and not is_sealed(value):
            of = bytes.fromhex(origins[name][2]) if name in origins else b""
            made[name] = keys.seal(value, of=of + b"traits" + name.encode(errors="replace"))
    return made
