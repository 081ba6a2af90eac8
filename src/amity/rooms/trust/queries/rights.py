"""Requests of people about their data: found, listed, and whom each is about."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.kernel.holdings import Subject, holders, resolver, stores
from amity.rooms.trust.actions.rights.sealed import name_of, open_identifiers
from amity.rooms.trust.models import Erasure, RightsRequest, RightsSetting, Workspace
from amity.rooms.trust.rules.rights import ENDED, KINDS, SOON, STATES, urgency

CUSTOMER_ID = "customer_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How much one store holds of somebody."""

    store: str
    title: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which requests to list: `state` may be `open_ones`, `overdue`, `soon` or one of STATES; empty lets everything through."""

    state: str = ""
    kind: str = ""
    identifier: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of requests; `next` gets the page after it, empty at the end."""

    rows: list[RightsRequest]
    next: str


def accessible_request(workspace_id: int, request_id: UUID) -> RightsRequest:
    """Return a request of the workspace. Raises NotFound."""
    found = RightsRequest.objects.filter(workspace_id=workspace_id, pk=request_id).select_related("archive").first()
    if found is None:
        raise NotFound("There is no such request.")
    return found


def get_by_outside_id(workspace_id: int, outside_id: str, *, via: str) -> RightsRequest:
    """Return a request by the id that its sender gave it. Raises NotFound."""
    rows = RightsRequest.objects.filter(workspace_id=workspace_id, outside_id=outside_id, via=via)
    found = rows.select_related("archive").order_by("received_at").first()
    if found is None:
        raise NotFound("There is no such request.")
    return found


def setting_of(workspace_id: int) -> RightsSetting:
    """Return how a workspace takes requests; the defaults where it chose nothing."""
    return RightsSetting.objects.filter(pk=workspace_id).first() or RightsSetting(workspace_id=workspace_id)


def find_form(slug: str) -> RightsSetting | None:
    """Return the setting of a workspace whose public form is open; None for every other one."""
    return RightsSetting.objects.select_related("workspace").filter(workspace__slug=slug, form_open=True).first()


def list_requests(*, workspace_id: int, wanted: Wanted, after: str = "", limit: int = 50) -> Page:
    """Return requests, soonest due first; where ended ones are among them, the latest first. Raises Invalid for no cursor of ours."""
    rows = _chosen(workspace_id, wanted)
    if wanted.state in {"", *ENDED}:
        rows, forward = rows.order_by("-due_at", "-id"), "lt"
    else:
        rows, forward = rows.order_by("due_at", "id"), "gt"
    if after:
        due, pk = _read(after)
        rows = rows.filter(Q(**{f"due_at__{forward}": due}) | Q(**{"due_at": due, f"id__{forward}": pk}))
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return Page(rows=found[:limit], next=_cursor(found[limit - 1]) if more else "")


def counts_of(workspace_id: int) -> dict[str, int]:
    """Return how many requests are in hand, overdue, and due soon."""
    rows = RightsRequest.objects.filter(workspace_id=workspace_id).exclude(state__in=ENDED)
    now = timezone.now()
    return {
        "open_ones": rows.count(),
        "overdue": rows.filter(due_at__lt=now).count(),
        "soon": rows.filter(due_at__gte=now, due_at__lte=now + SOON).count(),
    }


def subject_of(request: RightsRequest) -> Subject:
    """Return whom a request is about as of now: everybody whom one of its identifiers names."""
    subject = Subject(workspace_id=request.workspace_id)
    for kind, value in open_identifiers(request.subject):
        subject = subject.union(resolver().find_subject(workspace_id=request.workspace_id, kind=kind, value=value))
    return subject


def customer_of(subject: Subject) -> UUID | None:
    """Return the id by which a page of the customer opens: the oldest, which merged ids lead on from."""
    return min(subject.customer_ids, default=None)


def holdings_of(subject: Subject) -> tuple[list[Held], str]:
    """Return what each store holds of somebody, and what could not be counted, in words."""
    known, found, trouble = stores(), [], ""
    for holder in holders().values():
        try:
            counted: Mapping[str, int] = holder.find(subject)
        except AmityError as error:
            trouble = error.message
            continue
        found += [Held(store=name, title=known[name].title, number=number) for name, number in counted.items()]
    return [one for one in found if one.number], trouble


def erasures_of(row: RightsRequest) -> list[Erasure]:
    """Return the erasures that a request began."""
    return (
        list(Erasure.objects.filter(workspace_id=row.workspace_id, pk__in=row.erasures).order_by("asked_at"))
        if row.erasures
        else []
    )


def names_of(subject: Subject) -> list[str]:
    """Return the keyed hashes under which requests of a subject stand."""
    named = [*subject.identifiers, *((CUSTOMER_ID, str(one)) for one in subject.customer_ids)]
    return [name_of(subject.workspace_id, one) for one in named]


def requests_of(subject: Subject) -> QuerySet[RightsRequest]:
    """Return the requests that named one of the subject's identifiers or ids."""
    names = names_of(subject)
    rows = RightsRequest.objects.filter(workspace_id=subject.workspace_id)
    return rows.filter(names__has_any_keys=names) if names else rows.none()


def is_urgent(row: RightsRequest, now: datetime) -> str:
    """Return `overdue`, `soon` or nothing."""
    return urgency(row.state, row.due_at, now)


def workspace_name(workspace_id: int) -> str:
    """Return what a workspace is called."""
    return str(Workspace.objects.values_list("name", flat=True).get(pk=workspace_id))


def _chosen(workspace_id: int, wanted: Wanted) -> QuerySet[RightsRequest]:
    rows: QuerySet[RightsRequest] = RightsRequest.objects.filter(workspace_id=workspace_id).select_related("archive")
    if wanted.identifier is not None:
        kind, value = wanted.identifier
        subject = resolver().find_subject(workspace_id=workspace_id, kind=kind, value=value)
        rows = rows.filter(names__has_any_keys=names_of(subject)) if names_of(subject) else rows.none()
    if wanted.kind in KINDS:
        rows = rows.filter(kind=wanted.kind)
    now: Any = timezone.now()
    if wanted.state in STATES:
        return rows.filter(state=wanted.state)
    if wanted.state == "overdue":
        return rows.exclude(state__in=ENDED).filter(due_at__lt=now)
    if wanted.state == "soon":
        return rows.exclude(state__in=ENDED).filter(due_at__gte=now, due_at__lte=now + SOON)
    return rows.exclude(state__in=ENDED) if wanted.state == "open_ones" else rows


def _cursor(row: RightsRequest) -> str:
    return base64.urlsafe_b64encode(f"{row.due_at.isoformat()} {row.pk}".encode()).decode()


def _read(text: str) -> tuple[datetime, UUID]:
    try:
        due, _, pk = base64.b64decode(text.encode(), altchars=b"-_", validate=True).decode().rpartition(" ")
        instant = datetime.fromisoformat(due)
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC), UUID(pk)
    except (ValueError, binascii.Error, UnicodeError):
        raise Invalid("That is no place in this list; begin anew without `after`.") from None
