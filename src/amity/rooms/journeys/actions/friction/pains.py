"""What people do to pain points: keep, change, say the effort, ask what they cost, archive."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.journeys.models import PainPoint, Pricing
from amity.rooms.journeys.models.worked import RUNNING, WAITING
from amity.rooms.journeys.queries.friction.kept import accessible_pain
from amity.rooms.journeys.queries.maps.kept import accessible_journey, map_of
from amity.rooms.journeys.rules.friction.language import Pain, checked, written
from amity.rooms.journeys.rules.texts import checked_about, checked_name
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

EFFORTS = {1: "a day", 2: "a week", 3: "a month", 4: "a quarter", 5: "a year"}


def keep_pain(  # noqa: PLR0913  one argument for each part
    access: Access, *, pain_id: int | None = None, name: str, about: str = "", pain: Pain, journey_id: int | None = None, stage: str = "",
    effort: int | None = None, request: HttpRequest | None = None,
) -> PainPoint:  # fmt: skip
    """Keep a pain point, or change one. Raises Invalid with what to mend, NotFound."""
    now, who = now_ms(), access.actor.name[:254]
    if effort is not None and effort not in EFFORTS:
        raise Invalid("The effort is a number from 1 to 5.")
    if pain_id is None:
        one = PainPoint(workspace_id=access.workspace_id, number=0, created_at=now, created_by=who)
    else:
        one = accessible_pain(workspace_id=access.workspace_id, pain_id=pain_id)
    if one.archived_at is not None:
        raise Invalid("An archived pain point can’t be changed.")
    before = _told(one) if one.pk else None
    definition = written(checked(pain))
    if definition != one.definition:
        one.number += 1
    one.name, one.about, one.definition, one.effort = checked_name(name, "A pain point"), checked_about(about), definition, effort
    one.journey_id, one.stage = _place(access, journey_id, stage)
    one.updated_at, one.updated_by = now, who
    with transaction.atomic():
        _save(one)
        action = "pain.changed" if before else "pain.created"
        trust.record(access, action=action, target=f"pain:{one.pk}", before=before, after=_told(one), request=request)
    return one


def ask_price(access: Access, *, pain_id: int, request: HttpRequest | None = None) -> Pricing:
    """Ask that a pain point is priced as of now; one that is on its way stands. Raises Invalid, NotFound."""
    one = accessible_pain(workspace_id=access.workspace_id, pain_id=pain_id)
    if one.archived_at is not None:
        raise Invalid("An archived pain point isn’t priced.")
    now = now_ms()
    with transaction.atomic():
        PainPoint.objects.select_for_update().get(pk=one.pk)
        running = Pricing.objects.filter(pain=one, state__in=[WAITING, RUNNING]).first()
        if running is not None:
            return running
        made = Pricing.objects.create(
            pain=one, number=one.number, definition=one.definition, as_of=now, seed=now % 2**31, asked_at=now,
            asked_by=access.actor.name[:254],
        )  # fmt: skip
        trust.record(access, action="pain.priced", target=f"pain:{one.pk}", after={"version": one.number}, request=request)
    return made


def archive_pain(access: Access, *, pain_id: int, request: HttpRequest | None = None) -> PainPoint:
    """Put a pain point away. Nothing is deleted."""
    one = accessible_pain(workspace_id=access.workspace_id, pain_id=pain_id)
    if one.archived_at is None:
        one.archived_at, one.archived_by = now_ms(), access.actor.name[:254]
        with transaction.atomic():
            one.save(update_fields=["archived_at", "archived_by"])
            trust.record(access, action="pain.archived", target=f"pain:{one.pk}", request=request)
    return one


def _place(access: Access, journey_id: int | None, stage: str) -> tuple[int | None, str]:
    if journey_id is None:
        return None, ""
    journey = accessible_journey(workspace_id=access.workspace_id, journey_id=journey_id)
    found = map_of(journey)
    keys = {each.key for each in found.stages} if found else set()
    if stage and stage not in keys:
        raise Invalid("That journey has no such stage.")
    return journey.pk, stage


def _save(one: PainPoint) -> None:
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise Invalid(f"There is a pain point named {one.name} already; choose another name.") from None


def _told(one: PainPoint) -> dict[str, Any]:
    return {"name": one.name, "about": one.about, "definition": one.definition, "effort": one.effort}
