"""The catalogue: what flows, beside what is planned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncDay

from amity.engines.past.client import ask
from amity.kernel.clock import DAY, HOUR, from_ms, now_ms, to_ms
from amity.kernel.sealed import hide
from amity.rooms.collection.models import (
    PlannedInteraction,
    SeenHour,
    SeenInteraction,
    SeenProperty,
    SeenSender,
    Violation,
)
from amity.rooms.collection.rules.plan.schema import pii_of

DAYS = 14
EXAMPLES = 5
LONGEST_EXAMPLE = 80
_READ = 200  # interactions that are looked at for examples


@dataclass(frozen=True, kw_only=True)
class Line:
    """One interaction in the list. `days` are (day, accepted, turned away) of the last 14, oldest first."""

    kind: str
    name: str
    status: str  # of its plan; `unplanned` without one
    owner: str = ""
    id: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    accepted: int = 0
    violations: int = 0  # in these days
    days: tuple[tuple[datetime, int, int], ...] = ()

    @property
    def recent(self) -> int:
        """How many were accepted in these days."""
        return sum(accepted for _, accepted, _ in self.days)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which interactions: empty, 0 and False let everything pass."""

    text: str = ""
    source_id: int = 0
    status: str = ""
    violating: bool = False


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property or trait: what was seen, what is planned, a few of its latest values."""

    place: str
    name: str
    seen: int = 0
    types: dict[str, int] = field(default_factory=dict)
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    plan: dict[str, Any] | None = None
    required: bool = False
    pii: str = "none"
    examples: tuple[str, ...] = ()

    @property
    def shares(self) -> list[tuple[str, str]]:
        """Its types, each with its share of all its values in per cent, most frequent first."""
        return [(name, _percent(count, self.seen)) for name, count in self.types.items()]


def list_catalogue(*, workspace_id: int, wanted: Wanted | None = None, now: int | None = None) -> list[Line]:
    """Return what flows and what is planned, most frequent of the last 14 days first."""
    w = wanted or Wanted()
    today = from_ms((now or now_ms()) // DAY * DAY)
    since = today - timedelta(days=DAYS - 1)
    seen = list(SeenInteraction.objects.filter(workspace_id=workspace_id))
    ids = [one.pk for one in seen]
    if w.source_id:
        ids = list(
            SeenSender.objects.filter(interaction_id__in=ids, source_id=w.source_id).values_list("interaction_id", flat=True)
        )
    days = _days(ids, since, w.source_id)
    broken: dict[int, int] = dict(
        Violation.objects.filter(
            interaction_id__in=ids, day__gte=since.date(), **({"source_id": w.source_id} if w.source_id else {})
        )
        .order_by()
        .values_list("interaction_id")
        .annotate(n=Sum("count"))
    )
    plans = {(p.kind, p.name): p.document for p in PlannedInteraction.objects.filter(workspace_id=workspace_id)}
    wanted_ids = set(ids)
    lines = [
        _line(one, plans.pop((one.kind, one.name), None), days[one.pk], broken.get(one.pk, 0), since)
        for one in seen
        if one.pk in wanted_ids
    ]
    if not w.source_id:
        lines += [Line(kind=kind, name=name, status=p["status"], owner=p["owner"]) for (kind, name), p in plans.items()]
    found = [line for line in lines if _passes(line, w)]
    return sorted(found, key=lambda line: (-line.recent, -line.accepted, line.kind, line.name))


def find_line(*, workspace_id: int, kind: str, name: str, now: int | None = None) -> Line | None:
    """Return one interaction that flows or is planned."""
    today = from_ms((now or now_ms()) // DAY * DAY)
    since = today - timedelta(days=DAYS - 1)
    plan = PlannedInteraction.objects.filter(workspace_id=workspace_id, kind=kind, name=name).first()
    one = SeenInteraction.objects.filter(workspace_id=workspace_id, kind=kind, name=name).first()
    if one is None:
        return Line(kind=kind, name=name, status=plan.document["status"], owner=plan.document["owner"]) if plan else None
    broken = Violation.objects.filter(interaction_id=one.pk, day__gte=since.date()).aggregate(n=Sum("count"))["n"] or 0
    return _line(one, plan.document if plan else None, _days([one.pk], since, 0)[one.pk], broken, since)


def list_senders(*, interaction_id: int) -> list[SeenSender]:
    """Return who sends an interaction, most frequent first."""
    return list(SeenSender.objects.filter(interaction_id=interaction_id).order_by("-count", "source_id", "library"))


def list_properties(*, workspace_id: int, line: Line, document: dict[str, Any] | None) -> list[Property]:
    """Return the properties and traits that were seen or are planned: the planned first, then by how often they came."""
    plan: dict[tuple[str, str], dict[str, Any]] = {}
    required: set[tuple[str, str]] = set()
    pii: dict[tuple[str, str], str] = {}
    for place in ("properties", "traits") if document else ():
        schema = (document or {})[place]
        plan |= {(place, name): one for name, one in schema.get("properties", {}).items()}
        required |= {(place, name) for name in schema.get("required", [])}
        pii |= {(place, name): one for name, one in pii_of(schema).items()}
    seen = {(p.place, p.name): p for p in SeenProperty.objects.filter(interaction_id=line.id)} if line.id else {}
    examples = _examples(workspace_id, line) if seen else {}
    found = []
    for key in plan.keys() | required | seen.keys():
        one = seen.get(key)
        types = one.counts() if one else {}
        hidden = pii.get(key, "none") != "none"
        found.append(
            Property(
                place=key[0], name=key[1], seen=sum(types.values()), types=types, first_seen=one.first_seen if one else None,
                last_seen=one.last_seen if one else None, plan=plan.get(key), required=key in required, pii=pii.get(key, "none"),
                examples=() if hidden else tuple(examples.get(key, ())),
            )
        )  # fmt: skip
    return sorted(found, key=lambda p: (p.plan is None, p.place, -p.seen, p.name))


def _examples(workspace_id: int, line: Line) -> dict[tuple[str, str], list[str]]:
    """Return a few values of the latest interactions, read from the past each time: nothing of a customer is kept here."""
    import json

    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = ask(
        package="amity.rooms.collection",
        name="plan_examples",
        workspace_id=workspace_id,
        kind=line.kind,
        interaction=line.name,
        since=0 if line.last_seen is None else to_ms(line.last_seen) - HOUR,  # what came within the hour before its last
        limit=_READ,
    )
    for row in rows:
        for place in ("properties", "traits"):
            for name, value in hide(json.loads(row[place] or "{}")).items():
                held = found[place, name[:200]]
                text = json.dumps(value, ensure_ascii=False)
                text = text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…"
                if len(held) < EXAMPLES and text not in held:
                    held.append(text)
    return found


def _days(ids: Iterable[int], since: datetime, source_id: int) -> dict[int, dict[datetime, tuple[int, int]]]:
    hours = SeenHour.objects.filter(interaction_id__in=list(ids), hour__gte=since)
    if source_id:
        hours = hours.filter(source_id=source_id)
    rows = (
        hours.order_by()
        .annotate(day=TruncDay("hour"))
        .values_list("interaction_id", "day")
        .annotate(a=Sum("accepted"), t=Sum("turned"))
    )
    found: dict[int, dict[datetime, tuple[int, int]]] = defaultdict(dict)
    for one, day, accepted, turned in rows:
        found[one][day] = (accepted, turned)
    return found


def _line(
    one: SeenInteraction,
    document: dict[str, Any] | None,
    days: dict[datetime, tuple[int, int]],
    violations: int,
    since: datetime,
) -> Line:
    all_days = [since + timedelta(days=n) for n in range(DAYS)]
    return Line(
        kind=one.kind, name=one.name, status=document["status"] if document else "unplanned",
        owner=document["owner"] if document else "", id=one.pk, first_seen=one.first_seen, last_seen=one.last_seen,
        accepted=one.accepted, violations=violations, days=tuple((day, *days.get(day, (0, 0))) for day in all_days),
    )  # fmt: skip


def _passes(line: Line, w: Wanted) -> bool:
    return (
        (not w.status or line.status == w.status)
        and (not w.violating or line.violations > 0)
        and (not w.text or w.text.casefold() in f"{line.name} {line.kind} {line.owner}".casefold())
    )


def _percent(count: int, total: int) -> str:
    """Return a share as per cent; what is rare is never shown as nothing, nor nearly all as all."""
    share = 100 * count / total
    if count == total:
        return "100 %"
    return "under 0.1 %" if share < 0.1 else f"{min(share, 99.9):.1f} %"
