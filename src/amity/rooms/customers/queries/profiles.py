"""One customer: who it is, what identifies it, and how it came to be one."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from amity.kernel.errors import NotFound
from amity.kernel.sealed import hidden
from amity.rooms.customers import contracts
from amity.rooms.customers.models import Activity, Customer, Identifier, Merge
from amity.rooms.customers.queries.rows import decimals, identifiers_of
from amity.rooms.customers.queries.search import find_ids
from amity.rooms.customers.rules.names import display_name, first_of


def get_customer(*, workspace_id: int, customer_id: UUID) -> contracts.Customer:
    """Return the profile; an id that was merged gives the customer that it is now. Raises NotFound."""
    row = _current(workspace_id, customer_id)
    activity = Activity.objects.get(workspace_id=workspace_id, customer_id=row.id)
    merged = Customer.objects.filter(workspace_id=workspace_id, merged_into=row.id).order_by("id").values_list("id", flat=True)
    known = identifiers_of(workspace_id, [row.id]).get(row.id, ())
    trait_email = row.traits.get("email")
    return contracts.Customer(
        workspace_id=workspace_id,
        id=row.id,
        asked_id=customer_id,
        name=display_name(customer_id=row.id, traits=row.traits, identifiers=known),
        email=first_of(known, "email") or (trait_email if isinstance(trait_email, str) else ""),
        user_id=first_of(known, "user_id"),
        created_at=row.created_at,
        first_seen=activity.first_seen,
        last_seen=activity.last_seen,
        interactions=activity.interactions,
        channels=activity.channels,
        values=decimals(activity.values),
        last_name=activity.last_name,
        session_id=activity.session_id or contracts.NO_SESSION,
        session_start=activity.session_start,
        traits=_traits(row),
        consent=[
            contracts.ConsentState(purpose=purpose, granted=said[0], time=said[1], source_id=said[2])
            for purpose, said in sorted(activity.consent.items())
        ],
        merged_ids=list(merged),
    )


def find_customer_by_identifier(*, workspace_id: int, text: str) -> contracts.Customer | None:
    """Return the customer of which `text` is an identifier of whatever kind, or the id; None if there is none.

    Where several have it in different kinds, the one created first.
    """
    found = sorted(find_ids(workspace_id=workspace_id, text=text))
    return get_customer(workspace_id=workspace_id, customer_id=found[0]) if found else None


def list_identifiers(*, workspace_id: int, customer_id: UUID) -> list[contracts.Identifier]:
    """Return what identifies a customer, by kind, then in the order in which they were added."""
    rows = Identifier.objects.filter(workspace_id=workspace_id, customer_id=customer_id).order_by("kind", "added_at", "value")
    return [
        contracts.Identifier(
            kind=row.kind, value=row.value, added_at=row.added_at, source_id=row.source_id, key=row.key, aliased=row.aliased
        )
        for row in rows
    ]


def list_merges(*, workspace_id: int, customer_id: UUID, merged: Sequence[UUID] | None = None) -> list[contracts.Merge]:
    """Return how this customer came to be one, newest first: its merges and those of the customers merged into it.

    `merged` are those customers, where they are known already.
    """
    if merged is None:
        merged = list(Customer.objects.filter(workspace_id=workspace_id, merged_into=customer_id).values_list("id", flat=True))
    ids = [customer_id, *merged]
    return [
        merge_of(one) for one in Merge.objects.filter(workspace_id=workspace_id, into_id__in=ids, undone=None).order_by("-id")
    ]


def merge_of(row: Merge) -> contracts.Merge:
    """Return a row of the ledger as others may hold it."""
    return contracts.Merge(
        id=row.pk,
        old_id=row.old_id,
        into_id=row.into_id,
        rule=row.rule,
        time=row.time,
        merged_at=row.merged_at,
        source_id=row.source_id,
        key=row.key,
        identifiers=[(kind, value, UUID(owner) if owner else None) for kind, value, owner in row.identifiers],
        moved=[(kind, value) for kind, value in row.moved],
        person=row.person,
        reason=row.reason,
        undone=row.undone,
    )


def _current(workspace_id: int, customer_id: UUID) -> Customer:
    row = Customer.objects.filter(workspace_id=workspace_id, id=customer_id).defer("words").first()
    if row is not None and row.merged_into is not None:
        row = Customer.objects.filter(workspace_id=workspace_id, id=row.merged_into).defer("words").first()
    if row is None:
        raise NotFound("There is no such customer here.")
    return row


def _traits(row: Customer) -> list[contracts.Trait]:
    found = []
    for name, value in sorted(row.traits.items()):
        time, source, _ = row.origins.get(name, (row.created_at, 0, ""))
        found.append(contracts.Trait(name=name, value=hidden(value), time=time, source_id=source))
    return found
