"""Pages of synthetic checks: the list, one with its runs, and the form that writes one and tries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.metrics.actions.checks import EVERY, MOST_SECRETS, archive_check, pause_check, save_check, secrets_of, try_check
from amity.rooms.metrics.actions.requesting import Ran
from amity.rooms.metrics.models import Check, CheckRun, Metric
from amity.rooms.metrics.queries.checks import Went, accessible_check, how_they_went, list_checks, list_runs
from amity.rooms.metrics.rules.checks.language import LONGEST_VALUE, METHODS, MOST_STEPS, Step, read_steps
from amity.rooms.metrics.rules.checks.lines import FIELDS, fields_of, steps_of
from amity.rooms.metrics.rules.wording import value_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50
NEW = {"name": "", "every": "5", "seconds": "15"}
BLANK = {"method": "GET", "musts": "status is 200"}
ORIGINS = ("check_availability", "check_duration", "checks_failed")
_TRIES = "20/m/key"  # of a colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One run in a sparkline, in SVG units."""

    x: float
    top: float
    height: float
    ok: bool


@require_safe
@page("metrics.read")
def checks(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List checks, those that fail first."""
    found = list_checks(workspace_id=access.workspace_id)
    went = how_they_went(found, now=now_ms())
    rows = [_row(one, went[one.pk]) for one in found]
    rows.sort(key=lambda row: row["state"] != "fails")
    context = {"rows": rows, "failing": sum(row["state"] == "fails" for row in rows), "measured": _metrics(access)}
    return render(request, "metrics/checks/list.html", context)


@require_safe
@page("metrics.read")
def check(request: HttpRequest, *, access: Access, check_id: int) -> HttpResponse:
    """Show a check: how it goes, what it does, and its runs with what failed where and why."""
    one = found_check(access, check_id)
    went = how_they_went([one], now=now_ms())[one.pk]
    failed, before = request.GET.get("runs") == "failed", request.GET.get("before", "")
    runs = list_runs(
        check_id=one.pk, failed=failed, before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0,
        limit=ON_A_PAGE + 1,
    )  # fmt: skip
    more = {"runs": "failed"} if failed else {}
    row = _row(one, went)
    context = {
        **row, "row_of": row, "every": _minutes(one.every), "steps": [_step(n, step, access) for n, step in enumerate(read_steps(one.steps), 1)], "failed": failed,
        "runs": [{"run": run, "ms": f"{run.ms:,} ms", "name": _name_of(one, run)} for run in runs[:ON_A_PAGE]],
        "next": f"?{urlencode(more | {'before': runs[ON_A_PAGE - 1].pk})}" if len(runs) > ON_A_PAGE else "", "measured": _metrics(access),
        "secrets": sorted(secrets_of(one)) if access.can("checks.write") else [],
    }  # fmt: skip
    return render(request, "metrics/checks/one.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("checks.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Make a check."""
    return _form(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("checks.write")
def edit(request: HttpRequest, *, access: Access, check_id: int) -> HttpResponse:
    """Change a check."""
    return _form(request, access, found_check(access, check_id))


@require_POST
@page("checks.write")
def pause(request: HttpRequest, *, access: Access, check_id: int) -> HttpResponse:
    """Let a check rest, or run again."""
    one = found_check(access, check_id)
    paused = request.POST.get("act") == "pause"
    pause_check(access, check_id=one.pk, paused=paused, request=request)
    messages.success(request, f"{one.name} rests." if paused else f"{one.name} runs again.")
    return redirect("metrics:check", workspace=access.workspace_slug, check_id=one.pk)


@require_POST
@page("checks.write")
def archive(request: HttpRequest, *, access: Access, check_id: int) -> HttpResponse:
    """Put a check away."""
    one = found_check(access, check_id)
    archive_check(access, check_id=one.pk, request=request)
    messages.success(request, f"{one.name} runs no more. What it measured stays.")
    return redirect("metrics:checks", workspace=access.workspace_slug)


def found_check(access: Access, check_id: int) -> Check:
    """Return a check of the workspace. Raises Http404."""
    try:
        return accessible_check(workspace_id=access.workspace_id, check_id=check_id if check_id < 2**63 else 0)
    except AmityError as error:
        raise Http404(error.message) from None


def place_text(url: str) -> str:
    """Return an address without its query, which may be a secret."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


def _row(one: Check, went: Went) -> dict[str, Any]:
    last = went.last
    state = "paused" if one.paused_at is not None else "new" if last is None else "passes" if last.ok else "fails"
    shares = [
        {"words": words, "n": figure.events, "few": figure.few, "value": value_text(figure.value, "share", ""), "interval": f"{value_text(figure.low, 'share', '')} to {value_text(figure.high, 'share', '')}" if figure.events else ""}
        for words, figure in (("24 hours", went.day), ("7 days", went.week))
    ]  # fmt: skip
    failing = next((n for n, run in enumerate(went.runs) if run.ok), len(went.runs))
    steps = read_steps(one.steps)
    return {
        "one": one, "state": state, "last": last, "shares": shares, "bars": _bars(went.runs), "failing": failing, "place": place_text(steps[0].url) if steps else "",
        "more_steps": len(steps) - 1, "last_ms": f"{last.ms:,} ms" if last else "", "last_step": _name_of(one, last) if last else "",
        "said": f"The last {len(went.runs)} runs: {sum(not run.ok for run in went.runs)} failed, the slowest took {max((run.ms for run in went.runs), default=0):,} ms",
    }  # fmt: skip


def _bars(runs: Sequence[CheckRun]) -> list[Bar]:
    most = max((run.ms for run in runs), default=0) or 1
    found = []
    for n, run in enumerate(reversed(runs)):
        height = max(24 * run.ms / most, 2.0) if run.ok else 24.0
        found.append(Bar(x=n * 4, top=round(24 - height, 1), height=round(height, 1), ok=run.ok))
    return found


def _name_of(one: Check, run: CheckRun) -> str:
    if not run.step:
        return ""
    steps = one.steps
    name = str(steps[run.step - 1].get("name", "")) if run.step <= len(steps) else ""
    return name or f"step {run.step}"


def _step(n: int, step: Step, access: Access) -> dict[str, Any]:
    row = fields_of(step)
    whole = access.can("checks.write")
    return {
        "n": n, "name": step.name or f"Step {n}", "method": step.method, "url": step.url if whole else place_text(step.url), "musts": row["musts"].splitlines() or ["status below 400"],
        "takes": row["takes"].splitlines(), "headers": row["headers"].splitlines() if whole else [], "body": step.body if whole else "",
    }  # fmt: skip


def _metrics(access: Access) -> list[dict[str, Any]]:
    """Return the metrics that are made of checks' runs, so far as the workspace has taken them."""
    found = Metric.objects.filter(workspace_id=access.workspace_id, origin__in=ORIGINS, archived_at=None).order_by("name")
    return [{"pk": one.pk, "name": one.name} for one in found]


def _form(request: HttpRequest, access: Access, one: Check | None) -> HttpResponse:  # noqa: PLR0911  one answer for each button
    held = sorted(secrets_of(one)) if one else []
    if request.method != "POST":
        given = {"name": one.name, "every": str(one.every), "seconds": str(one.seconds)} if one else NEW
        return _page(request, one, given, [fields_of(step) for step in read_steps(one.steps)] if one else [BLANK], held, held)
    given = {name: request.POST.get(name, "")[:200].strip() for name in NEW}
    rows, secrets, number = _rows(request), _secrets(request), one.pk if one else None
    act, trying = request.POST.get("act", "save"), bool(request.headers.get("HX-Request"))
    if act == "more":
        return _page(request, one, given, [*rows, BLANK], list(secrets), held)
    try:
        steps, seconds = steps_of(rows), _number(given["seconds"])
        if act == "try":
            if not trust.may_try(request, action="check-try", rate=_TRIES, key=str(access.actor.id)):
                raise Invalid("Those were many tries; wait a minute.")
            ran = try_check(access, steps=steps, seconds=seconds, secrets=secrets, check_id=number, request=request)
            tried = _tried(ran, steps)
            if trying:
                return render(request, "metrics/checks/_tried.html", {"tried": tried})
            return _page(request, one, given, rows, list(secrets), held, tried=tried)
        saved = save_check(
            access, name=given["name"], steps=steps, every=_number(given["every"]), seconds=seconds, secrets=secrets, check_id=number,
            request=request,
        )  # fmt: skip
    except AmityError as error:
        if trying:
            return render(request, "metrics/checks/_tried.html", {"error": error.message})
        return _page(request, one, given, rows, list(secrets), held, error=error.message)
    messages.success(request, f"{saved.name} runs every {_minutes(saved.every)}.")
    return redirect("metrics:check", workspace=access.workspace_slug, check_id=saved.pk)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _rows(request: HttpRequest) -> list[dict[str, str]]:
    rows = []
    for n in range(1, MOST_STEPS + 2):
        row = {name: request.POST.get(f"s{n}-{name}", "")[:20_000] for name in FIELDS}
        if (row["url"].strip() or row["body"]) and not request.POST.get(f"s{n}-remove"):
            rows.append(row)
    return rows or [{**dict.fromkeys(FIELDS, ""), **BLANK}]


def _secrets(request: HttpRequest) -> dict[str, str]:
    """Return secrets by name; an empty value keeps what is held."""
    found = {}
    for n in range(1, MOST_SECRETS + 2):
        name = request.POST.get(f"k{n}-name", "").strip()[:60]
        if name and not request.POST.get(f"k{n}-gone"):
            found[name] = request.POST.get(f"k{n}-value", "")[: LONGEST_VALUE + 1]
    return found


def _tried(ran: Ran, steps: Sequence[Step]) -> dict[str, Any]:
    rows = []
    for n, step in enumerate(steps, 1):
        status, ms = ran.answers[n - 1] if n <= len(ran.answers) else (0, 0)
        state = "fails" if n == ran.step else "passes" if n <= len(ran.answers) else "not done"
        rows.append({"name": step.name or f"Step {n}", "status": status, "ms": f"{ms:,} ms" if status else "", "state": state})
    return {"ran": ran, "rows": rows, "ms": f"{ran.ms:,} ms"}


def _page(  # noqa: PLR0913, PLR0917  one argument for each part
    request: HttpRequest, one: Check | None, given: Mapping[str, str], rows: Sequence[Mapping[str, str]], names: Sequence[str],
    held: Sequence[str], *, error: str = "", tried: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    # Secrets that were typed go into no page, not even back to who typed them.
    context = {
        "one": one, "given": given, "rows": rows, "error": error, "tried": tried, "methods": METHODS, "room": len(rows) < MOST_STEPS,
        "every": [(str(minutes), _minutes(minutes)) for minutes in EVERY],
        "secrets": [{"name": name, "held": name in held} for name in names],
    }  # fmt: skip
    return render(request, "metrics/checks/edit.html", context, status=400 if error else 200)


def _minutes(minutes: int) -> str:
    if minutes == 1:
        return "minute"
    if minutes < 60:
        return f"{minutes} minutes"
    return {60: "hour", 1_440: "day"}.get(minutes, f"{minutes // 60} hours")
