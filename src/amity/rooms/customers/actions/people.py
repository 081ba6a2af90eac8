"""What people decide about identity: that customers are one person, or that two are never to be joined."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from amity.facts.customers import CUSTOMERS_MERGED, CustomersMerged
from amity.kernel.clock import now_ms
from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.ids import new_id
from amity.rooms.collection import api as collection
from amity.rooms.customers.actions.load import apart_from, lock, members_of, profiles_of
from amity.rooms.customers.actions.moved import tell_past
from amity.rooms.customers.actions.save import save
from amity.rooms.customers.contracts import Conflict, Incoming
from amity.rooms.customers.models import Apart
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.rules import activity as activities
from amity.rooms.customers.rules.consent import storable
from amity.rooms.customers.rules.identity import Decided, Graph, Joined, unite
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

PERMISSION = "identity.write"
LONGEST_REASON = 500
MOST_AT_ONCE = 100


def merge_customers(access: Access, *, customer_ids: Sequence[UUID], reason: str, request: HttpRequest | None = None) -> UUID:
    """Make customers one because a person says so, whatever the limits, and return the one that they are now: the oldest.

    The newest decision of a person counts: that some of them were to be kept apart is forgotten. Sessions and edges follow
    by themselves. Raises Forbidden without `identity.write`, NotFound for no customer of the workspace, Invalid where there
    aren't two, Conflict where a worker was at one of them: call again.
    """
    by = decided(access, reason)
    if len(customer_ids) > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE} customers can be joined at once.")
    with transaction.atomic():
        into, *olds = sorted({get_customer(workspace_id=access.workspace_id, customer_id=one).id for one in customer_ids})
        if not olds:
            raise Invalid("These are one customer already.")
        _unite(access.workspace_id, into, olds, by)
        fact = CustomersMerged(customer_id=str(into), merged_ids=[str(one) for one in olds], rule="people", by=by.person)
        _tell(access, CUSTOMERS_MERGED, msgspec.to_builtins(fact), into)
        trust.record(
            access,
            action="customers.merged",
            target=f"customer:{into}",
            after={"merged": [str(one) for one in olds], "reason": by.reason},
            request=request,
        )
    return into


def keep_apart(access: Access, *, first_id: UUID, second_id: UUID, reason: str, request: HttpRequest | None = None) -> int:
    """Let no evidence join two customers from now on, and return the rule's id. Saying it twice is saying it once.

    Raises Forbidden without `identity.write`, NotFound for no customer of the workspace, Invalid where they are one.
    """
    by = decided(access, reason)
    with transaction.atomic():
        wanted = {get_customer(workspace_id=access.workspace_id, customer_id=one).id for one in (first_id, second_id)}
        if len(wanted) != 2:
            raise Invalid("These are one customer. Take their join back first.")
        first, second = sorted(wanted)
        lock((first, second))
        if second in apart_from([first]).get(first, ()):
            return int(Apart.objects.filter(_between([first, second])).values_list("pk", flat=True)[0])
        row = Apart.objects.create(
            workspace_id=access.workspace_id, first_id=first, second_id=second, first_now=first, second_now=second,
            person=by.person, person_id=by.person_id, reason=by.reason, made_at=now_ms(),
        )  # fmt: skip
        trust.record(
            access,
            action="customers.kept_apart",
            target=f"customer:{first}",
            after={"other": str(second), "reason": by.reason},
            request=request,
        )
    return int(row.pk)


def decided(access: Access, reason: str) -> Decided:
    """Return who decides and why. Raises Forbidden without `identity.write`, Invalid for a reason that is too long."""
    if not access.can(PERMISSION):
        raise Forbidden(f"Deciding who is who needs the permission {PERMISSION}.")
    why = storable_text(reason).strip()
    if len(why) > LONGEST_REASON:
        raise Invalid(f"Shorten the reason to {LONGEST_REASON} characters.")
    return Decided(access.actor.name, access.actor.id, why)


def _unite(workspace: int, into: UUID, olds: Sequence[UUID], by: Decided) -> None:
    everyone = [into, *olds]
    activity, profile = lock(everyone), profiles_of(everyone)
    if any(profile[one].workspace != workspace for one in everyone):
        raise Conflict("One of them is not of this workspace.")
    graph = Graph(members=members_of(everyone))
    joined, kept = [], {}
    for old in olds:
        moved = unite(graph, old, into)
        answers, traits = activities.join(activity[into], activity[old]), profile[into].join(profile[old])
        kept[old, into] = {"traits": traits, "consent": storable(answers)}
        joined.append(_joined(workspace, old, into, [(place.kind, place.value) for place in moved], by))
    Apart.objects.filter(_between(everyone)).delete()
    merges = save(graph=graph, activity=activity, profile=profile, spoken={into}, joined=joined, kept=kept, left_out={})
    tell_past(merges, token=f"people-{joined[0].cause.key}")


def _joined(workspace: int, old: UUID, into: UUID, moved: list[tuple[str, str]], by: Decided) -> Joined:
    now = now_ms()
    cause = Incoming(workspace=workspace, source=0, key=new_id(), kind="track", time=now, received_at=now)
    return Joined(workspace=workspace, old=old, into=into, cause=cause, seen=(), moved=tuple(moved), by=by)


def _between(customers: Sequence[UUID]) -> Q:
    return Q(first_now__in=customers, second_now__in=customers)


def _tell(access: Access, name: str, properties: dict[str, object], customer: UUID) -> None:
    collection.record_fact(
        workspace_id=access.workspace_id,
        message_id=f"identity-{new_id()}",
        name=name,
        properties=properties,
        customer_id=customer,
        channel="console",
        voice="ours",
    )
