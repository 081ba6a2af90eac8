"""One source: what to paste, its keys, its settings, and its quarantine in `quarantine.py`."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from amity.kernel.errors import Invalid, NotFound
from amity.kernel.settings import settings
from amity.rooms.collection.actions.sources import (
    add_write_key,
    change_source,
    revoke_write_key,
    rotate_write_key,
    set_source_enabled,
)
from amity.rooms.collection.console.forms import SettingsForm
from amity.rooms.collection.console.reasons import name_of
from amity.rooms.collection.console.snippets import SNIPPETS, coloured, find_snippet, is_local
from amity.rooms.collection.console.sparkline import sparkline
from amity.rooms.collection.queries.sources import list_source_health
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@page("sources.read")
def source(request: HttpRequest, access: Access, source_id: int) -> HttpResponse:
    """Show how a source does, its keys, and what to paste."""
    context = about(access, source_id, tab="connect")
    snippet = find_snippet(request.GET.get("client", _client_of(context["source"].kind)))
    edge = settings().public_edge
    code = snippet.code(write_key=context["source"].write_key or "YOUR_WRITE_KEY", edge=edge)
    context |= {"snippets": SNIPPETS, "snippet": snippet, "code": coloured(code), "edge": edge, "local": is_local(edge)}
    if request.headers.get("HX-Target") == "snippet":
        return render(request, "collection/_snippet.html", context)
    return render(request, "collection/source.html", context)


@page("sources.write")
def source_settings(request: HttpRequest, access: Access, source_id: int) -> HttpResponse:
    """Rename a source, limit it, or anonymise its addresses."""
    context = about(access, source_id, tab="settings")
    held = context["source"]
    initial = {"name": held.name, "anonymise_ip": held.anonymise_ip, "requests_per_second": held.requests_per_second}
    form = SettingsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_source(
                workspace_id=access.workspace_id, source_id=source_id, actor=access, request=request, **form.cleaned_data
            )
        except Invalid as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, "Saved. The edge follows at once.")
            return redirect("collection:source_settings", workspace=access.workspace_slug, source_id=source_id)
    return render(request, "collection/source_settings.html", {**context, "form": form}, status=400 if form.errors else 200)


@require_POST
@page("sources.write")
def new_key(request: HttpRequest, access: Access, source_id: int) -> HttpResponse:
    """Make a write key: next to the old ones, or (`instead`) in their place at once."""
    instead = "instead" in request.POST
    verb = rotate_write_key if instead else add_write_key
    verb(workspace_id=access.workspace_id, source_id=source_id, actor=access, request=request)
    said = "New key made; the others no longer work." if instead else "New key made. The others work until you revoke them."
    messages.success(request, said)
    return redirect("collection:source", workspace=access.workspace_slug, source_id=source_id)


@require_POST
@page("sources.write")
def revoke_key(request: HttpRequest, access: Access, source_id: int, key_id: int) -> HttpResponse:
    """Turn a write key away from now on."""
    revoke_write_key(workspace_id=access.workspace_id, source_id=source_id, key_id=key_id, actor=access, request=request)
    messages.success(request, "Key revoked. Who still sends it is turned away.")
    return redirect("collection:source", workspace=access.workspace_slug, source_id=source_id)


@require_POST
@page("sources.write")
def enable_source(request: HttpRequest, access: Access, source_id: int) -> HttpResponse:
    """Let a source send, or turn it away (`enabled` 1 or 0)."""
    enabled = request.POST.get("enabled") == "1"
    set_source_enabled(workspace_id=access.workspace_id, source_id=source_id, enabled=enabled, actor=access, request=request)
    messages.success(
        request, "The source may send again." if enabled else "The source is turned away. What it sent before stays."
    )
    return redirect("collection:source_settings", workspace=access.workspace_slug, source_id=source_id)


def about(access: Access, source_id: int, *, tab: str) -> dict[str, Any]:
    """Return what every page of a source shows. Raises NotFound."""
    found = list_source_health(workspace_id=access.workspace_id)
    health = next((one for one in found if one.source.id == source_id), None)
    if health is None:
        raise NotFound("This workspace has no such source.")
    return {
        "health": health,
        "source": health.source,
        "line": sparkline(health.hours),
        "tab": tab,
        "reasons": [(code, name_of(code), count) for code, count in health.reasons.items()],
    }


def _client_of(kind: str) -> str:
    return {"server": "node"}.get(kind, "website")
