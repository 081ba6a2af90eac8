"""Price the pain point that waits longest. Whoever works it holds its claim; after a crash another one begins it anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from amity.engines.past.behaviour.moments import EARLIEST
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.kernel.ids import new_id
from amity.rooms.journeys.models import PainPoint, Pricing
from amity.rooms.journeys.models.friction import DONE, FAILED, RUNNING, WAITING
from amity.rooms.journeys.queries.friction.kept import pain_of
from amity.rooms.journeys.queries.friction.reading import read_story
from amity.rooms.journeys.rules.friction.pricing import price
from amity.rooms.trust import api as trust

QUIET_AFTER = timedelta(seconds=300)
_MOST_OTHERS = 12

log = structlog.get_logger("amity.friction")


class Interrupted(Exception):
    """Whoever works it is to stop: another begins it anew."""


def run_next_pricing(*, stopping: Callable[[], bool]) -> bool:
    """Work the pricing that waits longest; return whether there was one. Raises what an engine raises."""
    one = _claim()
    if one is None:
        return False
    mine = Pricing.objects.filter(pk=one.pk, claim=one.claim)
    try:
        found = _work(one, stopping)
        mine.update(state=DONE, claim="", doing="", share=1.0, result=found, trouble="", finished_at=now_ms())
    except Interrupted:
        mine.update(state=WAITING, claim="", doing="", share=0.0)
    except (Invalid, NotFound) as error:
        mine.update(state=FAILED, claim="", doing="", trouble=error.message, finished_at=now_ms())
    except AmityError as error:  # an engine is away: it begins anew as soon as that is back
        mine.update(state=WAITING, claim="", trouble=error.message)
        raise
    except (ValueError, ArithmeticError, MemoryError) as error:
        log.exception("pricing failed", pricing=one.pk)
        mine.update(state=FAILED, claim="", doing="", trouble=f"It failed ({type(error).__name__}).", finished_at=now_ms())
    return True


def _claim() -> Pricing | None:
    quiet = Q(state=RUNNING, told_at__lt=timezone.now() - QUIET_AFTER)
    with transaction.atomic():
        one = Pricing.objects.select_for_update(skip_locked=True).filter(Q(state=WAITING) | quiet).order_by("id").first()
        if one is None:
            return None
        one.claim, one.state, one.trouble = new_id().hex, RUNNING, ""
        one.save(update_fields=["claim", "state", "trouble"])
        Pricing.objects.filter(pk=one.pk).update(told_at=Now())
    return one


def _work(one: Pricing, stopping: Callable[[], bool]) -> dict[str, object]:
    workspace_id = PainPoint.objects.get(pk=one.pain_id).workspace_id
    others = PainPoint.objects.filter(workspace_id=workspace_id, archived_at=None).exclude(pk=one.pain_id).order_by("pk")
    events = [pain_of(each).friction for each in others[:_MOST_OTHERS]]
    zone = next(each.time_zone for each in trust.list_workspaces() if each.id == workspace_id)

    def tell(doing: str, share: float) -> None:
        if stopping():
            raise Interrupted
        Pricing.objects.filter(pk=one.pk, claim=one.claim).update(doing=doing, share=share, told_at=Now())

    pain = pain_of(one)
    found = read_story(pain, events, workspace_id=workspace_id, time_zone=zone, as_of=one.as_of, tell=tell)
    tell("Comparing those who met it with their like", 0.6)
    priced = price(found.story, pain, as_of=one.as_of - EARLIEST, seed=one.seed)
    return priced | {"withheld": found.withheld, "others": [each.name for each in others[:_MOST_OTHERS]]}
