"""Incidents as the present holds them."""

from __future__ import annotations

import msgspec
from django.db.models import Q

from amity.kernel.errors import NotFound
from amity.rooms.journeys.models import Incident, IncidentEntry
from amity.rooms.journeys.rules.incidents.language import Told, read

STATES = {"open": ("open", "watching"), "over": ("over", "withdrawn"), "all": ()}


def accessible_incident(*, workspace_id: int, incident_id: int) -> Incident:
    """Return an incident of a workspace. Raises NotFound."""
    found = Incident.objects.filter(workspace_id=workspace_id, pk=incident_id if 0 < incident_id < 2**63 else 0).first()
    if found is None:
        raise NotFound("There is no such incident here.")
    return found


def incident_by_key(*, workspace_id: int, key: str) -> Incident | None:
    """Return the incident that a program knows by this key."""
    return Incident.objects.filter(workspace_id=workspace_id, key=key).first() if key else None


def list_incidents(*, workspace_id: int, state: str = "all", text: str = "", before: int = 0, limit: int = 50) -> list[Incident]:
    """Return incidents, the newest made first; `before`: only those with a lower id."""
    found = Incident.objects.filter(workspace_id=workspace_id)
    if STATES[state]:
        found = found.filter(status__in=STATES[state])
    if text:
        found = found.filter(Q(title__icontains=text) | Q(owner__icontains=text))
    if before:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def count_open(*, workspace_id: int) -> int:
    """Return how many incidents go on."""
    return Incident.objects.filter(workspace_id=workspace_id, status__in=STATES["open"]).count()


def told_of(one: Incident) -> Told:
    """Return what shows that somebody met an incident."""
    return read(msgspec.json.encode(one.definition))


def entries_of(one: Incident) -> list[IncidentEntry]:
    """Return an incident's timeline, the oldest first."""
    return list(IncidentEntry.objects.filter(incident=one).order_by("at", "pk"))
