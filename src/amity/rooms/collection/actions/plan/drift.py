"""Look every hour whether what flows still looks as it did; a person may say that it's to be as it is now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Sum

from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import NotFound
from amity.rooms.collection.actions.plan.change import Change, who_changes
from amity.rooms.collection.actions.plan.seen import OTHER, REST
from amity.rooms.collection.models import (
    DriftAlert,
    PlannedInteraction,
    SeenBefore,
    SeenHour,
    SeenInteraction,
    SeenProperty,
    Violation,
)
from amity.rooms.collection.rules.plan.drift import FEWEST, Drift, Place, Span, share_drift, share_now, still, volume_drift
from amity.rooms.trust import api as trust

KEEP_COUNTS = timedelta(days=92)  # hours and violations
KEEP_BEFORE = timedelta(days=9)
KEEP_ALERTS = timedelta(days=365)
EVERY, WINDOW = timedelta(hours=6), timedelta(hours=6)
BACK = 28  # days that tell what is usual
NEW_FOR = timedelta(days=7)
_VOLUMES = ("silent", "volume")


def watch_drift(*, now: int | None = None) -> int:
    """Compare what flows with what flowed, in every workspace; begin, renew and end alerts. Returns how many are open.

    The last 24 hours' volume is held against the same hours of up to 28 days before; what the last hours carried (at least six,
    since the counts were last noted) against the up to nine days before that.
    """
    at = from_ms(now or now_ms())
    forget_old_counts(at)
    for workspace_id, group in groupby(
        SeenInteraction.objects.exclude(kind=OTHER).order_by("workspace_id", "id").iterator(), key=lambda one: one.workspace_id
    ):
        _watch(workspace_id, list(group), at)
    return DriftAlert.objects.filter(ended_at__isnull=True).count()


def accept_drift(*, change: Change, alert_id: int) -> None:
    """Say that an interaction is to be as it is now: the alert ends, and what came before no longer counts as usual."""
    with transaction.atomic():
        alert = DriftAlert.objects.select_for_update().filter(
            pk=alert_id, workspace_id=change.workspace_id, ended_at__isnull=True
        ).first()  # fmt: skip
        if alert is None:
            raise NotFound("There is no such alert, or it has ended.")
        DriftAlert.objects.filter(pk=alert.pk).update(ended_at=from_ms(now_ms()), accepted_by=who_changes(change))
        trust.record(
            change.actor,
            action="plan.drift_accepted",
            target=f"plan:{alert.kind}:{alert.name}",
            before=None,
            after={"code": alert.code, "path": alert.path},
            request=change.request,
            workspace_id=change.workspace_id,
        )


def forget_old_counts(now: datetime) -> None:
    """Delete counts by the hour and broken rules that are older than three months, and what drift needs no more."""
    SeenHour.objects.filter(hour__lt=now - KEEP_COUNTS).delete()
    Violation.objects.filter(day__lt=(now - KEEP_COUNTS).date()).delete()
    SeenBefore.objects.filter(at__lt=now - KEEP_BEFORE).delete()
    DriftAlert.objects.filter(ended_at__lt=now - KEEP_ALERTS).delete()


@dataclass(frozen=True, kw_only=True)
class _Now:
    """How one interaction does: its volume of the last 24 hours, and what came before the last window and in it."""

    today: int
    days: list[int]
    spans: tuple[Span, Span] | None
    planned: dict[Place, Any] | None

    def found(self) -> dict[tuple[str, str], Drift]:
        """Return what is other than usual, by code and path."""
        volume = volume_drift(self.today, self.days)
        drifts = [volume] if volume else []
        if self.spans:
            drifts += share_drift(*self.spans, planned=self.planned)
        return {(one.code, one.path): one for one in drifts}

    def measure(self, held: Drift) -> tuple[float, int] | None:
        """Return today's figure of a share that drifted, and of how many that is; None while too little came to tell."""
        if self.spans is None or self.spans[1].n < FEWEST:
            return None
        return share_now(held, self.spans[1]), self.spans[1].n


def _watch(workspace_id: int, seen: list[SeenInteraction], now: datetime) -> None:
    ids = [one.pk for one in seen]
    plans = {(p.kind, p.name): p.document for p in PlannedInteraction.objects.filter(workspace_id=workspace_id)}
    held: dict[tuple[str, str], list[DriftAlert]] = defaultdict(list)
    for alert in DriftAlert.objects.filter(workspace_id=workspace_id, ended_at__isnull=True):
        held[alert.kind, alert.name].append(alert)
    accepted, totals, befores, hours = _accepted(workspace_id, now), _totals(ids, seen), _befores(ids), _hours(ids, now)
    for one in seen:
        key = one.kind, one.name
        document, since = plans.get(key), max(one.first_seen, accepted.get(key, one.first_seen))
        today, days = _days(hours[one.pk], now, since)
        edges = [before for before in befores[one.pk] if before.at >= since]
        how = _Now(today=today, days=days, spans=_spans(totals[one.pk], edges, now), planned=_planned(document))
        found = how.found()
        if document is not None and document["status"] != "live":
            found = {}
        if plans and document is None and key not in accepted and now - one.first_seen < NEW_FOR:
            came = one.accepted + one.turned
            found["new_interaction", ""] = Drift(code="new_interaction", before=0, now=came, n_before=0, n_now=came)
        _settle(held.pop(key, []), found, how, now)
        DriftAlert.objects.bulk_create(
            [
                DriftAlert(
                    workspace_id=workspace_id,
                    kind=one.kind,
                    name=one.name,
                    began_at=now,
                    seen_at=now,
                    then=drift.now,
                    **asdict(drift),
                )
                for drift in found.values()
            ],
            ignore_conflicts=True,
        )
    DriftAlert.objects.filter(pk__in=[alert.pk for alerts in held.values() for alert in alerts]).update(ended_at=now)
    _note(totals, befores, now)


def _settle(held: list[DriftAlert], found: dict[tuple[str, str], Drift], how: _Now, now: datetime) -> None:
    """Renew the alerts that still hold, taking them out of what was found, and end the others."""
    for alert in held:
        before = _drift_of(alert)
        drift = found.pop((alert.code, alert.path), None)
        if drift is not None:
            figure: tuple[float, int] | None = (drift.now, drift.n_now)
        elif (
            alert.code == "new_interaction"
            or alert.code in _VOLUMES  # within what is usual, or told anew: from silent to a little, or back
            or (alert.code == "new_property" and tuple(alert.path.split(".", 1)) in (how.planned or {}))
        ):
            figure = None
        else:
            figure = how.measure(before)
            if figure is None:
                continue  # too little to tell: it stays as it was last seen
            figure = figure if still(before, figure[0]) else None
        if figure is None:
            DriftAlert.objects.filter(pk=alert.pk).update(ended_at=now)
        else:
            DriftAlert.objects.filter(pk=alert.pk).update(now=figure[0], n_now=figure[1], seen_at=now)


def _drift_of(alert: DriftAlert) -> Drift:
    return Drift(
        code=alert.code, path=alert.path, before=alert.before, now=alert.then, n_before=alert.n_before, n_now=alert.n_now
    )


def _accepted(workspace_id: int, now: datetime) -> dict[tuple[str, str], datetime]:
    rows = DriftAlert.objects.filter(workspace_id=workspace_id, ended_at__gte=now - timedelta(days=BACK)).exclude(accepted_by="")
    found: dict[tuple[str, str], datetime] = {}
    for kind, name, at in rows.order_by("ended_at").values_list("kind", "name", "ended_at"):
        if at is not None:
            found[kind, name] = at
    return found


def _totals(ids: list[int], seen: list[SeenInteraction]) -> dict[int, Span]:
    types: dict[int, dict[Place, dict[str, int]]] = defaultdict(dict)
    for row in SeenProperty.objects.filter(interaction_id__in=ids).exclude(name=REST):
        types[row.interaction_id][row.place, row.name] = row.counts()
    broken: dict[int, int] = dict(
        Violation.objects.filter(interaction_id__in=ids).order_by().values_list("interaction_id").annotate(n=Sum("count"))
    )
    return {
        one.pk: Span(n=one.accepted + one.turned, types=types.get(one.pk, {}), violations=broken.get(one.pk, 0)) for one in seen
    }


def _befores(ids: list[int]) -> dict[int, list[SeenBefore]]:
    found: dict[int, list[SeenBefore]] = defaultdict(list)
    for row in SeenBefore.objects.filter(interaction_id__in=ids).order_by("at"):
        found[row.interaction_id].append(row)
    return found


def _hours(ids: list[int], now: datetime) -> dict[int, dict[datetime, int]]:
    rows = (
        SeenHour.objects.filter(
            interaction_id__in=ids,
            hour__gte=now - timedelta(days=BACK + 2),
            hour__lt=now.replace(minute=0, second=0, microsecond=0),
        )
        .order_by()
        .values_list("interaction_id", "hour")
        .annotate(a=Sum("accepted"), t=Sum("turned"))
    )
    found: dict[int, dict[datetime, int]] = defaultdict(dict)
    for one, hour, accepted, turned in rows:
        found[one][hour] = accepted + turned
    return found


def _days(hours: dict[datetime, int], now: datetime, since: datetime) -> tuple[int, list[int]]:
    """Return what came in the last 24 hours, and in as many hours before, and before that, latest first, back to `since`."""
    counts = [0] * (BACK + 1)
    end = now.replace(minute=0, second=0, microsecond=0)
    for hour, count in hours.items():
        if (back := (end - hour - timedelta(hours=1)) // timedelta(days=1)) <= BACK:
            counts[back] += count
    whole = max(min((end - since) // timedelta(days=1), BACK + 1), 1)
    return counts[0], counts[1:whole]


def _spans(total: Span, befores: list[SeenBefore], now: datetime) -> tuple[Span, Span] | None:
    """Return what came before the last window and in it, from what had been counted when."""
    edges = [one for one in befores if now - one.at >= WINDOW]
    if len(edges) < 2:
        return None
    first, last = _span_of(edges[0]), _span_of(edges[-1])
    return _minus(last, first), _minus(total, last)


def _span_of(row: SeenBefore) -> Span:
    return Span(n=row.n, types={(place, name): counts for place, name, counts in row.types}, violations=row.violations)


def _minus(later: Span, earlier: Span) -> Span:
    types: dict[Place, dict[str, int]] = {}
    for place, counts in later.types.items():
        old = earlier.types.get(place, {})
        left = {kind: n - old.get(kind, 0) for kind, n in counts.items() if n > old.get(kind, 0)}
        if left:
            types[place] = left
    return Span(n=later.n - earlier.n, types=types, violations=max(later.violations - earlier.violations, 0))


def _planned(document: dict[str, Any] | None) -> dict[Place, Any] | None:
    if document is None:
        return None
    return {
        (place, name): one for place in ("properties", "traits") for name, one in document[place].get("properties", {}).items()
    }


def _note(totals: dict[int, Span], befores: dict[int, list[SeenBefore]], now: datetime) -> None:
    """Note what has been counted, every six hours."""
    SeenBefore.objects.bulk_create(
        [
            SeenBefore(
                interaction_id=one,
                at=now,
                n=total.n,
                violations=total.violations,
                types=[[place, name, counts] for (place, name), counts in sorted(total.types.items())],
            )
            for one, total in totals.items()
            if not befores[one] or now - befores[one][-1].at >= EVERY
        ],
        ignore_conflicts=True,
    )
