"""A source's quarantine: what was sent and not taken, why, and sending it again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from amity.kernel.errors import AmityError, Invalid
from amity.rooms.collection.actions.quarantine import MOST, replay_quarantined
from amity.rooms.collection.console.opened import pretty
from amity.rooms.collection.console.reasons import explain, name_of
from amity.rooms.collection.console.source import about
from amity.rooms.collection.queries.quarantine import list_quarantine
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ROWS = 25


@page("sources.read")
def quarantine(request: HttpRequest, access: Access, source_id: int) -> HttpResponse:
    """Show what one source sent and was not taken, newest first."""
    reason = request.GET.get("reason", "")[:64]
    found = list_quarantine(
        workspace_id=access.workspace_id,
        source_id=source_id,
        reason=reason,
        older_than=request.GET.get("older", ""),
        limit=ROWS,
    )
    rows = [
        {"held": held, "said": name_of(held.reason), "todo": explain(held.reason)[1], "body": pretty(held.body)}
        for held in found.rows
    ]
    context = about(access, source_id, tab="quarantine")
    context |= {"rows": rows, "older": found.older, "reason": reason, "reason_said": name_of(reason), "most": MOST}
    return render(request, "collection/quarantine.html", context)


@require_POST
@page("quarantine.replay")
def replay(request: HttpRequest, access: Access, source_id: int) -> HttpResponse:
    """Send chosen events again through the edge, or (`all`) everything that waits, up to 500 at a time."""
    reason = request.POST.get("reason", "")[:64]
    back = reverse("collection:quarantine", kwargs={"workspace": access.workspace_slug, "source_id": source_id})
    try:
        keys = _waiting(access, source_id, reason) if "all" in request.POST else _chosen(request.POST.getlist("key"))
        if not keys:
            messages.info(request, "Nothing waits here: everything was sent again already.")
        else:
            done = replay_quarantined(
                workspace_id=access.workspace_id, keys=keys, actor=access, again="again" in request.POST, request=request
            )
            _say(request, sent=done.sent, refused=len(done.refused), why=done.refused[0][1] if done.refused else "")
    except AmityError as error:
        messages.error(request, error.message)
    return redirect(f"{back}?{urlencode({'reason': reason})}" if reason else back)


def _waiting(access: Access, source_id: int, reason: str) -> list[UUID]:
    found = list_quarantine(workspace_id=access.workspace_id, source_id=source_id, reason=reason, limit=MOST)
    return [one.key for one in found.rows if one.replayed_at is None]


def _chosen(told: list[str]) -> list[UUID]:
    try:
        return [UUID(key) for key in told]
    except ValueError:
        raise Invalid("One of the chosen events has no readable key; reload the page and choose again.") from None


def _say(request: HttpRequest, *, sent: int, refused: int, why: str) -> None:
    if sent:
        messages.success(request, f"{sent:,} sent again. What is still wrong comes back here within a second or two.")
    if refused:
        messages.warning(request, f"{refused:,} could not be sent. The first: {why}")
