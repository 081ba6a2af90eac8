"""A counted funnel as its page shows it: bars with their intervals, and the address of the customers behind each number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from amity.engines.past.behaviour.language import Event
from amity.engines.past.behaviour.words import event_words, window_words
from amity.rooms.customers import api as customers
from amity.rooms.journeys.contracts import FEW, FunnelFigures, GroupFigure, Share, StepFigure, Times
from amity.rooms.journeys.rules.funnels.language import ByAudience, ByTrait, ByValue, Funnel, compact
from amity.rooms.journeys.rules.funnels.naming import length, value_name
from amity.rooms.trust.contracts import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Percent:
    """A share in words, and where it lies on a scale of a hundred."""

    text: str
    range: str
    at: float
    low: float
    width: float
    few: bool
    n: int


def percent(one: Share) -> Percent:
    """Return a share as pages say it."""
    low, high = one.low * 100, one.high * 100
    return Percent(
        text=f"{one.value:.1%}", range=f"{low:.1f} to {high:.1f}", at=round(one.value * 100, 2), low=round(low, 2),
        width=round(max(high - low, 0.2), 2), few=one.few, n=one.n,
    )  # fmt: skip


def result(access: Access, funnel: Funnel, found: FunnelFigures) -> dict[str, Any]:
    """Return what the page's part with the numbers shows."""
    link = _Links(access, funnel, found.as_of)
    whole = found.whole
    last = next(step for step in reversed(whole.steps) if not step.optional)
    return {
        "found": found,
        "steps": [_step(one, funnel, link) for one in whole.steps],
        "through": percent(whole.through),
        "through_number": last.reached,
        "through_url": link.to(last.number),
        "began_url": link.to(1),
        "took": _times(last.from_first),
        "few_limit": FEW,
        "groups": [_group(one, link) for one in found.groups],
        "by": by_words(funnel, access.workspace_id),
    }


def words(funnel: Funnel, workspace_id: int) -> list[str]:
    """Return what a funnel asks, in sentences."""
    order = {
        "ordered": "One after another; something else may lie between.",
        "strict": "One right after another: nothing else that the customer did or said lies between.",
        "any": "In any order.",
    }[funnel.order]
    said = [order, f"Begun{window_words(funnel.period) or ' at any time'}, through within {length(funnel.within)}."]
    if funnel.hold:
        said.append(f"All steps of the same {value_name(funnel.hold)}.")
    if funnel.among is not None:
        said.append(f"Only customers in {_audience(workspace_id, funnel.among)}.")
    if funnel.by is not None:
        said.append(f"Broken down by {by_words(funnel, workspace_id)}.")
    return said


def by_words(funnel: Funnel, workspace_id: int) -> str:
    """Return what a funnel is broken down by; nothing where it isn't."""
    match funnel.by:
        case ByValue(of=of):
            return value_name(of)
        case ByTrait(name=name):
            return name
        case ByAudience(id=audience):
            return _audience(workspace_id, audience)
    return ""


def step_words(event: Event) -> str:
    """Return which interactions a step means."""
    return event_words(event)


class _Links:
    def __init__(self, access: Access, funnel: Funnel, as_of: int) -> None:
        self._base = reverse("journeys:funnel_customers", kwargs={"workspace": access.workspace_slug})
        self._given = {"d": compact(funnel), "as_of": str(as_of)}

    def to(self, step: int, *, left: bool = False, group: str = "") -> str:
        more = {"step": str(step)} | ({"left": "1"} if left else {}) | ({"group": group} if group else {})
        return f"{self._base}?{urlencode(self._given | more)}"


def _step(one: StepFigure, funnel: Funnel, link: _Links) -> dict[str, Any]:
    return {
        "one": one,
        "words": step_words(funnel.steps[one.number - 1].event) if funnel.order != "any" else "",
        "of_first": percent(one.of_first),
        "of_before": percent(one.of_before),
        "url": link.to(one.number),
        "left_url": link.to(one.number, left=True) if one.left else "",
        "from_before": _times(one.from_before),
        "from_first": _times(one.from_first),
    }


def _group(one: GroupFigure, link: _Links) -> dict[str, Any]:
    last = next(step for step in reversed(one.steps) if not step.optional)
    return {
        "label": one.label,
        "through": percent(one.through),
        "took": _times(last.from_first),
        "steps": [{"reached": step.reached, "url": link.to(step.number, group=one.key)} for step in one.steps],
    }


def _times(one: Times | None) -> dict[str, Any] | None:
    if one is None:
        return None
    low, high = (None, None) if one.low is None or one.high is None else (one.low / 1000, one.high / 1000)
    return {"n": one.n, "p25": one.p25 / 1000, "p50": one.p50 / 1000, "p75": one.p75 / 1000, "p90": one.p90 / 1000,
            "low": low, "high": high}  # fmt: skip


def _audience(workspace_id: int, audience: int) -> str:
    return dict(customers.audience_choices(workspace_id)).get(audience, f"audience {audience}")
