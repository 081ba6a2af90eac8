"""Pages of dashboards: the list, one with its tiles, the form that makes it, and what a shared link shows."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.engines.past.behaviour.fields import WINDOWS
from amity.kernel.errors import AmityError, Invalid
from amity.kernel.settings import settings
from amity.rooms.metrics.actions.dashboards import archive_dashboard, save_dashboard, share_dashboard, unshare_dashboard
from amity.rooms.metrics.console.marks import marks_on
from amity.rooms.metrics.console.tiles import tile_context
from amity.rooms.metrics.models import Dashboard
from amity.rooms.metrics.queries.dashboards import accessible_dashboard, list_dashboards, shared_dashboard
from amity.rooms.metrics.queries.lists import list_metrics
from amity.rooms.metrics.queries.measuring import Scope
from amity.rooms.metrics.rules.tiles import SHOWS, SIZES, Tile, from_form, read_tiles, written_tiles
from amity.rooms.trust.api import page, public
from amity.rooms.trust.contracts import Access

BLANKS = 4
_WHO_HAS_IT = "a dashboard's link shows its figures, and nothing of customers, to whoever was given it"


@require_safe
@page("metrics.read")
def dashboards(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List dashboards."""
    rows = list_dashboards(workspace_id=access.workspace_id)
    return render(request, "metrics/dashboards/list.html", {"rows": rows})


@require_safe
@page("metrics.read")
def dashboard(request: HttpRequest, *, access: Access, dashboard_id: int) -> HttpResponse:
    """Show a dashboard; each tile comes by itself, so that a slow one holds nobody up."""
    one = found_dashboard(access, dashboard_id)
    base = reverse("metrics:dashboard", args=[access.workspace_slug, one.pk])
    return render(request, "metrics/dashboards/one.html", _context(one, base, request) | {"window_options": _windows(request)})


@require_safe
@page("metrics.read")
def tile(request: HttpRequest, *, access: Access, dashboard_id: int, place: int) -> HttpResponse:
    """Answer one tile, measured."""
    one = found_dashboard(access, dashboard_id)
    scope = Scope(workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    return _tile(request, one, place, scope, slug=access.workspace_slug)


@require_http_methods(["GET", "HEAD", "POST"])
@page("metrics.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Make a dashboard."""
    return _form(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("metrics.write")
def edit(request: HttpRequest, *, access: Access, dashboard_id: int) -> HttpResponse:
    """Change a dashboard."""
    return _form(request, access, found_dashboard(access, dashboard_id))


@require_POST
@page("metrics.write")
def share(request: HttpRequest, *, access: Access, dashboard_id: int) -> HttpResponse:
    """Make a link that shows the dashboard without signing in, or end it."""
    one = found_dashboard(access, dashboard_id)
    if request.POST.get("act") == "end":
        unshare_dashboard(access, dashboard_id=one.pk, request=request)
        messages.success(request, "The link has ended.")
        return redirect("metrics:dashboard", workspace=access.workspace_slug, dashboard_id=one.pk)
    secret = share_dashboard(access, dashboard_id=one.pk, request=request)
    url = settings().public_console + reverse("metrics:shared", args=[secret])
    return render(request, "metrics/dashboards/shared_link.html", {"one": one, "url": url})


@require_POST
@page("metrics.write")
def archive(request: HttpRequest, *, access: Access, dashboard_id: int) -> HttpResponse:
    """Archive a dashboard."""
    one = found_dashboard(access, dashboard_id)
    archive_dashboard(access, dashboard_id=one.pk, request=request)
    messages.success(request, f"{one.name} is archived, and its link has ended.")
    return redirect("metrics:dashboards", workspace=access.workspace_slug)


@require_safe
@public(_WHO_HAS_IT)
def shared(request: HttpRequest, secret: str) -> HttpResponse:
    """Show a dashboard to whoever has its link."""
    one = _shared(secret)
    context = _context(one, reverse("metrics:shared", args=[secret]), request) | {"window_options": _windows(request)}
    answer = render(request, "metrics/dashboards/shared.html", context)
    answer["Referrer-Policy"] = "no-referrer"  # the address is the secret
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
@public(_WHO_HAS_IT)
def shared_tile(request: HttpRequest, secret: str, place: int) -> HttpResponse:
    """Answer one tile of a shared dashboard."""
    one = _shared(secret)
    return _tile(request, one, place, Scope(workspace_id=one.workspace_id, time_zone=one.workspace.time_zone), slug="")


def found_dashboard(access: Access, dashboard_id: int) -> Dashboard:
    """Return a dashboard of the workspace. Raises Http404."""
    try:
        return accessible_dashboard(workspace_id=access.workspace_id, dashboard_id=dashboard_id)
    except AmityError as error:
        raise Http404(error.message) from None


def _shared(secret: str) -> Dashboard:
    try:
        return shared_dashboard(secret)
    except AmityError as error:
        raise Http404(error.message) from None


def _context(one: Dashboard, base: str, request: HttpRequest) -> dict[str, Any]:
    window = request.GET.get("window", "")
    query = f"?window={window}" if window in WINDOWS and window else ""
    tiles = [{"n": n, "tile": tile, "url": f"{base}tiles/{n}{query}"} for n, tile in enumerate(read_tiles(one.tiles))]
    return {"one": one, "tiles": tiles, "base": base}


def _windows(request: HttpRequest) -> list[tuple[str, str, bool]]:
    chosen = request.GET.get("window", "")
    found = [("", "each over its own time", not chosen)]
    return found + [(value, label.removeprefix("in "), value == chosen) for value, label in WINDOWS.items() if value]


def _tile(request: HttpRequest, one: Dashboard, place: int, scope: Scope, *, slug: str) -> HttpResponse:
    tiles = read_tiles(one.tiles)
    if place >= len(tiles):
        raise Http404("There is no such tile.")
    window = request.GET.get("window", "")
    context = tile_context(tiles[place], scope, window=window if window in WINDOWS else "")
    if slug and context.get("line"):
        context["marks"] = marks_on(context["measured"].series, workspace_id=scope.workspace_id)
    return render(request, "metrics/dashboards/_tile.html", context | {"slug": slug})


def _form(request: HttpRequest, access: Access, one: Dashboard | None) -> HttpResponse:
    metrics = list_metrics(workspace_id=access.workspace_id)
    if request.method != "POST":
        given = {"name": one.name if one else "", "about": one.about if one else ""}
        return _shown(request, access, one, read_tiles(one.tiles) if one else [], metrics, given)
    given = {name: request.POST.get(name, "") for name in ("name", "about")}
    tiles: list[Tile] = []
    try:
        tiles = from_form(request.POST.dict())
        if request.POST.get("act") == "more":
            return _shown(request, access, one, tiles, metrics, given)
        one = save_dashboard(access, tiles=tiles, dashboard_id=one.pk if one else None, request=request, **given)
    except Invalid as error:
        return _shown(request, access, one, tiles, metrics, given, error=error.message, status=400)
    return redirect("metrics:dashboard", workspace=access.workspace_slug, dashboard_id=one.pk)


def _shown(  # noqa: PLR0913, PLR0917  one argument for each part
    request: HttpRequest, access: Access, one: Dashboard | None, tiles: list[Tile], metrics: list[Any], given: dict[str, str], *,
    error: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    rows: list[dict[str, Any]] = [{"size": 1, **row} for row in written_tiles(tiles)] + [{"size": 1} for _ in range(BLANKS)]
    context = {
        "one": one, "rows": rows, "metrics": metrics, "given": given, "error": error, "shows": SHOWS, "sizes": SIZES,
        "back": reverse("metrics:dashboard", args=[access.workspace_slug, one.pk]) if one else reverse("metrics:dashboards", args=[access.workspace_slug]),
    }  # fmt: skip
    return render(request, "metrics/dashboards/edit.html", context, status=status)
