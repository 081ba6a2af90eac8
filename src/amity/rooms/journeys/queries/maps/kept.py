"""Journeys as the present holds them, and what their maps come to now."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec
from django.db.models import F, Q

from amity.kernel.errors import NotFound
from amity.rooms.journeys.contracts import FunnelFigures
from amity.rooms.journeys.models import Comment, Journey, JourneyVersion
from amity.rooms.journeys.queries.funnels.count import count_funnel
from amity.rooms.journeys.rules.maps.language import JourneyMap, Measured, measured, read

CURRENT, TARGET = "current", "target"


def accessible_journey(*, workspace_id: int, journey_id: int) -> Journey:
    """Return a journey of a workspace, an archived one too. Raises NotFound."""
    found = Journey.objects.filter(workspace_id=workspace_id, pk=journey_id).first()
    if found is None:
        raise NotFound("There is no such journey here.")
    return found


def shared_journey(secret: str, *, at: int) -> Journey:
    """Return the journey whose map a link shows at an instant (ms). Raises NotFound for a link that isn't in force."""
    found = Journey.objects.select_related("workspace").filter(shared_digest=digest(secret), archived_at=None).first()
    if found is None or found.shared_until is None or found.shared_until <= at:
        raise NotFound("This link shows nothing any more. Ask who gave it to you for another.")
    return found


def digest(secret: str) -> str:
    """Return what is kept of a link's secret part."""
    return sha256(secret.encode(errors="replace")).hexdigest()


def list_journeys(*, workspace_id: int, archived: bool = False, text: str = "") -> list[Journey]:
    """Return a workspace's journeys by lifecycle and name; with `text`, those whose name, lifecycle or description has it."""
    found = Journey.objects.filter(workspace_id=workspace_id, archived_at__isnull=not archived)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(about__icontains=text) | Q(lifecycle__icontains=text))
    return list(found.order_by("lifecycle", "name", "pk"))


def map_of(one: Journey, side: str = CURRENT) -> JourneyMap | None:
    """Return a journey's map; None for a target that isn't there yet."""
    content = one.current if side == CURRENT else one.target
    return None if content is None else read(msgspec.json.encode(content))


def versions_of(one: Journey, *, most: int = 100) -> list[JourneyVersion]:
    """Return a journey's versions, newest first."""
    return list(JourneyVersion.objects.filter(journey=one).order_by("-number")[:most])


def comments_of(one: Journey, *, most: int = 200) -> list[Comment]:
    """Return what was said of a journey's map: what is open first, then the newest."""
    found = Comment.objects.filter(journey=one).order_by(F("settled_at").desc(nulls_first=True), "-id")
    return list(found[:most])


def open_comments(some: Sequence[Journey]) -> dict[int, list[str]]:
    """Return to whom the open comments of journeys are said, by journey."""
    found: dict[int, list[str]] = {}
    for journey, to in Comment.objects.filter(journey__in=some, settled_at=None).values_list("journey_id", "to_person"):
        found.setdefault(journey, []).append(to)
    return found


def live(one: JourneyMap, *, workspace_id: int, time_zone: str, as_of: int) -> tuple[Measured, FunnelFigures] | None:
    """Return what a map's stages come to at an instant (ms); None where fewer than two have an event. Raises NotRunning."""
    asked = measured(one)
    if asked is None:
        return None
    return asked, count_funnel(asked.funnel, workspace_id=workspace_id, time_zone=time_zone, as_of=as_of)
