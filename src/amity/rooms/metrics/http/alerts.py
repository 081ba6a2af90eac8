"""Alerts and what is watched for as JSON, below `/api/v1/alerts`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import HOUR, from_ms, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.metrics.actions.alerts import acknowledge, archive_rule, save_rule, snooze
from amity.rooms.metrics.actions.hooks import host_of, new_hook_secret
from amity.rooms.metrics.models import Alert, AlertRule
from amity.rooms.metrics.queries.alerts import accessible_alert, accessible_rule, list_alerts, list_rules
from amity.rooms.metrics.queries.lists import definition_of, definitions_of, version_of
from amity.rooms.metrics.queries.telling import parts_told, rule_words
from amity.rooms.metrics.queries.watching import watch_of
from amity.rooms.metrics.rules.explaining import Part
from amity.rooms.metrics.rules.watching import Watch
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["alerts"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}


class AlertPartOut(Schema):
    """One value of a breakdown: what it adds to the change, with its 95 % interval, which share of it that is, and of the whole usually."""

    of: str
    value: str
    rest: bool
    by: float
    low: float
    high: float
    share: float
    usual: float
    customers: int
    few: bool = Field(description="Too few customers to say anything.")
    clear: bool = Field(description="Other than its usual share would bring, after Benjamini and Hochberg.")


class AlertOut(Schema):
    """One episode, told by the step that is furthest out."""

    id: int
    rule_id: int
    metric_id: int
    metric: str
    state: Literal["open", "acknowledged", "closed"]
    side: Literal["above", "below"]
    first: datetime
    last: datetime
    steps: int
    step_first: datetime = Field(description="The step that is furthest out; `value` and what follows are of it.")
    step_last: datetime
    value: float
    expected: float | None
    low: float | None = Field(description="The least that was expected.")
    high: float | None = Field(description="The most that was expected.")
    events: int
    customers: int
    why: list[AlertPartOut] = Field(description="The segments that explain most of the change, the strongest first.")
    opened_at: datetime
    closed_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    snoozed_until: datetime | None
    escalated_at: datetime | None


class AlertsOut(Schema):
    """Alerts, the newest first."""

    alerts: list[AlertOut]
    next: int | None = Field(None, description="Give it as `before` to get earlier ones; null at the end.")


class AlertRuleOut(Schema):
    """What is watched for on a metric. Without a `limit`, what is rarer than `chance` on a metric that doesn't change."""

    id: int
    metric_id: int
    metric: str
    sentence: str
    step: Literal["hour", "day", "week"]
    side: Literal["both", "above", "below"]
    limit: float | None
    back: float | None
    sure: bool
    chance: float
    row: int
    breakdowns: list[str]
    owner: str
    second: str
    escalate_after: int
    hook: str = Field(description="The host of the webhook that is called; its path may be a secret.")
    checked_to: datetime
    trouble: str


class AlertRulesOut(Schema):
    """Rules by their metrics' names."""

    rules: list[AlertRuleOut]


class AlertRuleIn(Schema):
    """What to watch for on a metric. With a `limit`: whatever is beyond it, over again at `back`; without: what is rarer than `chance`."""

    metric_id: Annotated[int, Field(gt=0, lt=2**63)]
    step: Literal["hour", "day", "week"] = "day"
    side: Literal["both", "above", "below"] = "both"
    limit: float | None = None
    back: float | None = None
    sure: bool = Field(False, description="Only where the whole 95% interval is beyond the limit.")
    chance: Annotated[float, Field(description="Of a false alarm: 0.05, 0.01, 0.002 or 0.001.")] = 0.01
    row: Annotated[int, Field(ge=1, le=24, description="So many steps in a row.")] = 1
    breakdowns: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=6)] = []
    owner: Annotated[str, Field(max_length=40, description="The id of the colleague who is told first.")] = ""
    second: Annotated[
        str, Field(max_length=40, description="Who is told after `escalate_after` minutes in which nobody answers.")
    ] = ""
    escalate_after: Annotated[int, Field(ge=0, le=10_080)] = 0
    hook: Annotated[str, Field(max_length=2_000)] | None = Field(
        None, description="An https address that is called, too; empty for none. Left out, it stays. Needs `destinations.write`."
    )


class HookSecretOut(Schema):
    """What calls of the webhook are signed with, as Standard Webhooks has it. It is told once."""

    secret: str


class AlertsQuery(Schema):
    """Which alerts."""

    state: Literal["all", "open", "closed"] = "all"
    metric_id: Annotated[int, Field(ge=0, lt=2**63, description="Only those of this metric.")] = 0
    before: Annotated[int, Field(ge=0, lt=2**63)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SnoozeIn(Schema):
    """For how many hours an alert is to rest; 0 ends it."""

    hours: Annotated[int, Field(ge=0, le=720)]


@router.get("", response={200: AlertsOut, **_READ}, summary="List alerts")
@requires("metrics.read")
def get_alerts(request: HttpRequest, wanted: Annotated[AlertsQuery, Query()]) -> AlertsOut:
    """Return alerts, the newest first."""
    found = list_alerts(
        workspace_id=_access(request).workspace_id, state=wanted.state, metric_id=wanted.metric_id or None, before=wanted.before, limit=wanted.limit + 1
    )  # fmt: skip
    stretch = found[: wanted.limit]
    return AlertsOut(alerts=[_alert(one) for one in stretch], next=stretch[-1].pk if len(found) > wanted.limit else None)


@router.get("/rules", response={200: AlertRulesOut, **_READ}, summary="List what is watched for")
@requires("metrics.read")
def get_alert_rules(request: HttpRequest) -> AlertRulesOut:
    """Return every rule in use."""
    rules = list_rules(workspace_id=_access(request).workspace_id)
    held = definitions_of([one.metric for one in rules])
    return AlertRulesOut(rules=[_rule(one, rule_words(watch_of(one), definition_of(held[one.metric_id]))) for one in rules])


@router.post("/rules", response={201: AlertRuleOut, **_READ}, summary="Watch a metric")
@requires("metrics.write")
def post_alert_rule(request: HttpRequest, given: AlertRuleIn) -> Status[AlertRuleOut]:
    """Make a rule; it counts from the step that runs now."""
    return Status(201, _saved(request, given))


@router.get("/rules/{rule_id}", response={200: AlertRuleOut, **_READ}, summary="Get what is watched for")
@requires("metrics.read")
def get_alert_rule(request: HttpRequest, rule_id: int) -> AlertRuleOut:
    """Return a rule in use."""
    return _told(accessible_rule(workspace_id=_access(request).workspace_id, rule_id=_id(rule_id)))


@router.put("/rules/{rule_id}", response={200: AlertRuleOut, **_READ}, summary="Change what is watched for")
@requires("metrics.write")
def put_alert_rule(request: HttpRequest, rule_id: int, given: AlertRuleIn) -> AlertRuleOut:
    """Write a rule anew; it stays with its metric."""
    return _saved(request, given, rule_id)


@router.delete("/rules/{rule_id}", response={204: None, **_READ}, summary="Watch no more")
@requires("metrics.write")
def delete_alert_rule(request: HttpRequest, rule_id: int) -> Status[None]:
    """Take a rule out of use; an alert of it that is open ends, and stays in the list."""
    archive_rule(_access(request), rule_id=_id(rule_id), request=request)
    return Status(204, None)


@router.post("/rules/{rule_id}/secret", response={200: HookSecretOut, **_READ}, summary="Make a signing secret of a webhook")
@requires("destinations.write")
def post_hook_secret(request: HttpRequest, rule_id: int) -> HookSecretOut:
    """Make a new signing secret and return it; for a day calls are signed with the former one as well."""
    return HookSecretOut(secret=new_hook_secret(_access(request), rule_id=_id(rule_id), request=request))


@router.get("/{alert_id}", response={200: AlertOut, **_READ}, summary="Get an alert")
@requires("metrics.read")
def get_alert(request: HttpRequest, alert_id: int) -> AlertOut:
    """Return an alert."""
    return _alert(accessible_alert(workspace_id=_access(request).workspace_id, alert_id=_id(alert_id)))


@router.post("/{alert_id}/acknowledgement", response={200: AlertOut, **_READ}, summary="Look after an alert")
@requires("alerts.answer")
def post_acknowledgement(request: HttpRequest, alert_id: int) -> AlertOut:
    """Say that somebody looks after an alert; it goes to nobody else. Saying it again changes nothing."""
    return _alert(acknowledge(_access(request), alert_id=_id(alert_id), request=request))


@router.post("/{alert_id}/snooze", response={200: AlertOut, **_READ}, summary="Let an alert rest")
@requires("alerts.answer")
def post_snooze(request: HttpRequest, alert_id: int, given: SnoozeIn) -> AlertOut:
    """Let an alert rest: nobody is told of it before. One that is over is refused."""
    until = now_ms() + given.hours * HOUR if given.hours else 0
    return _alert(snooze(_access(request), alert_id=_id(alert_id), until=until, request=request))


def _access(request: HttpRequest) -> Any:
    return request.access  # type: ignore[attr-defined]


def _id(number: int) -> int:
    return number if 0 < number < 2**63 else 0


def _saved(request: HttpRequest, given: AlertRuleIn, rule_id: int | None = None) -> AlertRuleOut:
    if rule_id is not None:
        one = accessible_rule(workspace_id=_access(request).workspace_id, rule_id=_id(rule_id))
        if one.metric_id != given.metric_id:
            raise Invalid("A rule stays with its metric; make another.")
    watch = Watch(
        by=given.step, side=given.side, limit=given.limit, back=given.back, sure=given.sure, chance=given.chance, row=given.row
    )
    saved = save_rule(
        _access(request), metric_id=given.metric_id, watch=watch, breakdowns=given.breakdowns, owner=given.owner, second=given.second,
        escalate_after=given.escalate_after, hook=given.hook, rule_id=None if rule_id is None else _id(rule_id), request=request,
    )  # fmt: skip
    return _told(saved)


def _told(one: AlertRule) -> AlertRuleOut:
    return _rule(one, rule_words(watch_of(one), definition_of(version_of(one.metric))))


def _alert(one: Alert) -> AlertOut:
    return AlertOut(
        id=one.pk, rule_id=one.rule_id, metric_id=one.rule.metric_id, metric=one.rule.metric.name, state=one.state, side=one.side,  # type: ignore[arg-type]
        first=from_ms(one.first), last=from_ms(one.last), steps=one.steps, step_first=from_ms(one.worst_first), step_last=from_ms(one.worst_last),
        value=one.value, expected=one.expected, low=one.low, high=one.high, events=one.events, customers=one.customers,
        why=[_part(part) for part in parts_told(one)], opened_at=from_ms(one.opened_at), closed_at=_at(one.closed_at),
        acknowledged_at=_at(one.acknowledged_at), acknowledged_by=one.acknowledged_by, snoozed_until=_at(one.snoozed_until),
        escalated_at=_at(one.escalated_at),
    )  # fmt: skip


def _part(part: Part) -> AlertPartOut:
    return AlertPartOut(
        of=part.of, value=part.value, rest=part.rest, by=part.by, low=part.low, high=part.high, share=part.share, usual=part.usual,
        customers=part.customers, few=part.few, clear=part.clear,
    )  # fmt: skip


def _rule(one: AlertRule, sentence: str) -> AlertRuleOut:
    return AlertRuleOut(
        id=one.pk, metric_id=one.metric_id, metric=one.metric.name, sentence=sentence, step=one.step, side=one.side, limit=one.limit,  # type: ignore[arg-type]
        back=one.back, sure=one.sure, chance=one.chance, row=one.row, breakdowns=one.breakdowns, owner=one.owner, second=one.second,
        escalate_after=one.escalate_after, hook=host_of(one.hook), checked_to=from_ms(one.checked_to),
        trouble=one.trouble,
    )  # fmt: skip


def _at(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
