"""What people do to deviations: accept one with its reason, and end that."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.journeys.models import Allowance, Journey
from amity.rooms.journeys.queries.maps.kept import TARGET, accessible_journey, map_of
from amity.rooms.journeys.rules.conformance.deviating import KINDS
from amity.rooms.journeys.rules.texts import storable
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

LONGEST_REASON = 300


def accept_deviation(  # noqa: PLR0913  one argument for each part
    access: Access, *, journey_id: int, kind: str, stage: str, reason: str, request: HttpRequest | None = None
) -> Allowance:
    """Accept a deviation of a stage from now on. Raises Invalid with what to mend, NotFound."""
    one = _changeable(access, journey_id)
    content = map_of(one, TARGET) or map_of(one)
    if kind not in KINDS or content is None or all(each.key != stage for each in content.stages):
        raise Invalid("There is no such deviation.")
    why = storable(reason).strip()
    if not why or len(why) > LONGEST_REASON:
        raise Invalid(f"Say in at most {LONGEST_REASON} characters why this is fine.")
    try:
        with transaction.atomic():
            made = Allowance.objects.create(
                journey=one, kind=kind, stage=stage, reason=why, made_at=now_ms(), made_by=access.actor.name[:254]
            )
            trust.record(
                access, action="journey.deviation_accepted", target=f"journey:{one.pk}",
                after={"kind": kind, "stage": stage, "reason": why}, request=request,
            )  # fmt: skip
    except IntegrityError:
        raise Invalid("It is accepted already.") from None
    return made


def end_allowance(access: Access, *, journey_id: int, allowance_id: int, request: HttpRequest | None = None) -> Allowance:
    """Let a deviation count again. Raises NotFound."""
    one = _changeable(access, journey_id)
    with transaction.atomic():
        found = Allowance.objects.select_for_update().filter(journey=one, pk=allowance_id).first()
        if found is None:
            raise NotFound("Nothing of the kind was accepted here.")
        if found.ended_at is None:
            found.ended_at, found.ended_by = now_ms(), access.actor.name[:254]
            found.save(update_fields=["ended_at", "ended_by"])
            trust.record(
                access, action="journey.deviation_counted", target=f"journey:{one.pk}",
                before={"kind": found.kind, "stage": found.stage, "reason": found.reason}, request=request,
            )  # fmt: skip
    return found


def _changeable(access: Access, journey_id: int) -> Journey:
    one = accessible_journey(workspace_id=access.workspace_id, journey_id=journey_id)
    if one.archived_at is not None:
        raise Invalid("An archived journey can’t be changed.")
    return one
