"""A workspace's settings, and making another workspace."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amity.kernel.errors import AmityError
from amity.rooms.trust.actions.workspaces import SETTINGS, change_settings, create_workspace
from amity.rooms.trust.api import page
from amity.rooms.trust.console.forms import NewWorkspaceForm, WorkspaceForm
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import Person


@page("settings.write")
@require_http_methods(["GET", "POST"])
def workspace_settings(request: HttpRequest, access: Access) -> HttpResponse:
    """Show and change the workspace's settings."""
    initial = {name: getattr(access.workspace, name) for name in SETTINGS}
    form = WorkspaceForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_settings(access=access, changes=form.cleaned_data, request=request)
        except AmityError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "The settings are saved.")
            return redirect("trust:settings", workspace=access.workspace_slug)
    return render(request, "trust/settings.html", {"form": form}, status=200 if request.method == "GET" else 422)


@page("workspaces.write")
@require_http_methods(["GET", "POST"])
def new_workspace(request: HttpRequest, access: Access) -> HttpResponse:
    """Make another workspace, which its maker owns, and open it."""
    form = NewWorkspaceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_workspace(by=Person.objects.get(pk=access.actor.id), name=form.cleaned_data["name"], request=request)
        except AmityError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{made.name} is ready.")
            return redirect(f"/w/{made.slug}/")
    return render(request, "trust/new_workspace.html", {"form": form}, status=200 if request.method == "GET" else 422)
