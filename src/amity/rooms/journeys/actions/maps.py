"""What people do to journeys: make, draw, name, bring back, archive. Each change of a map is a version of its own."""

from __future__ import annotations

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.journeys.models import Journey, JourneyVersion
from amity.rooms.journeys.queries.funnels.count import check_asked
from amity.rooms.journeys.queries.maps.kept import CURRENT, TARGET, accessible_journey, map_of
from amity.rooms.journeys.rules.maps.language import JourneyMap, measured, written
from amity.rooms.journeys.rules.texts import checked_about, checked_name, storable
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access


def create_journey(  # noqa: PLR0913  one argument for each part
    access: Access, *, name: str, about: str = "", lifecycle: str = "", owner: str = "", content: JourneyMap,
    request: HttpRequest | None = None,
) -> Journey:  # fmt: skip
    """Make a journey with its map. Raises Invalid with what to mend."""
    _check(content, access)
    now, who = now_ms(), access.actor.name[:254]
    made = Journey(
        workspace_id=access.workspace_id, name=checked_name(name, "A journey"), about=checked_about(about), lifecycle=_short(lifecycle),
        owner=_short(owner), current=written(content), created_at=now, created_by=who, updated_at=now, updated_by=who,
    )  # fmt: skip
    with transaction.atomic():
        _save(made)
        _version(made, CURRENT, "Made")
        trust.record(access, action="journey.created", target=f"journey:{made.pk}", after={"name": made.name}, request=request)
    return made


def draw_journey(  # noqa: PLR0913  one argument for each part
    access: Access, *, journey_id: int, side: str = CURRENT, what: str, draw: Callable[[JourneyMap], JourneyMap],
    request: HttpRequest | None = None,
) -> Journey:  # fmt: skip
    """Change a journey's map, or its target; `draw` is given the map as it stands now. Raises Invalid, NotFound."""
    with transaction.atomic():
        one = _locked(access, journey_id)
        before = map_of(one, side)
        if before is None:
            raise NotFound("There is no target yet.")
        after = draw(before)
        _check(after, access)
        if written(after) != written(before):
            _put(one, side, written(after), what, access)
            trust.record(
                access, action="journey.drawn", target=f"journey:{one.pk}", after={"side": side, "what": what}, request=request
            )
    return one


def set_target(access: Access, *, journey_id: int, request: HttpRequest | None = None) -> Journey:
    """Begin a target as a copy of the map as it is. Raises Invalid where there is one."""
    with transaction.atomic():
        one = _locked(access, journey_id)
        if one.target is not None:
            raise Invalid("There is a target already.")
        _put(one, TARGET, one.current, "Target begun from the map as it was", access)
        trust.record(access, action="journey.drawn", target=f"journey:{one.pk}", after={"side": TARGET}, request=request)
    return one


def bring_in_target(
    access: Access, *, journey_id: int, what: str, draw: Callable[[JourneyMap], JourneyMap], request: HttpRequest | None = None
) -> Journey:
    """Let the target be what `draw` makes of it; of the map as it is where there is none yet. Raises Invalid, NotFound."""
    with transaction.atomic():
        one = _locked(access, journey_id)
        before = map_of(one, TARGET) or map_of(one)
        after = draw(before or JourneyMap())
        _check(after, access)
        _put(one, TARGET, written(after), what, access)
        trust.record(
            access, action="journey.drawn", target=f"journey:{one.pk}", after={"side": TARGET, "what": what}, request=request
        )
    return one


def bring_back(access: Access, *, journey_id: int, number: int, request: HttpRequest | None = None) -> Journey:
    """Let a map be again as it was in a version. That is a new version, so nothing is lost. Raises NotFound."""
    with transaction.atomic():
        one = _locked(access, journey_id)
        was = JourneyVersion.objects.filter(journey=one, number=number).first()
        if was is None:
            raise NotFound("There is no such version.")
        _put(one, was.side, was.content, f"Brought back version {number}", access)
        trust.record(access, action="journey.drawn", target=f"journey:{one.pk}", after={"brought_back": number}, request=request)
    return one


def name_journey(  # noqa: PLR0913  one argument for each part
    access: Access, *, journey_id: int, name: str, about: str, lifecycle: str, owner: str, request: HttpRequest | None = None
) -> Journey:
    """Change what a journey is called, whose it is and where it belongs. Raises Invalid, NotFound."""
    with transaction.atomic():
        one = _locked(access, journey_id)
        one.name, one.about = checked_name(name, "A journey"), checked_about(about)
        one.lifecycle, one.owner = _short(lifecycle), _short(owner)
        one.updated_at, one.updated_by = now_ms(), access.actor.name[:254]
        _save(one)
        trust.record(access, action="journey.named", target=f"journey:{one.pk}", after={"name": one.name}, request=request)
    return one


def archive_journey(access: Access, *, journey_id: int, request: HttpRequest | None = None) -> Journey:
    """Put a journey away; its link ends. Nothing is deleted."""
    one = accessible_journey(workspace_id=access.workspace_id, journey_id=journey_id)
    if one.archived_at is None:
        one.archived_at, one.archived_by, one.shared_digest = now_ms(), access.actor.name[:254], ""
        with transaction.atomic():
            one.save(update_fields=["archived_at", "archived_by", "shared_digest"])
            trust.record(access, action="journey.archived", target=f"journey:{one.pk}", request=request)
    return one


def _locked(access: Access, journey_id: int) -> Journey:
    one = accessible_journey(workspace_id=access.workspace_id, journey_id=journey_id)
    if one.archived_at is not None:
        raise Invalid("An archived journey can’t be changed.")
    return Journey.objects.select_for_update().get(pk=one.pk)


def _put(one: Journey, side: str, content: object, what: str, access: Access) -> None:
    if side == TARGET:
        one.target = content
    else:
        one.current = content
    one.number += 1
    one.updated_at, one.updated_by = now_ms(), access.actor.name[:254]
    one.save()
    _version(one, side, what)


def _version(one: Journey, side: str, what: str) -> None:
    JourneyVersion.objects.create(
        journey=one, number=one.number, side=side, content=one.target if side == TARGET else one.current, what=what[:200],
        made_at=one.updated_at, made_by=one.updated_by,
    )  # fmt: skip


def _check(content: JourneyMap, access: Access) -> None:
    asked = measured(content)
    if asked is not None:
        check_asked(asked.funnel, workspace_id=access.workspace_id)


def _short(text: str) -> str:
    return storable(text).strip()[:120]


def _save(one: Journey) -> None:
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise Invalid(f"There is a journey named {one.name} already; choose another name.") from None
