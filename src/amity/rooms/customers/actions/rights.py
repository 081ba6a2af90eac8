"""What people ask of their data, carried out where customers are: restriction, refusal of sale, correction. A Keeper of the kernel's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from amity.facts.customers import CUSTOMER_CORRECTED, CustomerCorrected
from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.kernel.holdings import Subject
from amity.kernel.ids import new_id
from amity.rooms.collection import api as collection
from amity.rooms.customers.actions.audiences.touching import touch_customers
from amity.rooms.customers.models import Customer, Restriction
from amity.rooms.customers.rules.choices.purposes import SALE_SHARE
from amity.rooms.customers.rules.traits import LONGEST_NAME, storable, storable_text

_WITHDRAWN = "Consent withdrawn"  # an answer of its own, see rules.choices.signals


def restrict(subject: Subject, *, by: str, by_id: str, request: str) -> int:
    """Let the subject's data be kept but not used; returns of how many ids that is new."""
    now = now_ms()
    with transaction.atomic():
        held = set(_in_force(subject).values_list("customer_id", flat=True))
        known = Customer.objects.filter(workspace_id=subject.workspace_id, id__in=subject.customer_ids).values_list(
            "id", flat=True
        )
        new = [
            Restriction(
                workspace_id=subject.workspace_id,
                customer_id=one,
                since=now,
                request=request,
                person=by[:254],
                person_id=by_id[:64],
            )
            for one in known
            if one not in held
        ]
        made = Restriction.objects.bulk_create(new, ignore_conflicts=True)
    _look_again(subject)
    return len(made)


def release(subject: Subject, *, by: str, by_id: str, request: str) -> int:  # noqa: ARG001  the request's steps tell who
    """Let it be used again; returns how many restrictions ended."""
    ended = _in_force(subject).update(until=now_ms())
    _look_again(subject)
    return ended


def is_restricted(subject: Subject) -> bool:
    """Whether the subject's data may not be used now."""
    return _in_force(subject).exists()


def refuse_sale(subject: Subject, *, by: str, by_id: str, request: str) -> int:  # noqa: ARG001  a history tells names
    """Record that the subject refuses the sale and sharing of their data; returns for how many customers."""
    customers = _current(subject)
    for one in customers:
        collection.record_fact(
            workspace_id=subject.workspace_id,
            message_id=f"rights-{request}-{one}",
            name=_WITHDRAWN,
            properties={
                "choices": {SALE_SHARE: False},
                "origin": "colleague",
                "person": by,
                "place": f"Data request {request}",
                "reason": "The person opted out of the sale and sharing of their data.",
            },
            customer_id=one,
            channel="console",
            voice="ours",
        )
    return len(customers)


def traits(subject: Subject) -> dict[str, Any]:
    """Return what is known of the subject by name, as it stands."""
    found: dict[str, Any] = {}
    for known in Customer.objects.filter(id__in=_current(subject)).order_by("created_at").values_list("traits", flat=True):
        found.update(known)
    return found


def correct(  # noqa: PLR0913  what, and who
    subject: Subject, *, name: str, value: Any, by: str, by_id: str, request: str
) -> None:
    """Let a trait be another value from now on; None empties it.

    It is an interaction like any other that tells a trait: it is the newest, so nothing older takes it back, no replay either;
    and its origin tells who. Raises Invalid for what can't be stored, or for nobody.
    """
    trait = storable_text(name).strip()
    if not trait or len(trait) > LONGEST_NAME:
        raise Invalid(f"Name the trait, in at most {LONGEST_NAME} characters.")
    kept, reason = storable(value)
    if reason:
        raise Invalid("That value is too long or too deep to be kept.")
    customers = _current(subject)
    if not customers:
        raise Invalid("Nobody here has that identifier, so there is nothing to correct.")
    fact = CustomerCorrected(traits=[trait], by=by, by_id=by_id, request=request)
    for one in customers:
        collection.record_fact(
            workspace_id=subject.workspace_id,
            message_id=f"correction-{new_id()}",
            name=CUSTOMER_CORRECTED,
            properties=msgspec.to_builtins(fact),
            customer_id=one,
            channel="console",
            voice="ours",
            traits={trait: kept},
        )


def _in_force(subject: Subject) -> QuerySet[Restriction]:
    return Restriction.objects.filter(workspace_id=subject.workspace_id, customer_id__in=subject.customer_ids, until__isnull=True)


def _current(subject: Subject) -> list[UUID]:
    """Return the customers of today; more than one where the subject's identifiers are of several."""
    rows = Customer.objects.filter(workspace_id=subject.workspace_id, id__in=subject.customer_ids, merged_into__isnull=True)
    return list(rows.order_by("created_at").values_list("id", flat=True))


def _look_again(subject: Subject) -> None:
    touch_customers(workspace_id=subject.workspace_id, customer_ids=_current(subject))
