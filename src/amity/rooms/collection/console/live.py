"""Live: interactions as they arrive, one of them in full, and its way through the pipeline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from amity.rooms.collection.console.feed import Seen, recall
from amity.rooms.collection.console.kinds import kind_beside, title_of
from amity.rooms.collection.console.opened import Opened, opened_from_past, opened_from_quarantine, opened_from_seen
from amity.rooms.collection.console.reasons import name_of
from amity.rooms.collection.queries.latest import Wanted, find_interaction, list_latest
from amity.rooms.collection.queries.quarantine import find_quarantined
from amity.rooms.collection.queries.sources import list_sources
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ROWS = 50
LONGEST = 200
OUTCOMES = {"": "any outcome", "accepted": "accepted ones", "rejected": "dropped ones"}
CHANNELS = ("web", "app", "email", "sms", "push", "phone", "chat", "store", "survey", "server")


@page("live.read")
def live(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the latest arrivals; the page then follows the stream."""
    wanted = wanted_of(request)
    sources = names_of_sources(access.workspace_id)
    rows = [row_of_past(one, sources) for one in list_latest(workspace_id=access.workspace_id, wanted=wanted, limit=ROWS)]
    key = request.GET.get("open", "")
    context = {
        "rows": rows,
        "wanted": wanted,
        "filtered": wanted != Wanted(),
        "sources": sources,
        "outcomes": OUTCOMES,
        "channels": sorted(
            {*CHANNELS, *(r["channel"] for r in rows if r["channel"]), *([wanted.channel] if wanted.channel else [])}
        ),
        "query": request.GET.urlencode(),
        "opened": find_opened(access.workspace_id, key, sources) if key else None,
    }
    return render(request, "collection/live.html", context)


@page("live.read")
def live_one(request: HttpRequest, access: Access, key: UUID) -> HttpResponse:
    """Show one arrival in full, for the side panel."""
    opened = find_opened(access.workspace_id, str(key), names_of_sources(access.workspace_id))
    if opened is None:
        raise Http404("No such interaction.")
    return render(request, "collection/_opened.html", {"opened": opened})


def wanted_of(request: HttpRequest) -> Wanted:
    """Read the filter from an address; what makes no sense counts as no filter."""
    source, outcome = request.GET.get("source", ""), request.GET.get("outcome", "")
    return Wanted(
        text=request.GET.get("text", "").strip()[:LONGEST].replace("\x00", ""),
        channel=request.GET.get("channel", "")[:LONGEST],
        source_id=int(source) if source.isdecimal() and len(source) < 10 else 0,
        outcome=outcome if outcome in OUTCOMES else "",
    )


def matches(seen: Seen, wanted: Wanted) -> bool:
    """Tell whether an arrival passes the filter: the same as the past's question asks."""
    return (
        wanted.channel in {"", seen.channel}
        and wanted.source_id in {0, seen.source_id}
        and (not wanted.outcome or (wanted.outcome == "accepted") == seen.accepted)
        and (
            not wanted.text
            or wanted.text in {seen.message_id, seen.outcome, *seen.ids}
            or wanted.text.casefold() in seen.name.casefold()
        )
    )


def names_of_sources(workspace_id: int) -> dict[int, str]:
    """Return the workspace's sources by id."""
    return {source.id: source.name for source in list_sources(workspace_id=workspace_id)}


def row_of_past(found: dict[str, Any], sources: dict[int, str]) -> dict[str, Any]:
    """Return what the list shows of a row of the past."""
    customer = found["customer_id"] if UUID(str(found["customer_id"])).int else None
    who = found["user_id"] or found["anonymous_id"]
    source = sources.get(found["source_id"], "")
    said = _said(found["name"], found["type"], found["outcome"])
    return {**found, **said, "source": source, "customer_id": customer, "who": who}


def row_of_seen(seen: Seen, sources: dict[int, str]) -> dict[str, Any]:
    """Return what the list shows of an arrival."""
    return {
        "key": seen.key,
        **_said(seen.name, seen.type, seen.outcome),
        "channel": seen.channel,
        "outcome": seen.outcome,
        "message_id": seen.message_id,
        "source": sources.get(seen.source_id, ""),
        "customer_id": seen.customer_id,
        "who": seen.who,
        "received_at": datetime.fromtimestamp(seen.received_at / 1000, UTC),
    }


def _said(name: str, kind: str, outcome: str) -> dict[str, str]:
    return {"title": title_of(name=name, kind=kind), "kind": kind_beside(name=name, kind=kind), "dropped_as": name_of(outcome)}


def find_opened(workspace_id: int, key: str, sources: dict[int, str]) -> Opened | None:
    """Find an arrival: among those just seen (with its steps), in the past, or in quarantine."""
    try:
        uuid = UUID(key)
    except ValueError:
        return None
    opened: Opened | None = None
    if seen := recall(workspace_id, str(uuid)):
        opened = opened_from_seen(seen)
    elif found := find_interaction(workspace_id=workspace_id, key=uuid):
        opened = opened_from_past(found)
    elif held := find_quarantined(workspace_id=workspace_id, keys=[uuid]):
        opened = opened_from_quarantine(held[0])
    return opened and replace(opened, source=sources.get(opened.source_id, ""))
