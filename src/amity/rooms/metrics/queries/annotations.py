"""What happened when, as the present holds it."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Coalesce

from amity.kernel.errors import NotFound
from amity.rooms.metrics.models import Annotation

MOST_ON_A_CHART = 40


def accessible_annotation(*, workspace_id: int, annotation_id: int) -> Annotation:
    """Return an annotation of a workspace. Raises NotFound."""
    found = Annotation.objects.filter(workspace_id=workspace_id, pk=annotation_id).first()
    if found is None:
        raise NotFound("There is no such annotation here.")
    return found


def list_annotations(  # noqa: PLR0913  one argument for each part
    *, workspace_id: int, first: int | None = None, last: int | None = None, kind: str = "", text: str = "", limit: int = 500
) -> list[Annotation]:  # fmt: skip
    """Return annotations, the newest first; those that touch a time (ms), of a kind, with a text, where asked."""
    found = Annotation.objects.filter(workspace_id=workspace_id)
    if first is not None:
        found = found.annotate(end=Coalesce(F("last"), F("first"))).filter(end__gte=first)
    if last is not None:
        found = found.filter(first__lte=last)
    if kind:
        found = found.filter(kind=kind)
    if text:
        found = found.filter(text__icontains=text)
    return list(found.order_by("-first", "-pk")[:limit])
