"""Let somebody back who was kept out: a customer returns, with a consent of now."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.holdings import resolver
from amity.rooms.trust.actions.erasure.begin import PERMISSION, checked_reason
from amity.rooms.trust.actions.erasure.remembering import remember_suppression
from amity.rooms.trust.actions.erasure.subjects import names_of
from amity.rooms.trust.actions.erasure.suppress import Hashed, hashes_of, lift
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.contracts import Access, Actor
from amity.rooms.trust.models import Erasure, Suppression
from amity.rooms.trust.rules.erasure.states import hint_of

_GOES_ON = "This erasure still goes on. Whoever was erased can be let back once it is done."


def let_back(  # noqa: PLR0913
    who: Access | Actor,
    *,
    reason: str,
    erasure_id: UUID | None = None,
    kind: str = "",
    value: str = "",
    before: int | None = None,
    workspace_id: int | None = None,
    request: HttpRequest | None = None,
) -> int:
    """Take what happens from now on (or from `before`, ms) of somebody again; return how many identifiers those were.

    By an erasure: everything that it kept out; by an identifier: it, with everything that was kept out together with it. What happened before stays out, in replays and imports too: it
    was erased. Raises Forbidden, Invalid, NotFound where nobody is kept out by that, or while the erasure still goes on.
    """
    workspace = who.workspace_id if isinstance(who, Access) else workspace_id
    if workspace is None:
        raise Invalid("Say in which workspace.")
    if isinstance(who, Access) and not who.can(PERMISSION):
        raise Forbidden("You may not let erased customers back.")
    instant = now_ms() if before is None else before
    if erasure_id is not None:
        hashes, target, told = _of_erasure(workspace, erasure_id)
        reason = checked_reason(reason, ())
    else:
        hashes, target, told = _of_identifier(workspace, kind, value)
        reason = checked_reason(reason, [value])
    with transaction.atomic():
        number = lift(workspace_id=workspace, before=instant, hashes=hashes)
        if not number:
            raise NotFound("Nobody is kept out by that.")
        record(who, action="erasure.let_back", target=target, after={"of": told, "reason": reason, "identifiers": number},
               request=request, workspace_id=workspace)  # fmt: skip
    remember_suppression(workspace_id=workspace, hashes=hashes, before=instant)
    return number


def _of_identifier(workspace: int, kind: str, value: str) -> tuple[list[Hashed], str, str]:
    subject = resolver().find_subject(workspace_id=workspace, kind=kind, value=value)
    hashes = hashes_of(workspace, names_of(subject))
    rows = Suppression.objects.filter(workspace_id=workspace).exclude(kind="")
    asked = rows.filter(hash__in=[one for _, one in hashes])
    erasures = {one for one in asked.values_list("erasure_id", flat=True) if one is not None}
    if Erasure.objects.filter(pk__in=erasures, finished_at=None).exists():
        raise Invalid(_GOES_ON)
    together = rows.filter(erasure_id__in=erasures).values_list("kind", "hash")
    target = f"erasure:{min(erasures)}" if erasures else "suppression"
    return sorted({*hashes, *together}), target, hint_of(kind.strip().lower(), value)


def _of_erasure(workspace: int, erasure_id: UUID) -> tuple[list[Hashed], str, str]:
    run = Erasure.objects.filter(pk=erasure_id, workspace_id=workspace).first()
    if run is None:
        raise NotFound("There is no such erasure.")
    if run.finished_at is None:
        raise Invalid(_GOES_ON)
    rows = Suppression.objects.filter(workspace_id=workspace, erasure_id=erasure_id).exclude(kind="")
    return list(rows.values_list("kind", "hash")), f"erasure:{erasure_id}", run.hint
