"""Work what waits longest in the background. Whoever works it holds its claim; after a crash another one begins it anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.kernel.ids import new_id
from amity.rooms.journeys.models.worked import DONE, FAILED, RUNNING, WAITING, Worked

QUIET_AFTER = timedelta(seconds=300)
Tell = Callable[[str, float], None]
T = TypeVar("T", bound=Worked)

log = structlog.get_logger("amity.journeys")


class Interrupted(Exception):
    """Whoever works it is to stop: another begins it anew."""


def run_next(kind: QuerySet[T], work: Callable[[T, Tell], dict[str, object]], *, stopping: Callable[[], bool]) -> bool:
    """Work the one of a kind that waits longest; return whether there was one. Raises what an engine raises."""
    one = _claim(kind)
    if one is None:
        return False
    mine = kind.filter(pk=one.pk, claim=one.claim)

    def tell(doing: str, share: float) -> None:
        if stopping():
            raise Interrupted
        mine.update(doing=doing, share=share, told_at=Now())

    try:
        found = work(one, tell)
        mine.update(state=DONE, claim="", doing="", share=1.0, result=found, trouble="", finished_at=now_ms())
    except Interrupted:
        mine.update(state=WAITING, claim="", doing="", share=0.0)
    except (Invalid, NotFound) as error:
        mine.update(state=FAILED, claim="", doing="", trouble=error.message, finished_at=now_ms())
    except AmityError as error:  # an engine is away: it begins anew as soon as that is back
        mine.update(state=WAITING, claim="", trouble=error.message)
        raise
    except (ValueError, ArithmeticError, MemoryError) as error:
        log.exception("working failed", kind=kind.model.__name__, one=one.pk)
        mine.update(state=FAILED, claim="", doing="", trouble=f"It failed ({type(error).__name__}).", finished_at=now_ms())
    return True


def _claim(kind: QuerySet[T]) -> T | None:
    quiet = Q(state=RUNNING, told_at__lt=timezone.now() - QUIET_AFTER)
    with transaction.atomic():
        waiting = kind.select_for_update(skip_locked=True).filter(Q(state=WAITING) | quiet)
        one = waiting.order_by("id").first()
        if one is None:
            return None
        one.claim, one.state, one.trouble = new_id().hex, RUNNING, ""
        one.save(update_fields=["claim", "state", "trouble"])
        kind.filter(pk=one.pk).update(told_at=Now())
    return one
