"""Carry out what is asked besides a copy: restriction and its end, refusal of sale, correction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.errors import Invalid
from amity.kernel.holdings import Subject, keeper
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.actions.rights.requests import held, note_step, sure_of
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import RightsRequest
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
