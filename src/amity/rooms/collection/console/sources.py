"""Sources: where interactions come from, how each does, and a new one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amity.kernel.errors import Invalid
from amity.rooms.collection.actions.sources import create_source
from amity.rooms.collection.console.forms import SourceForm
from amity.rooms.collection.console.sparkline import sparkline
from amity.rooms.collection.queries.sources import list_source_health
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@page("sources.read")
def sources(request: HttpRequest, access: Access) -> HttpResponse:
    """List every source with its last 24 hours."""
    found = list_source_health(workspace_id=access.workspace_id)
    context = {
        "rows": [{"health": health, "source": health.source, "line": sparkline(health.hours)} for health in found],
        "accepted": sum(h.accepted for h in found),
        "rejected": sum(h.rejected for h in found),
        "duplicates": sum(h.duplicates for h in found),
    }
    return render(request, "collection/sources.html", context)


@page("sources.write")
def new_source(request: HttpRequest, access: Access) -> HttpResponse:
    """Make a source; its page then shows what to paste."""
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_source(
                workspace_id=access.workspace_id,
                name=form.cleaned_data["name"],
                kind=form.cleaned_data["kind"],
                actor=access,
                request=request,
            )
        except Invalid as error:
            form.add_error("name", error.message)
        else:
            return redirect("collection:source", workspace=access.workspace_slug, source_id=made.id)
    return render(request, "collection/new_source.html", {"form": form}, status=400 if form.errors else 200)
