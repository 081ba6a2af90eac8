"""Whether audits, letters of comments, pricings or foretellings wait to be worked. It may say so too often, never too seldom: whoever works looks closer."""

from __future__ import annotations

from amity.engines.present.waiting import Condition, NowMs, any_of
from amity.rooms.journeys.models import Audit, Comment, Foretelling, Pricing
from amity.rooms.journeys.models.worked import RUNNING, WAITING


def waiting() -> dict[str, Condition]:
    """Return what holds while there may be something to do, by the name of the work."""
    return {
        "audits": any_of(Audit.objects.filter(state__in=[WAITING, RUNNING])),
        "letters of comments": any_of(Comment.objects.filter(letter_due_at__lte=NowMs())),
        "friction": any_of(Pricing.objects.filter(state__in=[WAITING, RUNNING])),
        "moments": any_of(Foretelling.objects.filter(state__in=[WAITING, RUNNING])),
    }
