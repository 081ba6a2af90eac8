"""The rules of a workspace about how often somebody is asked, and what they kept back."""

from __future__ import annotations

from amity.rooms.listening.models import Rest, Withheld
from amity.rooms.listening.rules.rest.judging import DEFAULT, Rule, read


def rules_of(workspace_id: int) -> tuple[Rule, ...]:
    """Return the rules in force; Amity's own where nobody chose any."""
    found = Rest.objects.filter(workspace_id=workspace_id).first()
    return DEFAULT if found is None else read(found.rules)


def withheld_of(workspace_id: int, *, before: int = 0, limit: int = 50) -> list[Withheld]:
    """Return invitations that were kept back, the newest first; `before`: only those with a lower id."""
    found = Withheld.objects.filter(workspace_id=workspace_id)
    if before:
        found = found.filter(pk__lt=before)
    return list(found.select_related("survey").order_by("-pk")[:limit])
