"""Annotations as JSON, below `/api/v1/annotations`: a pipeline that releases says so with one POST."""

# Annotations are real here, not text, because ninja reads them.
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms, to_ms
from amity.rooms.metrics.actions.annotations import delete_annotation, save_annotation
from amity.rooms.metrics.models import Annotation
from amity.rooms.metrics.queries.annotations import accessible_annotation, list_annotations
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["annotations"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}
Kind = Literal["release", "incident", "campaign", "other"]


class AnnotationOut(Schema):
    """What happened when. `last` is null for what happened at once."""

    id: int
    kind: Kind
    text: str
    first: datetime
    last: datetime | None
    created_by: str


class AnnotationsOut(Schema):
    """Annotations, the newest first."""

    annotations: list[AnnotationOut]


class AnnotationIn(Schema):
    """What happened. A time without a zone is UTC."""

    kind: Kind
    text: Annotated[str, Field(min_length=1, max_length=300)]
    first: datetime
    last: datetime | None = None


class AnnotationsQuery(Schema):
    """Which annotations."""

    kind: Literal["", "release", "incident", "campaign", "other"] = ""


@router.get("", response={200: AnnotationsOut, **_READ}, summary="List annotations")
@requires("metrics.read")
def get_annotations(request: HttpRequest, wanted: Annotated[AnnotationsQuery, Query()]) -> AnnotationsOut:
    """Return what happened when, the newest 500."""
    found = list_annotations(workspace_id=_access(request).workspace_id, kind=wanted.kind)
    return AnnotationsOut(annotations=[_annotation(one) for one in found])


@router.post("", response={201: AnnotationOut, **_READ}, summary="Write an annotation")
@requires("metrics.write")
def post_annotation(request: HttpRequest, given: AnnotationIn) -> Status[AnnotationOut]:
    """Write down what happened; it stands on the charts of that time."""
    return Status(201, _annotation(_saved(request, given)))


@router.put("/{annotation_id}", response={200: AnnotationOut, **_READ}, summary="Change an annotation")
@requires("metrics.write")
def put_annotation(request: HttpRequest, annotation_id: int, given: AnnotationIn) -> AnnotationOut:
    """Write an annotation anew."""
    one = accessible_annotation(workspace_id=_access(request).workspace_id, annotation_id=_id(annotation_id))
    return _annotation(_saved(request, given, one.pk))


@router.delete("/{annotation_id}", response={204: None, **_READ}, summary="Take an annotation out")
@requires("metrics.write")
def remove_annotation(request: HttpRequest, annotation_id: int) -> Status[None]:
    """Take an annotation off the charts."""
    delete_annotation(_access(request), annotation_id=_id(annotation_id), request=request)
    return Status(204, None)


def _access(request: HttpRequest) -> Any:
    return request.access  # type: ignore[attr-defined]


def _id(number: int) -> int:
    return number if 0 < number < 2**63 else 0


def _saved(request: HttpRequest, given: AnnotationIn, annotation_id: int | None = None) -> Annotation:
    return save_annotation(
        _access(request), kind=given.kind, text=given.text, first=_ms(given.first), last=None if given.last is None else _ms(given.last),
        annotation_id=annotation_id, request=request,
    )  # fmt: skip


def _ms(at: datetime) -> int:
    return to_ms(at if at.tzinfo else at.replace(tzinfo=UTC))


def _annotation(one: Annotation) -> AnnotationOut:
    return AnnotationOut(
        id=one.pk, kind=one.kind, text=one.text, first=from_ms(one.first), last=None if one.last is None else from_ms(one.last),  # type: ignore[arg-type]
        created_by=one.created_by,
    )  # fmt: skip
