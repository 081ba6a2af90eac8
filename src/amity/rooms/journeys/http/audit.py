"""The audit as JSON, below `/api/v1/journeys/audit`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms
from amity.rooms.journeys.actions.audit.ask import ask_audit, dismiss_finding, restore_finding
from amity.rooms.journeys.http.funnels import access_of
from amity.rooms.journeys.models import Audit, Dismissal
from amity.rooms.journeys.queries.audit.kept import checks_of, dismissed, latest_audit, newest_audit
from amity.rooms.journeys.rules.audit.findings import Check, Finding
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["journeys"])
_READ = {400: Problem, 401: Problem, 403: Problem, 422: Problem, 429: Problem}
_CHANGE = {**_READ, 404: Problem}


class EvidenceOut(Schema):
    """A figure that shows a finding. `unit`: `share` and `points` from 0 to 1, `ms`, `count`, `times`, `messages`, or nothing."""

    label: str
    value: float
    unit: str
    n: int | None = Field(description="Of how many it is said; `of` says of what.")
    of: str
    low: float | None = Field(description="Of its 95% interval, all comparisons of a check together.")
    high: float | None


class DismissalOut(Schema):
    """That a colleague dismissed a finding."""

    reason: str
    made_at: datetime
    made_by: str


class FindingOut(Schema):
    """An anti-pattern that was found. `customers` and `interactions` are its size."""

    key: str = Field(description="The same from one audit to the next.")
    title: str
    about: str
    severity: str = Field(description="`high`, `medium` or `low`.")
    customers: int
    interactions: int
    figures: list[EvidenceOut]
    dismissal: DismissalOut | None


class AuditCheckOut(Schema):
    """One kind of anti-pattern. `unjudged`: nothing can be said, and `needs` says what that takes."""

    kind: str
    state: str = Field(description="`found`, `clear` or `unjudged`.")
    looked: str
    needs: str
    findings: list[FindingOut]


class AuditedOut(Schema):
    """What an audit came to."""

    as_of: datetime
    days: int
    asked_by: str
    customers: int = Field(description="Active customers who allow analytics: those in its numbers.")
    withheld: int = Field(description="Active customers who don’t.")
    checks: list[AuditCheckOut]


class AuditOut(Schema):
    """The newest audit that was finished, and how far one is that isn’t."""

    audit: AuditedOut | None
    state: str = Field(description="Of the newest: `waiting`, `running`, `done` or `failed`; empty while nobody asked.")
    share: float
    trouble: str


class AuditIn(Schema):
    """How far to look back."""

    days: int = Field(180, description="30, 90, 180 or 365.")


class DismissalIn(Schema):
    """Which finding is none, and why."""

    key: str
    reason: str


@router.get("", response={200: AuditOut, **_READ}, summary="Get the newest audit")
@requires("journeys.read")
def get_audit(request: HttpRequest) -> AuditOut:
    """Return the newest audit with all its findings, those that were dismissed too."""
    return _answer(int(access_of(request).workspace_id))


@router.post("", response={202: AuditOut, **_READ}, summary="Ask for an audit")
@requires("journeys.write")
def post_audit(request: HttpRequest, given: AuditIn) -> Status[AuditOut]:
    """Have the worker audit the last days; one that is on its way stands."""
    ask_audit(access_of(request), days=given.days, request=request)
    return Status(202, _answer(int(access_of(request).workspace_id)))


@router.post("/dismissals", response={200: DismissalOut, **_CHANGE}, summary="Dismiss a finding")
@requires("journeys.write")
def post_dismissal(request: HttpRequest, given: DismissalIn) -> DismissalOut:
    """Say that a finding of the newest audit is none, and why; it stays so in later audits."""
    return _dismissal(dismiss_finding(access_of(request), key=given.key, reason=given.reason, request=request))


@router.delete("/dismissals", response={204: None, **_CHANGE}, summary="Take a dismissal back")
@requires("journeys.write")
def delete_dismissal(request: HttpRequest, key: Annotated[str, Query(description="The finding’s key.")]) -> Status[None]:
    """Let a finding count again."""
    restore_finding(access_of(request), key=key, request=request)
    return Status(204, None)


def _answer(workspace_id: int) -> AuditOut:
    last, now = latest_audit(workspace_id), newest_audit(workspace_id)
    return AuditOut(
        audit=_audited(last, dismissed(workspace_id)) if last else None, state=now.state if now else "", share=now.share if now else 0.0,
        trouble=now.trouble if now else "",
    )  # fmt: skip


def _audited(one: Audit, put_by: dict[str, Dismissal]) -> AuditedOut:
    result = one.result or {}
    return AuditedOut(
        as_of=from_ms(one.as_of), days=one.days, asked_by=one.asked_by, customers=result["customers"], withheld=result["withheld"],
        checks=[_check(each, put_by) for each in checks_of(one)],
    )  # fmt: skip


def _check(one: Check, put_by: dict[str, Dismissal]) -> AuditCheckOut:
    return AuditCheckOut(
        kind=one.kind, state=one.state, looked=one.looked, needs=one.needs,
        findings=[_finding(each, put_by.get(each.key)) for each in one.findings],
    )  # fmt: skip


def _finding(one: Finding, put_by: Dismissal | None) -> FindingOut:
    figures = [
        EvidenceOut(label=each.label, value=each.value, unit=each.unit, n=each.n, of=each.of, low=each.low, high=each.high)
        for each in one.figures
    ]
    return FindingOut(
        key=one.key, title=one.title, about=one.about, severity=one.severity, customers=one.customers, interactions=one.interactions,
        figures=figures, dismissal=_dismissal(put_by) if put_by else None,
    )  # fmt: skip


def _dismissal(one: Dismissal) -> DismissalOut:
    return DismissalOut(reason=one.reason, made_at=from_ms(one.made_at), made_by=one.made_by)
