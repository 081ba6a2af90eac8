"""Work the audit that waits longest: read, judge, keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from amity.engines.past.behaviour.language import Between
from amity.kernel.clock import DAY, from_ms
from amity.rooms.collection import api as collection
from amity.rooms.customers import api as customers
from amity.rooms.customers.contracts import Refused
from amity.rooms.journeys.actions.working import Tell, run_next
from amity.rooms.journeys.models import Audit
from amity.rooms.journeys.queries.audit.reading import Reader
from amity.rooms.journeys.queries.friction.reading import PURPOSE, id_of
from amity.rooms.journeys.queries.funnels.count import count_funnel
from amity.rooms.journeys.queries.funnels.kept import funnel_of, list_funnels
from amity.rooms.journeys.queries.maps.kept import list_journeys, map_of
from amity.rooms.journeys.rules.audit import behaviour, messages
from amity.rooms.journeys.rules.audit.findings import Check
from amity.rooms.journeys.rules.funnels.language import ByValue, Funnel
from amity.rooms.journeys.rules.maps.language import measured
from amity.rooms.trust import api as trust

if TYPE_CHECKING:
    import numpy as np

_SPLITS = ("channel", "device")
_MOST_FUNNELS = 20
_SEEN = "Pages and screens"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """Messages in order of customer and time, of which kinds they are, and when whoever was there had refused which purpose."""

    kinds: Sequence[messages.Kind]
    who: np.ndarray
    at: np.ndarray
    kind: np.ndarray
    names: Mapping[str, str]
    refusals: Mapping[str, Mapping[UUID, Sequence[Refused]]]


def run_next_audit(*, stopping: Callable[[], bool]) -> bool:
    """Work the audit that waits longest; return whether there was one. Raises what an engine raises."""
    return run_next(Audit.objects.all(), _work, stopping=stopping)


def _work(one: Audit, tell: Tell) -> dict[str, object]:
    first = one.as_of - one.days * DAY
    read = Reader(workspace_id=one.workspace_id, first=first, last=one.as_of)
    tell("Reading who was there", 0.02)
    active, sent = len(read.ids), cache(lambda: _sent(read))
    steps: Sequence[tuple[str, Callable[[], Check]]] = (
        ("Comparing sources", lambda: _silos(read, active)),
        ("Comparing channels", lambda: _channels(one, active)),
        ("Reading how quick pages are", lambda: _speed(read, active)),
        ("Reading errors", lambda: _errors(read, active)),
        ("Reading sign-ins", lambda: behaviour.signing_in(**read.signing_in(), active=active, until=one.as_of)),
        ("Reading what was shown", lambda: _features(read, active)),
        ("Reading messages", lambda: _contact(read, sent(), active)),
        ("Asking the consent history", lambda: _consent(read, sent())),
    )
    checks = []
    for n, (doing, judge) in enumerate(steps):
        tell(doing, 0.05 + 0.9 * n / len(steps))
        checks.append(msgspec.to_builtins(judge()))
    return {"checks": checks, "customers": active, "withheld": len(read.everybody) - active, "first": first, "last": one.as_of}


def _silos(read: Reader, active: int) -> Check:
    names = {one.id: one.name for one in collection.list_sources(workspace_id=read.workspace_id)}
    return behaviour.silos(**read.sources(list(names)), names=list(names.values()), active=active)


def _channels(one: Audit, active: int) -> Check:
    zone = next(each.time_zone for each in trust.list_workspaces() if each.id == one.workspace_id)
    funnels = list_funnels(workspace_id=one.workspace_id)[:_MOST_FUNNELS]
    asked: list[tuple[str, str, int, Funnel]] = [(kept.name, "funnel", kept.pk, funnel_of(kept)) for kept in funnels]
    for drawn in list_journeys(workspace_id=one.workspace_id)[:_MOST_FUNNELS]:
        content = map_of(drawn)
        stages = measured(content) if content is not None else None
        if stages is not None:
            asked.append((drawn.name, "journey", drawn.pk, stages.funnel))
    splits = []
    for name, act, act_id, funnel in asked:
        if one.days * DAY - funnel.within.ms < DAY:
            continue
        period = Between(first=_date(one.as_of - one.days * DAY, zone), last=_date(one.as_of - funnel.within.ms - DAY, zone))
        for by in _SPLITS:
            split = msgspec.structs.replace(funnel, by=ByValue(of=by), period=period)
            counted = count_funnel(split, workspace_id=one.workspace_id, time_zone=zone, as_of=one.as_of)
            groups = [behaviour.Group(label=each.label, began=each.began, through=each.through.number) for each in counted.groups]
            splits.append(behaviour.Split(name=name, by=by, act=act, act_id=act_id, groups=groups))
    return behaviour.channels(splits, active=active)


def _date(at: int, zone: str) -> str:
    """Return an instant's date: those who began up to the last one had all their time."""
    return from_ms(at).astimezone(ZoneInfo(zone)).date().isoformat()


def _speed(read: Reader, active: int) -> Check:
    cells, loads = read.pages()
    found = read.vitals(cells, loads)
    values = {name: found[name] for name in behaviour.VITALS}
    return behaviour.speed(found["who"], found["cell"], found["bought"], values, cells, active=active)


def _errors(read: Reader, active: int) -> Check:
    pairs = read.errors()
    found = read.error_sessions(pairs)
    return behaviour.errors(found, pairs, active=active)


def _features(read: Reader, active: int) -> Check:
    found, names = read.features()
    return behaviour.features(found["feature"], found["times"], found["used"], names=names, active=active)


def _contact(read: Reader, sent: _Sent, active: int) -> Check:
    import numpy as np

    counts = np.array([*messages.counted_once(sent.kinds), False], dtype=bool)
    place = np.minimum(np.searchsorted(read.ids, sent.who), max(len(read.ids) - 1, 0))
    keep = counts[sent.kind] & (read.ids[place] == sent.who if len(read.ids) else False)
    told = read.unsubscribed()
    left, left_at = told["who"].tolist(), told["at"].tolist()
    ids = {id_of(read.ids[n]): int(n) for n in np.unique(place[keep])}
    for who, spans in sent.refusals["marketing_email"].items():
        if who not in ids:
            continue
        times = [one.first for one in spans if one.withdrawn and read.first <= one.first <= read.last]
        left += [ids[who]] * len(times)
        left_at += times
    return messages.contact(
        place[keep],
        sent.at[keep],
        np.array(left, dtype=np.int64),
        np.array(left_at, dtype=np.int64),
        active=active,
        first=read.first,
    )


def _consent(read: Reader, sent: _Sent) -> Check:
    """Hold every message against the refusals of its purpose, and every page against those of analytics: of everybody, as the law asks."""
    misuses, asked = [], 0
    for n, kind in enumerate(sent.kinds):
        if kind.needed not in sent.names:
            continue
        some, spans = sent.kind == n, sent.refusals[kind.needed]
        times = zip(map(id_of, sent.who[some]), sent.at[some].tolist(), strict=True)
        hit = [who for who, at in times if who in spans and refused(spans[who], at)]
        asked += int(some.sum())
        misuses.append(
            messages.Misuse(
                what=f"“{kind.label}”", purpose=kind.needed, purpose_name=sent.names[kind.needed], times=len(hit), customers=len(set(hit)),
                of=int(some.sum()), assumed=not kind.purpose,
            )
        )  # fmt: skip
    seen, of = _seen(read, sent.refusals[PURPOSE])
    misuses.append(
        messages.Misuse(
            what=_SEEN, purpose=PURPOSE, purpose_name=sent.names[PURPOSE], times=sum(seen.values()), customers=len(seen), of=of,
            assumed=False, sent=False,
        )
    )  # fmt: skip
    return messages.consent(misuses, asked=asked + of, refusals={key: len(one) for key, one in sent.refusals.items()})


def _sent(read: Reader) -> _Sent:
    kinds, names = read.kinds(), customers.purpose_names(read.workspace_id)
    who, found = read.messages(kinds)
    purposes = sorted({one.needed for one in kinds} & set(names) | {PURPOSE, "marketing_email"})
    everybody = {id_of(one) for some in (read.everybody, who) for one in some}
    refusals = customers.refusals_of(workspace_id=read.workspace_id, customer_ids=everybody, purposes=purposes)
    return _Sent(kinds=kinds, who=who, at=found["at"], kind=found["kind"], names=names, refusals=refusals)


def _seen(read: Reader, spans: Mapping[UUID, Sequence[Refused]]) -> tuple[dict[UUID, int], int]:
    """Return how often customers were seen on pages and screens after they had refused analytics, and how often all who ever refused were."""
    if not spans:
        return {}, 0
    who, found = read.seen(list(spans))
    seen: dict[UUID, int] = {}
    for one, at, number in zip(who, found["at"].tolist(), found["number"].tolist(), strict=True):
        if refused(spans[one], at):
            seen[one] = seen.get(one, 0) + number
    return seen, int(found["number"].sum())


def refused(spans: Sequence[Refused], at: int) -> bool:
    """Return whether somebody had said no at an instant."""
    return any(one.first <= at and (one.last is None or at < one.last) for one in spans)
