"""The form that says what is watched for on a metric, tried on its past before it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.metrics.actions.alerts import archive_rule, check_watch, save_rule
from amity.rooms.metrics.actions.hooks import LEADS, new_hook_secret
from amity.rooms.metrics.console.alerts import AROUND, _step
from amity.rooms.metrics.console.band import band_of
from amity.rooms.metrics.console.pages import found_metric, scope_of
from amity.rooms.metrics.models import AlertRule, Metric
from amity.rooms.metrics.queries.alerts import accessible_rule
from amity.rooms.metrics.queries.lists import definition_of, version_of
from amity.rooms.metrics.queries.telling import rule_words
from amity.rooms.metrics.queries.watching import judged_steps, watch_of
from amity.rooms.metrics.rules.figuring import shape_of
from amity.rooms.metrics.rules.language import Definition
from amity.rooms.metrics.rules.watching import CHANCES, PLANS, Watch, episodes
from amity.rooms.trust import api as trust
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_FIELDS = (
    "step",
    "kind",
    "side",
    "chance",
    "limit",
    "back",
    "sure",
    "row",
    "breakdowns",
    "owner",
    "second",
    "escalate_after",
    "hook",
)
NEW = {
    "step": "day", "kind": "range", "side": "both", "chance": "0.01", "row": "1", "breakdowns": "channel, device, country", "escalate_after": "60",
}  # fmt: skip
TRIED = {"hour": 28, "day": 180, "week": 364}  # days of the past that a rule is tried on


@require_http_methods(["GET", "HEAD", "POST"])
@page("metrics.write")
def new(request: HttpRequest, *, access: Access, metric_id: int) -> HttpResponse:
    """Say what is to be watched for on a metric."""
    return _form(request, access, found_metric(access, metric_id), None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("metrics.write")
def edit(request: HttpRequest, *, access: Access, metric_id: int, rule_id: int) -> HttpResponse:
    """Change what is watched for."""
    return _form(request, access, found_metric(access, metric_id), _found(access, metric_id, rule_id))


@require_POST
@page("metrics.write")
def archive(request: HttpRequest, *, access: Access, metric_id: int, rule_id: int) -> HttpResponse:
    """Watch no more."""
    one = _found(access, metric_id, rule_id)
    archive_rule(access, rule_id=one.pk, request=request)
    messages.success(request, "That is watched no more.")
    return redirect("metrics:metric", workspace=access.workspace_slug, metric_id=metric_id)


@require_POST
@page("destinations.write")
def secret(request: HttpRequest, *, access: Access, metric_id: int, rule_id: int) -> HttpResponse:
    """Show a new signing secret of a rule's webhook, once."""
    one = _found(access, metric_id, rule_id)
    try:
        fresh = new_hook_secret(access, rule_id=one.pk, request=request)
    except AmityError as error:
        messages.error(request, error.message)
        return redirect("metrics:edit_rule", workspace=access.workspace_slug, metric_id=metric_id, rule_id=rule_id)
    return render(request, "metrics/alerts/secret.html", {"rule": one, "one": one.metric, "secret": fresh})


def _found(access: Access, metric_id: int, rule_id: int) -> AlertRule:
    try:
        one = accessible_rule(workspace_id=access.workspace_id, rule_id=rule_id if rule_id < 2**63 else 0)
    except AmityError as error:
        raise Http404(error.message) from None
    if one.metric_id != metric_id:
        raise Http404("There is no such rule here.")
    return one


def _form(request: HttpRequest, access: Access, metric: Metric, rule: AlertRule | None) -> HttpResponse:
    definition = definition_of(version_of(metric))
    given = (
        {name: request.POST.get(name, "")[:2_000].strip() for name in _FIELDS}
        if request.method == "POST"
        else _given(rule, definition)
    )
    act = request.POST.get("act", "")
    context: dict[str, Any] = {
        "one": metric, "rule": rule, "given": given, "steps": list(PLANS), "chances": _chances(), "is_share": shape_of(definition.measure) == "share",
        "people": trust.list_colleagues(access.workspace_id), "unit": definition.unit, "error": "", "leads": access.can(LEADS),
    }  # fmt: skip
    status = 200
    try:
        watch = _watch(given, definition)
        if act == "save":
            save_rule(
                access, metric_id=metric.pk, watch=watch, breakdowns=given["breakdowns"].split(","), owner=given["owner"], second=given["second"],
                escalate_after=_whole(given["escalate_after"], "Minutes are a whole number.") if given["second"] else 0,
                hook=given["hook"] if access.can(LEADS) else None, rule_id=rule.pk if rule else None, request=request,
            )  # fmt: skip
            messages.success(request, "It is watched from now on.")
            return redirect("metrics:metric", workspace=access.workspace_slug, metric_id=metric.pk)
        if act == "try":
            context |= _tried(access, definition, watch)
    except AmityError as error:
        context["error"], status = error.message, 400
    return render(request, "metrics/alerts/edit.html", context, status=status)


def _tried(access: Access, definition: Definition, watch: Watch) -> dict[str, Any]:
    """Return which alerts there would have been."""
    check_watch(watch)
    scope = replace(scope_of(access), now=now_ms())
    zone = scope.zone(definition).key
    steps = judged_steps(definition, scope, watch, first=scope.now - TRIED[watch.by] * 86_400_000)
    found = episodes(steps, row=watch.row)
    shaded = [(steps[first].point.first, steps[last].point.last) for first, last in found]
    judged = sum(not one.why for one in steps)
    rows = []
    for first, last in reversed(found):
        worst = max(range(first, last + 1), key=lambda n: steps[n].far)
        rows.append(
            _step(steps[worst], definition, watch.by, zone) | {"steps": sum(bool(steps[n].out) for n in range(first, last + 1))}
        )
    drawn = steps[-AROUND[watch.by] * 2 // 86_400_000 * (24 if watch.by == "hour" else 1) :] if watch.by == "hour" else steps
    return {
        "tried": True, "words": rule_words(watch, definition), "episodes": rows, "judged": judged, "days": TRIED[watch.by],
        "band": band_of(drawn, shape=shape_of(definition.measure), unit=definition.unit, by=watch.by, zone=zone, shaded=shaded), "watch": watch,
    }  # fmt: skip


def _given(rule: AlertRule | None, definition: Definition) -> dict[str, str]:
    if rule is None:
        return dict(NEW)
    watch, times = watch_of(rule), 100 if shape_of(definition.measure) == "share" else 1
    return {
        "step": rule.step, "kind": "range" if rule.limit is None else "limit", "side": rule.side, "chance": f"{watch.chance:g}",
        "limit": "" if rule.limit is None else f"{rule.limit * times:g}", "back": "" if rule.back is None else f"{rule.back * times:g}",
        "sure": "1" if rule.sure else "", "row": str(rule.row), "breakdowns": ", ".join(rule.breakdowns), "owner": rule.owner, "second": rule.second,
        "escalate_after": str(rule.escalate_after or 60), "hook": rule.hook,
    }  # fmt: skip


def _watch(given: dict[str, str], definition: Definition) -> Watch:
    by = given["step"] if given["step"] in PLANS else "day"
    side: Any = given["side"] if given["side"] in {"both", "above", "below"} else "both"
    row = _whole(given["row"] or "1", "How many in a row is a whole number.")
    if given["kind"] != "limit":
        return Watch(by=by, side=side, chance=CHANCES.get(given["chance"], 0.01), row=row)
    times = 100 if shape_of(definition.measure) == "share" else 1
    limit = _number(given.get("limit", ""))
    if limit is None:
        raise Invalid("Which limit? Write a number.")
    back = _number(given.get("back", ""))
    return Watch(
        by=by, side=side, limit=limit / times, back=None if back is None else back / times, sure=bool(given.get("sure")), row=row
    )  # fmt: skip


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise Invalid(f"{text} is no number.") from None


def _whole(text: str, wrong: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Invalid(wrong)
    return int(text)


def _chances() -> list[tuple[str, str]]:
    return [(value, f"1 in {round(1 / chance):,}") for value, chance in CHANCES.items()]
