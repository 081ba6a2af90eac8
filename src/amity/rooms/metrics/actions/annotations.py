"""What people and programs do to annotations: write down what happened when, change it, take it out."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.metrics.actions.metrics import tidy
from amity.rooms.metrics.models import Annotation
from amity.rooms.metrics.queries.annotations import accessible_annotation
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

KINDS = ("release", "incident", "campaign", "other")
LONGEST_TEXT = 300
_LATEST = 4_102_444_800_000  # 2100


def save_annotation(  # noqa: PLR0913  one argument for each part
    access: Access, *, kind: str, text: str, first: int, last: int | None = None, annotation_id: int | None = None,
    request: HttpRequest | None = None,
) -> Annotation:  # fmt: skip
    """Write down what happened from `first` to `last` (ms, both included), or change that. Raises Invalid, NotFound."""
    if kind not in KINDS:
        raise Invalid(f"An annotation is one of {', '.join(KINDS)}.")
    if not 0 <= first < _LATEST or (last is not None and not first <= last < _LATEST):
        raise Invalid("An annotation ends after it begins, between 1970 and 2100.")
    now, who = now_ms(), access.actor.name[:254]
    with transaction.atomic():
        if annotation_id is None:
            one, before = Annotation(workspace_id=access.workspace_id, created_at=now, created_by=who), None
        else:
            one = accessible_annotation(workspace_id=access.workspace_id, annotation_id=annotation_id)
            before = _told(one)
        one.kind, one.text, one.first, one.last = kind, tidy(text, "An annotation needs a text", LONGEST_TEXT), first, last
        one.updated_at, one.updated_by = now, who
        one.save()
        _record(
            access,
            "annotation.changed" if before else "annotation.created",
            one,
            before=before,
            after=_told(one),
            request=request,
        )
    return one


def delete_annotation(access: Access, *, annotation_id: int, request: HttpRequest | None = None) -> None:
    """Take an annotation out."""
    one = accessible_annotation(workspace_id=access.workspace_id, annotation_id=annotation_id)
    with transaction.atomic():
        _record(access, "annotation.deleted", one, before=_told(one), request=request)
        one.delete()


def _told(one: Annotation) -> dict[str, Any]:
    return {"kind": one.kind, "text": one.text, "first": one.first, "last": one.last}


def _record(access: Access, action: str, one: Annotation, **said: Any) -> None:
    trust.record(access, action=action, target=f"annotation:{one.pk}", **said)
