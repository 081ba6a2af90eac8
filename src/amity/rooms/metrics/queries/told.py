"""An alert as rooms above may hold it."""

from __future__ import annotations

import msgspec

from amity.rooms.metrics.contracts import AlertTold
from amity.rooms.metrics.queries.alerts import accessible_alert, list_alerts, notices_of
from amity.rooms.metrics.queries.lists import definition_of, version_of
from amity.rooms.metrics.queries.telling import title_of
from amity.rooms.metrics.rules.figuring import TOTALS
from amity.rooms.metrics.rules.language import events_of
from amity.rooms.trust import api as trust


def alert_told(*, workspace_id: int, alert_id: int) -> AlertTold:
    """Return an alert with what its metric counts. Raises NotFound."""
    one = accessible_alert(workspace_id=workspace_id, alert_id=alert_id)
    measure = definition_of(version_of(one.rule.metric, one.version)).measure
    event = next((each for each in events_of(measure) if not each.unnamed), None)
    people = {person.id: person.name for person in trust.list_colleagues(workspace_id)}
    return AlertTold(
        id=one.pk, title=title_of(one, one.rule), first=one.first, last=None if one.closed_at is None else one.last, opened_at=one.opened_at,
        metric_id=one.rule.metric_id, adds_up=isinstance(measure, TOTALS), event=None if event is None else msgspec.to_builtins(event),
        owner=people.get(one.rule.owner, ""),
        told=[(people.get(row.person, "somebody who left") if row.person else "the webhook", row.sent_at) for row in notices_of(one.pk) if row.what != "closed"],
    )  # fmt: skip


def alert_choices(workspace_id: int) -> list[tuple[int, str]]:
    """Return (id, title) of the newest alerts."""
    return [(one.pk, title_of(one, one.rule)) for one in list_alerts(workspace_id=workspace_id, limit=30)]
