"""Identity rules: what is in force, the draft beside it, and the versions of before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.actions.people import LONGEST_REASON
from amity.rooms.customers.actions.ruleset.drafts import discard_draft, draft_default, draft_kind, draft_region, draft_version
from amity.rooms.customers.console.ruleset.words import WHY, prefilled, rows_of, told
from amity.rooms.customers.queries.ruleset.kept import get_draft, list_versions, rules_in_force, running, trial_of
from amity.rooms.customers.rules.identifiers import BLOCKED, PATTERNS, default_rule
from amity.rooms.customers.rules.ruleset import checked_kind, differences, limit_words
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

PERMISSION = "identity.write"
LONGEST_FORM = 400_000


@require_safe
@page("customers.read")
def rules(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show the rules, what the draft would change, and which versions there were."""
    return _shown(request, access)


def _shown(
    request: HttpRequest, access: Access, *, error: str = "", region: str | None = None, status: int = 200
) -> HttpResponse:
    force, draft = rules_in_force(access.workspace_id), get_draft(access.workspace_id)
    changes = differences(force, draft.rules)
    trial = trial_of(access.workspace_id, draft.rules) if changes else None
    versions = list_versions(access.workspace_id)
    context: dict[str, Any] = {
        "tab": "rules", "rows": rows_of(force, draft.rules), "draft": draft, "changes": changes, "force": force,
        "region": draft.rules.phone_region if region is None else region, "region_error": error, "trial": trial,
        "found": told(trial) if trial else None, "running": running(access.workspace_id), "longest": LONGEST_REASON,
        "versions": [(one, [(run, told(run)) for run in one.runs.all()]) for one in versions], "blocked": sorted(BLOCKED),
        "patterns": [one.pattern for one in PATTERNS], "next": versions[0].number + 1 if versions else 1,
    }  # fmt: skip
    return render(request, "customers/ruleset/rules.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(PERMISSION)
def new_kind(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Write a rule for a kind that has none of its own yet."""
    if request.method == "POST":
        try:
            return _save(request, access, checked_kind(request.POST.get("kind", "")))
        except Invalid as error:
            return _form(request, access, "", given=_given(request), error=error.message)
    return _form(request, access, "", given=prefilled(get_draft(access.workspace_id).rules, "another"))


@require_http_methods(["GET", "HEAD", "POST"])
@page(PERMISSION)
def kind(request: HttpRequest, *, access: Access, kind: str) -> HttpResponse:
    """Change the rule of a kind in the draft."""
    try:
        name = checked_kind(kind)
    except Invalid as error:
        raise Http404(error.message) from error
    if request.method == "POST":
        try:
            return _save(request, access, name)
        except Invalid as error:
            return _form(request, access, name, given=_given(request), error=error.message)
    return _form(request, access, name, given=prefilled(get_draft(access.workspace_id).rules, name))


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "")[:LONGEST_FORM] for name in ("kind", "limit", "priority", "blocked", "patterns")}


def _save(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    given = _given(request)
    draft_kind(
        access,
        kind=name,
        limit=_number(given["limit"], "A limit") if given["limit"].strip() else None,
        priority=_number(given["priority"], "A priority"),
        blocked=given["blocked"].splitlines(),
        patterns=given["patterns"].splitlines(),
        request=request,
    )
    return redirect("customers:identity_rules", workspace=access.workspace_slug)


def _number(text: str, what: str) -> int:
    trimmed = text.strip()
    if not (trimmed.isascii() and trimmed.isdigit() and len(trimmed) <= 9):
        raise Invalid(f"{what} is a whole number, such as 5.")
    return int(trimmed)


def _form(request: HttpRequest, access: Access, name: str, *, given: dict[str, str], error: str = "") -> HttpResponse:
    default = default_rule(name or "another")
    context = {
        "kind": name, "given": given, "error": error, "why": WHY.get(name, ""), "own": name in get_draft(access.workspace_id).rules.kinds,
        "default_limit": limit_words(default.limit), "default_priority": default.priority,
    }  # fmt: skip
    return render(request, "customers/ruleset/kind.html", context, status=400 if error else 200)


@require_POST
@page(PERMISSION)
def default(request: HttpRequest, *, access: Access, kind: str) -> HttpResponse:
    """Let a kind follow the defaults, in the draft."""
    try:
        draft_default(access, kind=kind, request=request)
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("customers:identity_rules", workspace=access.workspace_slug)


@require_POST
@page(PERMISSION)
def region(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Say in the draft where national phone numbers are from."""
    given = request.POST.get("region", "")
    try:
        draft_region(access, region=given, request=request)
    except Invalid as error:
        return _shown(request, access, error=error.message, region=given[:20], status=400)
    return redirect("customers:identity_rules", workspace=access.workspace_slug)


@require_POST
@page(PERMISSION)
def discard(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Forget the draft."""
    discard_draft(access, request=request)
    return redirect("customers:identity_rules", workspace=access.workspace_slug)


@require_POST
@page(PERMISSION)
def take_version(request: HttpRequest, *, access: Access, number: int) -> HttpResponse:
    """Make an earlier version the draft; 0 are the defaults."""
    try:
        draft_version(access, number=number, request=request)
    except NotFound as error:
        raise Http404(error.message) from error
    return redirect("customers:identity_rules", workspace=access.workspace_slug)
