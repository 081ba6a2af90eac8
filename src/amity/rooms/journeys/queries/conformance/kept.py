"""What a journey aims for, and which deviations from it are accepted."""

from __future__ import annotations

from amity.engines.past.behaviour.language import Window
from amity.engines.past.behaviour.moments import check_value
from amity.kernel.errors import Invalid
from amity.rooms.journeys.models import Allowance, Journey
from amity.rooms.journeys.queries.maps.kept import TARGET, map_of
from amity.rooms.journeys.rules.conformance.language import Conformance, aimed


def question_of(one: Journey, *, case: str = "", period: Window | None, its_own: bool = False) -> Conformance:
    """Return the question whether cases go as a journey's target says, or its map while it has none.

    `its_own`: the map's period takes the place of `period`. Raises Invalid.
    """
    if case:
        check_value(case)
    content = map_of(one, TARGET) or map_of(one)
    if content is None:
        raise Invalid("There is no map to hold cases to.")
    return aimed(content, case=case, period=content.period if its_own else period)


def accepted_of(one: Journey) -> dict[tuple[str, str], Allowance]:
    """Return the deviations of a journey that are accepted now, by kind and stage's key."""
    return {(each.kind, each.stage): each for each in Allowance.objects.filter(journey=one, ended_at__isnull=True).order_by("pk")}
