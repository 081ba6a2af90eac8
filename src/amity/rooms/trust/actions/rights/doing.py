"""Carry out what is asked besides a copy: restriction and its end, refusal of sale, correction, erasure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Invalid
from amity.kernel.holdings import Subject, keeper, resolver
from amity.rooms.trust.actions.erasure.begin import begin_erasure
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.actions.rights.requests import held, note_step, sure_of
from amity.rooms.trust.actions.rights.sealed import open_identifiers
from amity.rooms.trust.contracts import SYSTEM, Access, Actor
from amity.rooms.trust.models import Erasure, RightsRequest
from amity.rooms.trust.queries.rights import subject_of


def restrict(access: Access, *, request_id: UUID, request: HttpRequest | None = None) -> int:
    """Let the person's data be kept but not used; returns of how many customer ids that is new.

    Raises Forbidden, NotFound, Invalid: of another kind, unconfirmed, or of nobody here.
    """
    return _do(access, request_id, "restriction", "restricted", keeper().restrict, request=request)


def release(access: Access, *, request_id: UUID, request: HttpRequest | None = None) -> int:
    """Lift a restriction, also of a request that is done; returns how many ended. The person is to be told before (Art. 18(3))."""
    return _do(access, request_id, "restriction", "released", keeper().release, request=request, ended=True)


def opt_out(access: Access, *, request_id: UUID, request: HttpRequest | None = None) -> int:
    """Record that the person refuses the sale and sharing of their data; returns for how many customers."""
    return _do(access, request_id, "opt_out", "opted_out", keeper().refuse_sale, request=request)


def correct(access: Access, *, request_id: UUID, name: str, value: Any, request: HttpRequest | None = None) -> None:
    """Let a trait be another value from now on; None empties it. The audit log tells which, never the values."""

    def act(subject: Subject, **by: Any) -> int:
        keeper().correct(subject, name=name, value=value, **by)
        return 1

    _do(access, request_id, "rectification", "corrected", act, request=request, note=name)


def erase(access: Access, *, request_id: UUID, request: HttpRequest | None = None) -> list[UUID]:
    """Begin to erase everybody whom the request's identifiers name, and return the erasures. Nothing calls them back.

    They empty the request, too: afterwards nothing here tells who it was about or how to reach them. Raises Forbidden, NotFound,
    Invalid.
    """
    with transaction.atomic():
        row = held(access, request_id)
        if row.kind != "erasure":
            raise Invalid("That is not what this request asks for.")
        sure_of(row)
        if row.erasures:
            raise Invalid("The erasure has begun already.")
        made = begin_erasures(row, access.actor, reason=f"Data request {row.pk}", request=request)
        record(
            access, action="rights.erasure_begun", target=f"rights:{row.pk}", request=request, after={"erasures": row.erasures}
        )
    return made


def begin_erasures(row: RightsRequest, by: Actor, *, reason: str, request: HttpRequest | None = None) -> list[UUID]:
    """Begin to erase whom a request's identifiers name, in the caller's transaction; who may is the caller's to know."""
    made: list[UUID] = []
    done = Subject(workspace_id=row.workspace_id)
    for kind, value in open_identifiers(row.subject):
        subject = resolver().find_subject(workspace_id=row.workspace_id, kind=kind, value=value)
        if done.union(subject) == done:
            continue
        done = done.union(subject)
        made.append(
            begin_erasure(
                by, kind=kind, value=value, reason=reason, workspace_id=row.workspace_id, request_id=None if made else row.pk,
                request=request,
            )
        )  # fmt: skip
    row.erasures = [str(one) for one in made]
    row.save(update_fields=["erasures"])
    note_step(row, "erasure_begun", by)
    return made


def finish_erased() -> int:
    """End the requests for erasure of which every erasure is done, and return how many those were."""
    ended = 0
    for row in RightsRequest.objects.filter(kind="erasure", state="open").exclude(erasures=[]):
        if Erasure.objects.filter(pk__in=row.erasures, finished_at=None).exists():
            continue
        with transaction.atomic():
            now = timezone.now()
            if not RightsRequest.objects.filter(pk=row.pk, state="open").update(state="done", finished_at=now):
                continue
            note_step(row, "erased", SYSTEM)
            record(
                SYSTEM, action="rights.done", target=f"rights:{row.pk}", workspace_id=row.workspace_id, after={"kind": row.kind}
            )
        ended += 1
    return ended


def _do(  # noqa: PLR0913  each says what is done
    access: Access,
    request_id: UUID,
    kind: str,
    what: str,
    act: Callable[..., int],
    *,
    request: HttpRequest | None,
    note: str = "",
    ended: bool = False,
) -> int:
    with transaction.atomic():
        row: RightsRequest = held(access, request_id, ended=ended)
        if row.kind != kind:
            raise Invalid("That is not what this request asks for.")
        sure_of(row)
        subject = subject_of(row)
        if not subject.customer_ids:
            raise Invalid("Nobody here has that identifier, so there is nothing to do. Close the request with that answer.")
        by = access.actor
        number = act(subject, by=by.name, by_id=by.id, request=str(row.pk))
        note_step(row, what, by, note)
        record(
            access, action=f"rights.{what}", target=f"rights:{row.pk}", request=request,
            after={"customers": [str(one) for one in subject.customer_ids], "trait": note[:100] or None},
        )  # fmt: skip
    return number
