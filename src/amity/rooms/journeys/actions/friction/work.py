"""Price the pain point that waits longest."""

from __future__ import annotations

from collections.abc import Callable

from amity.engines.past.behaviour.moments import EARLIEST
from amity.rooms.journeys.actions.working import Tell, run_next
from amity.rooms.journeys.models import PainPoint, Pricing
from amity.rooms.journeys.queries.friction.kept import pain_of
from amity.rooms.journeys.queries.friction.reading import read_story
from amity.rooms.journeys.rules.friction.pricing import price
from amity.rooms.trust import api as trust

_MOST_OTHERS = 12


def run_next_pricing(*, stopping: Callable[[], bool]) -> bool:
    """Work the pricing that waits longest; return whether there was one. Raises what an engine raises."""
    return run_next(Pricing.objects.all(), _work, stopping=stopping)


def _work(one: Pricing, tell: Tell) -> dict[str, object]:
    workspace_id = PainPoint.objects.get(pk=one.pain_id).workspace_id
    others = PainPoint.objects.filter(workspace_id=workspace_id, archived_at=None).exclude(pk=one.pain_id).order_by("pk")
    events = [pain_of(each).friction for each in others[:_MOST_OTHERS]]
    zone = next(each.time_zone for each in trust.list_workspaces() if each.id == workspace_id)
    pain = pain_of(one)
    found = read_story(pain, events, workspace_id=workspace_id, time_zone=zone, as_of=one.as_of, tell=tell)
    tell("Comparing those who met it with their like", 0.6)
    priced = price(found.story, pain, as_of=one.as_of - EARLIEST, seed=one.seed)
    return priced | {"withheld": found.withheld, "others": [each.name for each in others[:_MOST_OTHERS]]}
