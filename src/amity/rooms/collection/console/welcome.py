"""Welcome: what to do first, and the first interaction as it arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError
from amity.kernel.settings import settings
from amity.rooms.collection.actions.sources import create_source
from amity.rooms.collection.console.live import names_of_sources, row_of_past
from amity.rooms.collection.console.snippets import SNIPPETS, coloured, find_snippet, is_local
from amity.rooms.collection.console.trial import send_trial
from amity.rooms.collection.contracts import SourceView
from amity.rooms.collection.queries.heard import count_heard_sources
from amity.rooms.collection.queries.latest import Wanted, list_latest
from amity.rooms.collection.queries.sources import list_sources
from amity.rooms.trust.api import list_workspaces_of, page
from amity.rooms.trust.contracts import Access

FIRST_SOURCE = "Your website"
STOP_POLLING = 286  # htmx's own code: swap this in, and ask no more


@dataclass(frozen=True, kw_only=True)
class FirstStep:
    """One step of the first half hour. Done is what really is so, never what was clicked."""

    title: str
    words: str
    done: bool
    url: str = ""


@page("sources.read")
def welcome(request: HttpRequest, access: Access) -> HttpResponse:
    """Show what to paste where, whether it has arrived, and what comes next."""
    source = _source(request, access)
    snippet = find_snippet(request.GET.get("client", ""))
    edge = settings().public_edge
    write_key = source.write_key if source else ""
    heard = _heard(access, since=0)
    context = {
        "source": source,
        "snippets": SNIPPETS,
        "snippet": snippet,
        "code": coloured(snippet.code(write_key=write_key or "YOUR_WRITE_KEY", edge=edge)),
        "local": is_local(edge),
        "edge": edge,
        "heard": heard,
        "since": 0,
        **_steps(access, heard=heard),
        "example": next((w for w in list_workspaces_of(access.actor.id) if w.is_demo and w.slug != access.workspace_slug), None),
    }
    part = request.headers.get("HX-Target") == "snippet"
    return render(request, "collection/_snippet.html" if part else "collection/welcome.html", context)


@page("sources.read")
def heard(request: HttpRequest, access: Access) -> HttpResponse:
    """Tell whether something arrived since a moment (ms since 1970); once it did, the page asks no more."""
    told = request.GET.get("since", "0")
    since = int(told) if told.isdecimal() and len(told) < 15 else 0
    found = _heard(access, since=since)
    context = {"heard": found, "since": since, **_steps(access, heard=found), "swapped": True}
    return render(request, "collection/_heard.html", context, status=STOP_POLLING if found else 200)


@require_POST
@page("sources.write")
def trial(request: HttpRequest, access: Access) -> HttpResponse:
    """Send a test interaction through the edge, as a client would."""
    since = now_ms()
    try:
        source = _source(request, access)
        if source is None or not source.write_key:
            raise AmityError("This workspace has no source with a write key in force. Make one under Sources.")  # noqa: TRY301
        send_trial(edge=settings().public_edge, write_key=source.write_key, sender=access.actor.name or access.actor.email)
    except AmityError as error:
        if request.headers.get("HX-Request"):
            context = {"problem": error.message, "heard": None, "since": 0, **_steps(access, heard=None)}
            return render(request, "collection/_heard.html", context)
        messages.error(request, error.message)
        return redirect("collection:welcome", workspace=access.workspace_slug)
    if not request.headers.get("HX-Request"):
        return redirect("collection:welcome", workspace=access.workspace_slug)
    context = {"heard": None, "since": since, "sent": True, **_steps(access, heard=_heard(access, since=0))}
    return render(request, "collection/_heard.html", context)


def _source(request: HttpRequest, access: Access) -> SourceView | None:
    sources = [s for s in list_sources(workspace_id=access.workspace_id) if s.write_key and s.disabled_at is None]
    if not sources and access.can("sources.write"):
        taken = names_of_sources(access.workspace_id).values()
        name = FIRST_SOURCE if FIRST_SOURCE not in taken else f"{FIRST_SOURCE} ({len(taken) + 1})"
        return create_source(workspace_id=access.workspace_id, name=name, kind="website", actor=access, request=request)
    return sources[0] if sources else None


def _heard(access: Access, *, since: int) -> dict[str, Any] | None:
    if not count_heard_sources(workspace_id=access.workspace_id):
        return None
    rows = list_latest(workspace_id=access.workspace_id, wanted=Wanted(outcome="accepted"), limit=5)
    start = datetime.fromtimestamp(since / 1000, UTC) - timedelta(seconds=1)
    fresh = [row for row in rows if not since or row["received_at"] >= start]
    found = next((row for row in fresh if row["type"] == "track"), fresh[0] if fresh else None)
    return row_of_past(found, names_of_sources(access.workspace_id)) if found else None


def _steps(access: Access, *, heard: dict[str, Any] | None) -> dict[str, Any]:
    slug = access.workspace_slug
    sources = count_heard_sources(workspace_id=access.workspace_id)
    steps = [
        FirstStep(title="Amity is running", words="It answers, and keeps what it is sent.", done=True),
        FirstStep(title="Hear one interaction", words="A page view is enough.", done=bool(sources)),
        FirstStep(
            title="See your first customer",
            words="Their story, and how we knew it was them.",
            done=bool(heard and heard["customer_id"]),
        ),
        FirstStep(
            title="Hear from a second place",
            words="A server or an app. What one person does in both joins into one story.",
            done=sources > 1,
            url=reverse("collection:sources", kwargs={"workspace": slug}),
        ),
    ]
    return {"steps": steps, "next_step": next((step for step in steps if not step.done), None)}
