"""Write into the present what rules made of a group of customers, in the transaction that holds them."""

from __future__ import annotations

from collections.abc import Sequence

from amity.engines.present.bulk import bigints, booleans, texts, uuids
from amity.rooms.customers.actions.cursor import run
from amity.rooms.customers.actions.unmerge.store import store
from amity.rooms.customers.contracts import MergedId
from amity.rooms.customers.models import IdentityRun
from amity.rooms.customers.rules.anew import Group, Remade
from amity.rooms.customers.rules.identity import Decided, Place
from amity.rooms.customers.rules.rederive import Happened, Ledger

_DROP = """
    DELETE FROM customers_identifier i USING unnest(%b::text[], %b::text[]) AS n (value, kind)
    WHERE i.workspace_id = %b AND i.value = n.value AND i.kind = n.kind AND i.customer_id = ANY(%b::uuid[])
"""
_GAIN = """
    INSERT INTO customers_identifier (workspace_id, value, kind, customer_id, added_at, source_id, key, aliased)
    SELECT %b, * FROM unnest(%b::text[], %b::text[], %b::uuid[], %b::bigint[], %b::bigint[], %b::uuid[], %b::boolean[])
"""
# What is still refused of these is written down again, to whom it is refused.
_TAKEN = """
    DELETE FROM customers_refusal r USING unnest(%b::text[], %b::text[]) AS n (value, kind)
    WHERE r.customer_id = ANY(%b::uuid[]) AND r.key = ANY(%b::uuid[]) AND r.value = n.value AND r.kind = n.kind
"""


def keep(one: IdentityRun, group: Group, happened: Sequence[Happened], remade: Remade) -> list[MergedId]:
    """Let the present be as was worked out, and return which ids lead where from now on. The past's rows stand right already."""
    parted, ids = remade.parted, uuids(sorted(group.ids))
    if remade.dropped:
        run(_DROP, [*_pairs(remade.dropped), _workspace(one), ids])
    if remade.gained:
        causes = [remade.causes[place] for place in remade.gained]
        owners = [parted.owner[place] for place in remade.gained]
        run(
            _GAIN,
            [
                _workspace(one),
                *_pairs(remade.gained),
                uuids(owners),
                bigints(cause.received_at for cause in causes),
                bigints(cause.source for cause in causes),
                uuids(cause.key for cause in causes),
                booleans(parted.members[owner][place] for owner, place in zip(owners, remade.gained, strict=True)),
            ],
        )
    run(_TAKEN, [*_pairs(sorted(parted.owner)), ids, uuids(h.incoming.key for h in happened)])
    ledger = Ledger(
        current=min(ledger.current for ledger in group.ledgers),
        ids=group.ids,
        held={place: held for ledger in group.ledgers for place, held in ledger.held.items() if place in parted.owner},
        merges=group.merges,
    )
    return store(
        workspace_id=one.workspace_id, ledger=ledger, undone=[], parted=parted, happened=happened, run_id=one.unmerge or 0,
        by=Decided(one.by, one.by_id, ""), version=one.version.number if one.version else None,
    )  # fmt: skip


def _pairs(places: Sequence[Place]) -> tuple[object, object]:
    return texts(place.value for place in places), texts(place.kind for place in places)


def _workspace(one: IdentityRun) -> int:
    return one.workspace_id
