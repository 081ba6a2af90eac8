"""Requests that another system of the company passes on, in the terms of OpenDSR 2.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.actions.rights.archives import GIVEN, ask_archive
from amity.rooms.trust.actions.rights.doing import erase
from amity.rooms.trust.actions.rights.requests import CARRY_OUT, ENTER, close, enter
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import RightsArchive, RightsRequest, Workspace
from amity.rooms.trust.queries.rights import accessible_request, get_by_outside_id
from amity.rooms.trust.rules.rights import ENDED

Told = Literal["pending", "in_progress", "completed", "cancelled"]
TYPES = ("access", "portability", "erasure")
# The specification's types of identities, and the kinds of identifiers that they are here.
IDENTITIES: Mapping[str, str] = {
    "email": "email",
    "controller_customer_id": "user_id",
    "android_advertising_id": "advertising_id",
    "ios_advertising_id": "advertising_id",
    "fire_advertising_id": "advertising_id",
    "microsoft_advertising_id": "advertising_id",
    "roku_advertising_id": "advertising_id",
    "android_id": "device_id",
    "ios_vendor_id": "device_id",
}


def pass_on(  # noqa: PLR0913  each is a property of the specification's request
    access: Access,
    *,
    subject_request_id: UUID,
    kind: str,
    law: str,
    identities: Sequence[tuple[str, str]],
    submitted: datetime,
    request: HttpRequest | None = None,
) -> RightsRequest:
    """Take a request from a controller's system, which has made sure of the person; carry it out where the caller may.

    The same id again returns the same request. Raises Forbidden, Invalid for an identity of a type that isn't supported, or an id
    that was another request's.
    """
    unknown = sorted({name for name, _ in identities} - IDENTITIES.keys())
    if unknown:
        raise Invalid(f"Identities of the type {', '.join(unknown)} aren't supported; see /discovery.")
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=access.workspace_id)  # so that a repeat at the same time finds the first
        try:
            same = get_by_outside_id(access.workspace_id, str(subject_request_id), via="opendsr")
        except NotFound:
            pass
        else:
            if same.kind != kind:
                raise Invalid("There is another request with that subject_request_id.")
            return same
        row = enter(
            access,
            kind=kind,
            identifiers=[(IDENTITIES[name], value) for name, value in identities],
            law=law,
            via="opendsr",
            verified_how=f"By the controller that passed it on, {access.actor.name}",
            received_at=submitted,
            outside_id=str(subject_request_id),
            request=request,
        )
        if access.can(CARRY_OUT):
            if kind in GIVEN:
                ask_archive(access, request_id=row.pk, request=request)
            else:
                erase(access, request_id=row.pk, request=request)
    return row


def status_of(row: RightsRequest) -> Told:
    """Return how a request stands, in the specification's words. A refused one is cancelled, for want of a word."""
    if row.state in ENDED:
        return "completed" if row.state == "done" else "cancelled"
    return "in_progress" if _has_begun(row) else "pending"


def withdraw(access: Access, *, request_id: UUID, request: HttpRequest | None = None) -> None:
    """Cancel a request that nobody has begun to carry out. Raises Forbidden, NotFound, Invalid for any other."""
    if not access.can(ENTER):
        raise Forbidden(f"Cancelling requests needs the permission {ENTER}.")
    accessible_request(access.workspace_id, request_id)
    with transaction.atomic():
        row = RightsRequest.objects.select_for_update().get(pk=request_id)
        if row.state in ENDED or _has_begun(row):
            raise Invalid(f"Only a pending request can be cancelled; this one is {status_of(row)}.")
        close(row, "cancelled", access.actor, "Cancelled by the controller")
        record(access, action="rights.cancelled", target=f"rights:{row.pk}", request=request, after={"kind": row.kind})


def _has_begun(row: RightsRequest) -> bool:
    return bool(row.erasures) or RightsArchive.objects.filter(request=row).exists()
