"""Segment's regulations: asked for in one call, worked id by id by the leading worker, so that thousands need no long request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress as forgive
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.holdings import resolver
from amity.rooms.trust.actions.erasure.let_back import let_back
from amity.rooms.trust.actions.erasure.remembering import remember_suppression
from amity.rooms.trust.actions.erasure.suppress import hashes_of, suppress
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.actions.rights.doing import begin_erasures
from amity.rooms.trust.actions.rights.requests import CARRY_OUT, is_plain, take_down
from amity.rooms.trust.actions.rights.sealed import sealed, unsealed
from amity.rooms.trust.contracts import SYSTEM, Access, Actor
from amity.rooms.trust.models import Regulation, RightsRequest
from amity.rooms.trust.queries.regulations import accessible_regulation
from amity.rooms.trust.rules.regulations import MOST_SUBJECTS, TYPES
from amity.rooms.trust.rules.rights import ENDED

USER_ID = "user_id"
_AT_ONCE = 10
_OPEN_AT_ONCE = 20


def regulate(access: Access, *, kind: str, subjects: Sequence[str], request: HttpRequest | None = None) -> Regulation:
    """Ask for user ids to be erased, kept out, or taken on again; a worker does it, id by id.

    Raises Forbidden without `rights.write`, Invalid for what is no type or no id.
    """
    if not access.can(CARRY_OUT):
        raise Forbidden(f"Regulations need the permission {CARRY_OUT}.")
    if kind not in TYPES:
        raise Invalid(f"{kind!r} is not supported; there are {', '.join(TYPES)}.")
    ids = list(dict.fromkeys(one.strip() for one in subjects))
    if not 0 < len(ids) <= MOST_SUBJECTS:
        raise Invalid(f"A regulation names between 1 and {MOST_SUBJECTS:,} subjects.")
    if not all(one and len(one) <= 300 and is_plain(one) for one in ids):
        raise Invalid("A subject's id has 1 to 300 characters, none of them a control character.")
    with transaction.atomic():
        row = Regulation.objects.create(
            workspace_id=access.workspace_id,
            kind=kind,
            subjects=sealed(json.dumps(ids)),
            total=len(ids),
            left=len(ids),
            asked_at=timezone.now(),
            asked_by=access.actor.name[:254],
            asked_by_id=access.actor.id[:64],
            asked_by_kind=access.actor.kind,
        )
        record(
            access, action="rights.regulated", target=f"regulation:{row.pk}", request=request,
            after={"type": kind, "subjects": len(ids)},
        )  # fmt: skip
    return row


def call_off(access: Access, *, regulation_id: UUID, request: HttpRequest | None = None) -> None:
    """Delete a regulation for which nothing is begun yet. Raises Forbidden, NotFound, Invalid for one that has begun."""
    if not access.can(CARRY_OUT):
        raise Forbidden(f"Regulations need the permission {CARRY_OUT}.")
    accessible_regulation(access.workspace_id, regulation_id)
    with transaction.atomic():
        row = Regulation.objects.select_for_update().get(pk=regulation_id)
        if row.left != row.total or row.finished_at is not None:
            raise Invalid("This regulation has begun: it can’t be deleted any more.")
        row.delete()
        record(access, action="rights.regulation_deleted", target=f"regulation:{regulation_id}", request=request)


def work_regulations() -> bool:
    """Take every regulation that goes on a few ids further, oldest first; whether there was any id to work."""
    moved = False
    for row in Regulation.objects.filter(finished_at=None).order_by("asked_at")[:_OPEN_AT_ONCE]:
        if row.left:
            _work_some(row)
            moved = True
        else:
            _finish(row)
    return moved


def subjects_left(row: Regulation) -> list[str]:
    """Return the ids for which nothing is begun yet."""
    return [str(one) for one in json.loads(unsealed(row.subjects) or "[]")]


def leave_out(row: Regulation, ids: set[str]) -> None:
    """Forget ids of somebody who is erased otherwise."""
    with transaction.atomic():
        held = Regulation.objects.select_for_update().get(pk=row.pk)
        _keep(held, [one for one in subjects_left(held) if one not in ids])


def _work_some(row: Regulation) -> None:
    for _ in range(_AT_ONCE):
        ids = subjects_left(row)
        if not ids:
            return
        what = TYPES[row.kind]
        if what.erases:
            with transaction.atomic():
                row = Regulation.objects.select_for_update().get(pk=row.pk)
                ids = subjects_left(row)
                _erase(row, ids[0])
                _keep(row, ids[1:])
            continue
        # Both may be done twice: a crash before the id is struck off only means that it is done again.
        if what.keeps_out:
            _keep_out(row, ids[0])
        else:
            with forgive(NotFound):  # nobody is kept out by that id
                let_back(_asker(row), kind=USER_ID, value=ids[0], reason=_why(row), workspace_id=row.workspace_id)
        _keep(row, ids[1:])


def _erase(row: Regulation, user_id: str) -> None:
    asker = _asker(row)
    made = take_down(
        asker, workspace_id=row.workspace_id, kind="erasure", identifiers=[(USER_ID, user_id)], via="segment",
        verified_how=f"By the caller of the regulation, {row.asked_by}", batch=row.pk.hex,
    )  # fmt: skip
    begin_erasures(made, asker, reason=_why(row))


def _keep_out(row: Regulation, user_id: str) -> None:
    spelled = resolver().spell(workspace_id=row.workspace_id, kind=USER_ID, value=user_id)
    hashes = hashes_of(row.workspace_id, [spelled])
    with transaction.atomic():
        suppress(workspace_id=row.workspace_id, hashes=hashes)
        remember_suppression(workspace_id=row.workspace_id, hashes=hashes)


def _finish(row: Regulation) -> None:
    requests = RightsRequest.objects.filter(workspace_id=row.workspace_id, batch=row.pk.hex)
    if requests.exclude(state__in=ENDED).exists():
        return
    what = TYPES[row.kind]
    if what.erases and not what.keeps_out:  # what they do from now on is taken again
        for erasures in requests.values_list("erasures", flat=True):
            for one in erasures:
                with forgive(NotFound):
                    let_back(SYSTEM, erasure_id=UUID(one), reason=_why(row), workspace_id=row.workspace_id)
    Regulation.objects.filter(pk=row.pk).update(finished_at=timezone.now())


def _keep(row: Regulation, ids: Sequence[str]) -> None:
    row.subjects, row.left = sealed(json.dumps(list(ids))) if ids else "", len(ids)
    row.save(update_fields=["subjects", "left"])


def _asker(row: Regulation) -> Actor:
    return Actor(kind="token" if row.asked_by_kind == "token" else "person", id=row.asked_by_id, name=row.asked_by)


def _why(row: Regulation) -> str:
    return f"Regulation {row.pk}"
