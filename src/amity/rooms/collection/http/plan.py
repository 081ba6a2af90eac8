"""The tracking plan as JSON, below `/api/v1/plan`. The token's workspace is the only one that is ever read or changed."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Any, Literal, cast

from django.http import HttpRequest
from ninja import Field, Router, Schema

from amity.rooms.collection.actions.plan.change import Change
from amity.rooms.collection.actions.plan.push import push_plan
from amity.rooms.collection.queries.plan.drift import list_drift
from amity.rooms.collection.queries.plan.planned import list_planned, policies_by_name, unplanned_action
from amity.rooms.collection.rules.plan.document import check_document
from amity.rooms.collection.rules.plan.files import PlanFiles, check_rest
from amity.rooms.trust.api import requires
from amity.rooms.trust.contracts import Access
from amity.shell.problem import PROBLEMS

router = Router(tags=["plan"])
MOST = 2_000


class PlannedOut(Schema):
    """One planned interaction. `document` is what a file of it holds."""

    kind: str
    name: str
    version: int
    changed_by: str
    document: dict[str, Any]


class PlanOut(Schema):
    """The whole plan, by kind and name. `unplanned` is what becomes of what no plan names; `sources` what single ones may do."""

    interactions: list[PlannedOut]
    unplanned: str
    sources: dict[str, dict[str, str]]


class ExpectedIn(Schema):
    """At which version an interaction was when its file was made."""

    kind: str
    name: str
    version: int


class PushIn(Schema):
    """What the plan is to be."""

    documents: list[dict[str, Any]] = Field(default_factory=list, max_length=MOST)
    unplanned: str | None = None
    sources: dict[str, dict[str, str]] | None = Field(None, description="Left out: sources keep what they have.")
    expected: list[ExpectedIn] | None = Field(
        None, max_length=MOST, description="What differs and has another version is refused. Left out: nothing is asked."
    )
    remove_others: bool = Field(False, description="Take out what no document tells of.")
    dry_run: bool = Field(False, description="Only tell what would change.")


class DifferenceOut(Schema):
    """One leaf that differs; null is what isn't there."""

    path: str
    before: Any
    after: Any


class PlanStepOut(Schema):
    """What changed in one interaction; of kind `plan`: in what becomes of the rest."""

    kind: str
    name: str
    action: Literal["add", "change", "remove"]
    version: int
    differs: list[DifferenceOut]


class DriftOut(Schema):
    """What flows other than it did. `before` and `now` are shares of 1, or interactions in 24 hours for `silent` and `volume`."""

    kind: str
    name: str
    code: Literal["silent", "volume", "new_interaction", "new_property", "vanished", "type", "violations"]
    path: str
    before: float
    now: float
    n_before: int
    n_now: int
    began_at: datetime
    seen_at: datetime


class DriftsOut(Schema):
    """Open alerts, newest first."""

    drift: list[DriftOut]


class PushOut(Schema):
    """Everything that changed, or would."""

    steps: list[PlanStepOut]
    dry_run: bool


@router.get("", response={200: PlanOut, **PROBLEMS}, summary="Get the tracking plan")
@requires("plan.read")
def get_plan(request: HttpRequest) -> PlanOut:
    """Return everything that is planned."""
    workspace = _access(request).workspace_id
    return PlanOut(
        interactions=[
            PlannedOut(
                kind=one.document["kind"],
                name=one.document["name"],
                version=one.version,
                changed_by=one.changed_by,
                document=one.document,
            )
            for one in list_planned(workspace_id=workspace)
        ],
        unplanned=unplanned_action(workspace_id=workspace),
        sources=policies_by_name(workspace_id=workspace),
    )


@router.post("", response={200: PushOut, **PROBLEMS}, summary="Change the tracking plan")
@requires("plan.write")
def push(request: HttpRequest, given: PushIn) -> PushOut:
    """Make the plan what the documents say, all of it or nothing. Each difference is a version and a row of the audit log."""
    access = _access(request)
    unplanned, sources = check_rest({"unplanned": given.unplanned, "sources": given.sources})
    files = PlanFiles(documents=tuple(check_document(one) for one in given.documents), unplanned=unplanned, sources=sources)
    steps = push_plan(
        change=Change(workspace_id=access.workspace_id, actor=access, request=request),
        files=files,
        expected=None if given.expected is None else {(one.kind, one.name): one.version for one in given.expected},
        remove_others=given.remove_others,
        dry_run=given.dry_run,
    )
    return PushOut(
        dry_run=given.dry_run,
        steps=[
            PlanStepOut(
                kind=one.kind,
                name=one.name,
                action=one.action,
                version=one.version,
                differs=[DifferenceOut(path=path, before=before, after=after) for path, before, after in one.differs],
            )
            for one in steps
        ],
    )


@router.get("/drift", response={200: DriftsOut, **PROBLEMS}, summary="List what flows other than it did")
@requires("plan.read")
def get_drift(request: HttpRequest) -> dict[str, Any]:
    """Return the alerts that are open."""
    return {"drift": list_drift(workspace_id=_access(request).workspace_id)}


def _access(request: HttpRequest) -> Access:
    return cast("Access", request.access)  # type: ignore[attr-defined]
