"""Whether something waits to be done about customers. It may say so too often, never too seldom: whoever works looks closer."""

from __future__ import annotations

from django.db.models import Q

from amity.engines.present.waiting import Condition, NowMs, any_of
from amity.kernel.clock import DAY
from amity.rooms.customers.models import (
    Audience,
    ClusterRun,
    ComputedTrait,
    ComputedValue,
    Delivery,
    IdentityRun,
    Mark,
    MatchRun,
    Member,
    Subscription,
    SyncTouch,
    Touch,
    Unmerge,
)
from amity.rooms.customers.models.matching import RUNNING, WAITING

_FORGOTTEN = DAY  # after which everybody is looked at anew; see `actions.audiences.refresh`


def waiting() -> dict[str, Condition]:
    """Return what holds while there may be something to do, by the name of the work."""
    audiences = Audience.objects.filter(archived_at=None, definition__isnull=False)
    traits = ComputedTrait.objects.filter(archived_at=None)
    turned = Q(wanted_at=None) & (Q(turns_at__lte=NowMs()) | Q(computed_at__lt=NowMs() - _FORGOTTEN))
    runs = IdentityRun.objects.filter(finished_at=None)
    due = {"done_at": None, "dead_at": None, "due_at__lte": NowMs(), "destination__rest_until__lte": NowMs()}
    taken = {"destination__paused_at": None, "destination__closed_at": None, "destination__archived_at": None}
    return {
        "matching": any_of(MatchRun.objects.filter(state__in=[WAITING, RUNNING])),
        "clustering": any_of(ClusterRun.objects.filter(state__in=[WAITING, RUNNING])),
        "marked": any_of(Mark.objects.all()),
        "unmerges": any_of(Unmerge.objects.all()),
        "touched": any_of(Touch.objects.filter(done_at=None)),
        "windows": any_of(
            Member.objects.filter(due__lte=NowMs(), audience__archived_at=None),
            ComputedValue.objects.filter(due__lte=NowMs(), trait__archived_at=None),
            audiences.filter(turned),
            traits.filter(turned),
        ),
        "wanted": any_of(audiences.filter(wanted_at__isnull=False), traits.filter(wanted_at__isnull=False)),
        "rules to try": any_of(runs.exclude(phase="applying")),
        "rules to apply": any_of(runs.filter(phase="applying")),
        "noted for destinations": any_of(SyncTouch.objects.all()),
        "to compare": any_of(Subscription.objects.filter(full_at__isnull=False)),
        "to send": any_of(Delivery.objects.filter(subscription__paused_at=None, **due, **taken)),
    }
