"""Work out what the stages foretell of the journey that waits longest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from amity.rooms.journeys.actions.working import Tell, run_next
from amity.rooms.journeys.models import Foretelling, Journey, PainPoint
from amity.rooms.journeys.queries.friction.kept import pain_of
from amity.rooms.journeys.queries.moments.kept import asked_of, content_of
from amity.rooms.journeys.queries.moments.reading import read_journey, stages_of
from amity.rooms.journeys.rules.moments.telling import foretold_by
from amity.rooms.trust import api as trust

_MOST_PAINS = 4  # of a stage


def run_next_foretelling(*, stopping: Callable[[], bool]) -> bool:
    """Work the foretelling that waits longest; return whether there was one. Raises what an engine raises."""
    return run_next(Foretelling.objects.all(), _work, stopping=stopping)


def _work(one: Foretelling, tell: Tell) -> dict[str, object]:
    journey = Journey.objects.get(pk=one.journey_id)
    zone = next(each.time_zone for each in trust.list_workspaces() if each.id == journey.workspace_id)
    content, asked = content_of(one), asked_of(one)
    stages = stages_of(content)
    keys = [content.stages[place].key for place in stages.stages]
    pains = _pains(journey, keys)
    went = read_journey(
        content, asked, {n: {each.pk: pain_of(each).friction for each in some} for n, some in pains.items()},
        workspace_id=journey.workspace_id, time_zone=zone, as_of=one.as_of, tell=tell,
    )  # fmt: skip
    tell("Asking each stage what it foretells", 0.6)
    found = foretold_by(went.cases, went.told, asked.outcome, seed=one.seed)
    names = {each.pk: each for some in pains.values() for each in some}
    for key, stage in zip(keys, found["stages"], strict=False):
        stage |= {"key": key, "name": next(each.name for each in content.stages if each.key == key)}
        for signal in stage["signals"]:
            if signal["pain"] is not None:
                signal["name"] = names[signal["pain"]].name
    return found | {"withheld": went.withheld, "pains": _kept(pains)}


def _pains(journey: Journey, keys: list[str]) -> dict[int, list[PainPoint]]:
    found: dict[int, list[PainPoint]] = {}
    for each in PainPoint.objects.filter(journey=journey, archived_at=None, stage__in=keys).order_by("pk"):
        some = found.setdefault(keys.index(each.stage), [])
        if len(some) < _MOST_PAINS:
            some.append(each)
    return found


def _kept(pains: dict[int, list[PainPoint]]) -> dict[str, Any]:
    """Return the frictions as they were asked, so that a number's customers are found by the same words later."""
    return {str(n): {str(each.pk): each.definition["friction"] for each in some} for n, some in pains.items()}
