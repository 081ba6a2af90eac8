"""Where a workspace opens: at what to do first until it was heard, then at its customers; an example at its customers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch

from amity.rooms.collection.queries.heard import count_heard_sources
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

FIRST_PAGE = "customers:list"


@page("sources.read")
def home(request: HttpRequest, access: Access) -> HttpResponse:  # noqa: ARG001
    """Open the page that is most useful now."""
    heard = access.workspace.is_demo or count_heard_sources(workspace_id=access.workspace_id)
    if heard and access.can("customers.read"):
        try:
            return redirect(FIRST_PAGE, workspace=access.workspace_slug)
        except NoReverseMatch:
            return redirect("collection:live", workspace=access.workspace_slug)
    return redirect("collection:welcome", workspace=access.workspace_slug)
