"""Ask for somebody to be erased. The leading worker does it; what is asked for here survives whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.holdings import Store, Subject, holders, resolver, stores
from amity.rooms.trust.actions.erasure.subjects import close_subject, open_subject
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.contracts import Access, Actor
from amity.rooms.trust.models import Erasure, Workspace
from amity.rooms.trust.rules.erasure.states import ASKED, hint_of
from amity.rooms.trust.rules.erasure.telling import CUSTOMER_ID

PERMISSION = "rights.write"
LONGEST_REASON = 500


def begin_erasure(  # noqa: PLR0913
    who: Access | Actor,
    *,
    kind: str,
    value: str,
    reason: str,
    workspace_id: int | None = None,
    request_id: UUID | None = None,
    request: HttpRequest | None = None,
) -> UUID:
    """Ask for the customer whom an identifier names to be erased everywhere; return the erasure's id.

    `kind` is a kind of identifier, or `customer_id`. Who is nobody's customer is erased too: what was turned away or waits to be
    imported may name them, and they are kept out from then on. Asking again while it goes on, or for the same `request_id`,
    returns the same erasure. An Actor needs `workspace_id`.

    Raises Forbidden, Invalid for what can be no such identifier and for a reason that names the person, NotFound for a customer's
    id that there isn't.
    """
    workspace, subject = _whom(who, kind=kind, value=value, workspace_id=workspace_id)
    reason = checked_reason(reason, subject.values())
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=workspace)  # one after the other, so that two don't begin the same
        if (same := _same(subject, request_id)) is not None:
            return same
        actor = who.actor if isinstance(who, Access) else who
        made = Erasure.objects.create(
            workspace_id=workspace,
            request_id=request_id,
            hint=hint_of(kind.strip().lower(), value),
            subject=close_subject(subject),
            reason=reason,
            asked_by=actor.email or actor.name,
            asked_at=timezone.now(),
            state=ASKED,
        )
        record(who, action="erasure.asked", target=f"erasure:{made.pk}", after={"of": made.hint, "reason": reason},
               request=request, workspace_id=workspace)  # fmt: skip
    return made.pk


@dataclass(frozen=True, kw_only=True)
class Held:
    """What erasing somebody will find: how many customers that are one by now, how many identifiers, records of each store."""

    customers: int
    identifiers: int
    stores: tuple[tuple[Store, int], ...]

    @property
    def records(self) -> int:
        """All records together."""
        return sum(number for _, number in self.stores)


def look_at(who: Access | Actor, *, kind: str, value: str, workspace_id: int | None = None) -> Held:
    """Return what erasing the customer whom an identifier names will find. Raises as `begin_erasure` does."""
    _, subject = _whom(who, kind=kind, value=value, workspace_id=workspace_id)
    found, known = count_holdings(subject), stores()
    return Held(
        customers=len(subject.customer_ids),
        identifiers=len(subject.identifiers),
        stores=tuple((known[name], found[name]) for name in known if name in found),
    )


def count_holdings(subject: Subject) -> dict[str, int]:
    """Return how many records each store of every room holds of somebody."""
    return {store: number for holder in holders().values() for store, number in holder.find(subject).items()}


def _whom(who: Access | Actor, *, kind: str, value: str, workspace_id: int | None) -> tuple[int, Subject]:
    workspace = who.workspace_id if isinstance(who, Access) else workspace_id
    if workspace is None:
        raise Invalid("Say in which workspace.")
    if isinstance(who, Access) and not who.can(PERMISSION):
        raise Forbidden("You may not erase customers here.")
    subject = resolver().find_subject(workspace_id=workspace, kind=kind, value=value)
    if kind.strip().lower() == CUSTOMER_ID and not any(count_holdings(subject).values()):
        raise NotFound("There is no such customer.")
    return workspace, subject


def checked_reason(reason: str, names: Iterable[str]) -> str:
    """Return a reason as it is kept. Raises Invalid for none, one that is too long, and one in which one of the names stands."""
    told = " ".join(reason.split())
    if not 0 < len(told) <= LONGEST_REASON:
        raise Invalid(f"Give the reason in at most {LONGEST_REASON} characters: it stays with the receipt and in the audit log.")
    if any(len(value) >= 4 and value.casefold() in told.casefold() for value in names):
        raise Invalid("The reason names the person. It stays after they are erased, so it must not.")
    return told


def _same(subject: Subject, request_id: UUID | None) -> UUID | None:
    """Return the erasure that does this already: of the same request, or of the same person and not done yet."""
    runs = Erasure.objects.filter(workspace_id=subject.workspace_id)
    if request_id is not None:
        return runs.filter(request_id=request_id).values_list("pk", flat=True).first()
    for run in runs.filter(finished_at=None):
        theirs = open_subject(run)
        if {*subject.customer_ids} <= {*theirs.customer_ids} and {*subject.identifiers} <= {*theirs.identifiers}:
            return run.pk
    return None
