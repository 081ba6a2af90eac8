"""Personas as the present holds them: all, one, a customer's, and how far members have moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q

from amity.kernel.clock import now_ms
from amity.kernel.errors import NotFound
from amity.rooms.customers.models import Audience, Member, Persona, PersonaVersion
from amity.rooms.customers.queries.personas.numbers import Numbers
from amity.rooms.customers.rules.personas.drift import Freshness, freshness
from amity.rooms.customers.rules.personas.measures import Measure


def accessible_persona(*, workspace_id: int, persona_id: int) -> Persona:
    """Return a persona of a workspace, an archived one too. Raises NotFound."""
    found = Persona.objects.select_related("audience").filter(workspace_id=workspace_id, pk=persona_id).first()
    if found is None:
        raise NotFound("There is no such persona here.")
    return found


def list_personas(*, workspace_id: int, archived: bool = False, text: str = "") -> list[Persona]:
    """Return a workspace's personas by name; with `text`, those whose name or words have it."""
    found = Persona.objects.select_related("audience").filter(workspace_id=workspace_id, archived_at__isnull=not archived)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(told__line__icontains=text) | Q(told__about__icontains=text))
    return list(found.order_by("name", "pk"))


def versions_of(persona_id: int) -> list[PersonaVersion]:
    """Return a persona's versions, newest first."""
    return list(PersonaVersion.objects.filter(persona_id=persona_id).order_by("-number"))


def personas_of(since: Mapping[int, int]) -> list[tuple[Persona, int]]:
    """Return (persona, since) of the personas that somebody is of who is in these audiences since then, by name."""
    if not since:
        return []
    found = Persona.objects.filter(audience_id__in=since, audience__archived_at=None, archived_at=None).order_by("name")
    return [(one, since[one.audience_id]) for one in found if one.audience_id is not None]


def usable_audiences(workspace_id: int, *, chosen: int | None = None) -> list[Audience]:
    """Return the audiences that a persona may stand for: those in use, and the one that is chosen."""
    return list(
        Audience.objects.filter(Q(archived_at=None) | Q(pk=chosen or 0), workspace_id=workspace_id).order_by("name", "pk")
    )


def freshness_of(one: Persona, numbers: Numbers | None) -> Freshness:
    """Return whether a persona still holds. Without numbers nothing has been reviewed that could move."""
    stayed, size = 0, 0
    if numbers is not None and one.reviewed_at is not None and one.audience_id is not None:
        size = numbers.size
        stayed = Member.objects.filter(audience_id=one.audience_id, inside=True, since__lte=one.reviewed_at).count()
    measures: Sequence[Measure] = numbers.held_against if numbers is not None else ()
    return freshness(
        reviewed_at=one.reviewed_at, reviewed=one.reviewed, now=now_ms(), size=size, stayed=stayed, measures=measures
    )
