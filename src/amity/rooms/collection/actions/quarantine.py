"""Send quarantined events again, the way that they came: through the edge, with their source's write key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.http import HttpRequest

from amity.kernel.errors import Invalid, NotFound, NotRunning
from amity.kernel.settings import settings
from amity.rooms.collection.contracts import Quarantined, ReplayOutcome
from amity.rooms.collection.models import QuarantineReplay, Source
from amity.rooms.collection.queries.quarantine import find_quarantined
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access, Actor

if TYPE_CHECKING:
    import httpx

MOST = 500
POSTHOG = "posthog"


def replay_quarantined(
    *,
    workspace_id: int,
    keys: Sequence[UUID],
    actor: Access | Actor,
    again: bool = False,
    request: HttpRequest | None = None,
) -> ReplayOutcome:
    """Send up to 500 quarantined events again and mark those that the edge took. `again` also sends those already marked.

    An event that is still wrong comes back to quarantine under a new key. Raises NotFound if none of the keys is known,
    NotRunning if the edge does not answer; what was sent until then stays marked.
    """
    import httpx

    if len(keys) > MOST:
        raise Invalid(f"At most {MOST} events can be sent again at once.")
    found = find_quarantined(workspace_id=workspace_id, keys=keys)
    if not found:
        raise NotFound("These events are no longer in quarantine.")
    waiting = [one for one in found if again or one.replayed_at is None]
    write_keys = {s.pk: s.view().write_key for s in Source.objects.of(workspace_id)}
    sent: list[UUID] = []
    refused: list[tuple[UUID, str]] = []
    try:
        with httpx.Client(base_url=settings().public_edge, timeout=10) as edge:
            for one in waiting:
                problem = _send(edge, one, write_keys.get(one.source_id, ""))
                if problem:
                    refused.append((one.key, problem))
                else:
                    sent.append(one.key)
    except httpx.TransportError as error:
        raise NotRunning(f"The edge does not answer at {settings().public_edge}; is Amity running?") from error
    finally:
        _mark(workspace_id, sent, actor, request)
    return ReplayOutcome(sent=len(sent), refused=tuple(refused), skipped=len(found) - len(waiting))


def _send(edge: httpx.Client, one: Quarantined, write_key: str) -> str:
    """Send one event; return why it was refused, or nothing."""
    if not write_key:
        return "Its source has no write key in force."
    try:
        event = msgspec.json.decode(one.body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        return "It is no JSON object, so it can't be sent as an event."
    if one.step == "edge" and one.dialect == POSTHOG:
        event.setdefault("uuid", str(one.key))  # sent twice, it is still one
        answer = edge.post("/batch/", json={"api_key": write_key, "batch": [event]})
    else:
        event.setdefault("messageId", f"quarantine-{one.key}")
        answer = edge.post("/v1/batch", json={"batch": [event]}, auth=(write_key, ""))
    return "" if answer.status_code == 200 else _reason(answer)


def _reason(answer: httpx.Response) -> str:
    try:
        said: Any = answer.json()
        return str(said["message"])[:300]
    except (ValueError, KeyError, TypeError):
        return f"The edge answered {answer.status_code}."


def _mark(workspace_id: int, keys: Sequence[UUID], actor: Access | Actor, request: HttpRequest | None) -> None:
    if not keys:
        return
    who = actor.actor if isinstance(actor, Access) else actor
    with transaction.atomic():
        QuarantineReplay.objects.bulk_create(
            [QuarantineReplay(workspace_id=workspace_id, key=key, actor=who.email or who.name) for key in keys],
            ignore_conflicts=True,
        )
        trust.record(
            actor,
            action="quarantine.replayed",
            target=f"workspace:{workspace_id}",
            after={"events": len(keys), "first": str(keys[0])},
            request=request,
            workspace_id=workspace_id,
        )
