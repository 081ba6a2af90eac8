"""Identity rules as JSON: those in force, the draft, dry runs over history, and putting the draft in force."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from amity.kernel.clock import from_ms
from amity.rooms.customers.actions.people import LONGEST_REASON
from amity.rooms.customers.actions.ruleset.drafts import discard_draft, draft_all
from amity.rooms.customers.actions.ruleset.runs import apply_rules, ask_trial, stop_run
from amity.rooms.customers.models import IdentityRun
from amity.rooms.customers.queries.ruleset.kept import get_draft, get_rules_run, list_versions, rules_in_force
from amity.rooms.customers.rules.ruleset import (
    MOST_BLOCKED,
    MOST_PATTERNS,
    checked,
    checked_kind,
    checked_region,
    plain,
    rules_of,
)
from amity.rooms.trust.api import requires
from amity.rooms.trust.contracts import Access
from amity.shell.problem import Problem

router = Router(tags=["identity"])
_PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}


class KindRules(Schema):
    """The rule of one kind of identifier."""

    limit: int | None = Field(description="How many one customer may have; null: any number, 0: it identifies nobody.")
    priority: int = Field(ge=1, le=1_000, description="1 is strongest.")
    blocked: list[str] = Field(
        default_factory=list, max_length=MOST_BLOCKED, description="Values that identify nobody, in any case."
    )
    patterns: list[str] = Field(
        default_factory=list, max_length=MOST_PATTERNS, description="Regular expressions that a whole value matches."
    )


class RulesBody(Schema):
    """Rules of a workspace; a kind that is left out follows the defaults."""

    kinds: dict[str, KindRules] = Field(default_factory=dict)
    phone_region: str = Field("", max_length=2, description="Region of national phone numbers; empty: none are taken.")


class RulesOut(Schema):
    """Rules in force with their version (0: the defaults), and the draft where somebody changed one."""

    version: int
    in_force: RulesBody
    draft: RulesBody | None
    draft_by: str
    draft_changed_at: datetime | None


class IdentityRunOut(Schema):
    """How a run goes. `version` null: a dry run. `found` counts `customers`, `merges`, `splits`, and identifiers as `refused:kind`, `taken:kind`."""

    id: int
    version: int | None
    phase: str
    done: int
    total: int
    found: dict[str, int]
    asked_at: datetime
    finished_at: datetime | None
    stopped: bool
    trouble: str


class VersionOut(Schema):
    """Rules that were put in force."""

    version: int
    rules: RulesBody
    by: str
    note: str
    made_at: datetime


class NoteIn(Schema):
    """What the rules are for."""

    note: str = Field("", max_length=LONGEST_REASON)


@router.get("/rules", response={200: RulesOut, **_PROBLEMS}, summary="Read identity rules")
@requires("customers.read")
def get_rules(request: HttpRequest) -> RulesOut:
    """Return the rules in force, and the draft."""
    access = _access(request)
    versions = list_versions(access.workspace_id, limit=1)
    draft = get_draft(access.workspace_id)
    changed = draft.changed_at is not None
    return RulesOut(
        version=versions[0].number if versions else 0,
        in_force=_body(plain(rules_in_force(access.workspace_id))),
        draft=_body(plain(draft.rules)) if changed else None,
        draft_by=draft.by,
        draft_changed_at=None if draft.changed_at is None else from_ms(draft.changed_at),
    )


@router.put("/rules/draft", response={200: RulesOut, **_PROBLEMS}, summary="Write the draft of identity rules")
@requires("identity.write")
def put_draft(request: HttpRequest, wanted: RulesBody) -> RulesOut:
    """Let the draft be just these rules. Nothing follows them until they are applied."""
    kinds = {checked_kind(kind): checked(**rule.dict()) for kind, rule in wanted.kinds.items()}
    draft_all(_access(request), rules=rules_of(kinds, checked_region(wanted.phone_region)), request=request)
    return get_rules(request)


@router.delete("/rules/draft", response={200: RulesOut, **_PROBLEMS}, summary="Discard the draft of identity rules")
@requires("identity.write")
def delete_draft(request: HttpRequest) -> RulesOut:
    """Forget the draft."""
    discard_draft(_access(request), request=request)
    return get_rules(request)


@router.post("/rules/runs", response={202: IdentityRunOut, **_PROBLEMS}, summary="Try the draft over history")
@requires("identity.write")
def try_draft(request: HttpRequest) -> Status[IdentityRunOut]:
    """Begin a dry run; a worker does it and changes nothing. Without a draft the rules in force are tried."""
    return Status(202, _run(ask_trial(_access(request), request=request)))


@router.get(
    "/rules/runs/{int:run_id}", response={200: IdentityRunOut, **_PROBLEMS}, summary="See how a run of identity rules goes"
)
@requires("identity.write")
def get_run(request: HttpRequest, run_id: int) -> IdentityRunOut:
    """Return how far it is and what it found."""
    return _run(get_rules_run(_access(request).workspace_id, run_id))


@router.delete("/rules/runs/{int:run_id}", response={200: IdentityRunOut, **_PROBLEMS}, summary="Stop a run of identity rules")
@requires("identity.write")
def stop(request: HttpRequest, run_id: int) -> IdentityRunOut:
    """Stop it. Of an application, who wasn't changed yet stays so; the rules stay in force."""
    access = _access(request)
    stop_run(access, run_id=run_id, request=request)
    return _run(get_rules_run(access.workspace_id, run_id))


@router.get("/rules/versions", response={200: list[VersionOut], **_PROBLEMS}, summary="List versions of identity rules")
@requires("customers.read")
def get_versions(request: HttpRequest) -> list[VersionOut]:
    """Return the newest fifty, newest first."""
    return [
        VersionOut(version=one.number, rules=_body(one.rules), by=one.by, note=one.note, made_at=from_ms(one.made_at))
        for one in list_versions(_access(request).workspace_id)
    ]


@router.post("/rules/versions", response={202: IdentityRunOut, **_PROBLEMS}, summary="Apply the draft")
@requires("identity.write")
def apply(request: HttpRequest, wanted: NoteIn) -> Status[IdentityRunOut]:
    """Put the draft in force and let history follow; a dry run of just this draft has to have ended before."""
    return Status(202, _run(apply_rules(_access(request), note=wanted.note, request=request)))


def _access(request: HttpRequest) -> Access:
    return request.access  # type: ignore[attr-defined,no-any-return]


def _body(rules: dict[str, Any]) -> RulesBody:
    return RulesBody(**rules)


def _run(one: IdentityRun) -> IdentityRunOut:
    return IdentityRunOut(
        id=one.pk,
        version=one.version.number if one.version else None,
        phase=one.phase,
        done=one.done,
        total=one.total,
        found=one.found,
        asked_at=from_ms(one.asked_at),
        finished_at=None if one.finished_at is None else from_ms(one.finished_at),
        stopped=one.stopped,
        trouble=one.trouble,
    )
