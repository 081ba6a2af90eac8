"""What colleagues say of a map: comment on a stage or one of its lanes, settle it, open it again."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.journeys.models import Comment, Journey
from amity.rooms.journeys.queries.maps.kept import accessible_journey, map_of
from amity.rooms.journeys.rules.maps.language import LANES
from amity.rooms.journeys.rules.texts import storable
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

LONGEST = 1_000


def comment(  # noqa: PLR0913  one argument for each part
    access: Access, *, journey_id: int, stage: str, lane: str = "", body: str, to: str = "", request: HttpRequest | None = None
) -> Comment:
    """Say something of a stage, or of one of its lanes, to a colleague (by id) or to all. Raises Invalid, NotFound."""
    one = _changeable(access, journey_id)
    content, text = map_of(one), storable(body).strip()
    if content is None or all(each.key != stage for each in content.stages) or (lane and lane not in LANES):
        raise Invalid("There is no such place on the map.")
    if not text or len(text) > LONGEST:
        raise Invalid(f"Say something, in at most {LONGEST:,} characters.")
    if to and all(each.id != to for each in trust.list_colleagues(access.workspace_id)):
        raise Invalid("There is no such colleague here.")
    now = now_ms()
    with transaction.atomic():
        made = Comment.objects.create(
            journey=one, stage=stage, lane=lane, body=text, to_person=to, made_at=now, made_by=access.actor.name[:254],
            letter_due_at=now if to and to != access.actor.id else None,
        )  # fmt: skip
        trust.record(
            access, action="journey.commented", target=f"journey:{one.pk}", after={"stage": stage, "lane": lane}, request=request
        )
    return made


def settle(
    access: Access, *, journey_id: int, comment_id: int, settled: bool = True, request: HttpRequest | None = None
) -> Comment:
    """Settle a comment, or open it again. Raises Invalid, NotFound."""
    one = _changeable(access, journey_id)
    with transaction.atomic():
        found = Comment.objects.select_for_update().filter(journey=one, pk=comment_id).first()
        if found is None:
            raise NotFound("There is no such comment.")
        if (found.settled_at is not None) != settled:
            found.settled_at, found.settled_by = (now_ms(), access.actor.name[:254]) if settled else (None, "")
            found.save(update_fields=["settled_at", "settled_by"])
            action = "journey.comment_settled" if settled else "journey.comment_opened"
            trust.record(access, action=action, target=f"journey:{one.pk}", request=request)
    return found


def _changeable(access: Access, journey_id: int) -> Journey:
    one = accessible_journey(workspace_id=access.workspace_id, journey_id=journey_id)
    if one.archived_at is not None:
        raise Invalid("An archived journey isn’t commented on.")
    return one
