"""Whether alerts' rules, letters of alerts or checks are due. It may say so too often, never too seldom: whoever works looks closer."""

from __future__ import annotations

from amity.engines.present.waiting import Condition, NowMs, any_of
from amity.rooms.metrics.models import Alert, AlertNotice, AlertRule, Check, DashboardLetter, DashboardPost


def waiting() -> dict[str, Condition]:
    """Return what holds while there may be something to do, by the name of the work."""
    unanswered = Alert.objects.filter(closed_at=None, acknowledged_at=None, escalated_at=None).exclude(rule__second="")
    return {
        "checks": any_of(Check.objects.filter(archived_at=None, paused_at=None, next_at__lte=NowMs())),
        "letters of dashboards": any_of(
            DashboardLetter.objects.filter(next_at__lte=NowMs(), stopped="", dashboard__archived_at=None),
            DashboardPost.objects.filter(due_at__lte=NowMs()),
        ),
        "alerts": any_of(AlertRule.objects.filter(archived_at=None, metric__archived_at=None, next_at__lte=NowMs())),
        "notices": any_of(AlertNotice.objects.filter(due_at__lte=NowMs()), unanswered),
    }
