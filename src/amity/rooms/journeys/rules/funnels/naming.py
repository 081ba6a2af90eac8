"""A funnel in words. Pure."""

from __future__ import annotations

from amity.engines.past.behaviour.language import PROPERTY, Duration, Event
from amity.rooms.journeys.rules.funnels.language import Funnel

_TYPES = {"page": "Any page", "screen": "Any screen", "track": "Any event", "identify": "A change of who they are",
          "group": "A company", "alias": "A second name"}  # fmt: skip


def event_name(event: Event) -> str:
    """Return a short name for what an event means."""
    name = event.name or _TYPES.get(event.type, "") or ("Something we did" if event.voice == "ours" else "Anything")
    return f"{name} …" if event.where else name


def step_name(funnel: Funnel, n: int) -> str:
    """Return what people call the step `n` (from 0)."""
    if funnel.order == "any":
        return "Any one of them" if n == 0 else f"Any {n + 1} of them" if n + 1 < len(funnel.steps) else f"All {n + 1}"
    return funnel.steps[n].name or event_name(funnel.steps[n].event)


def length(one: Duration) -> str:
    """Return a length of time in words."""
    return f"{one.amount:,} {one.unit}" if one.amount > 1 else f"1 {one.unit.removesuffix('s')}"


def value_name(of: str) -> str:
    """Return a property's or field's name as people read it."""
    return of.removeprefix(PROPERTY) if of.startswith(PROPERTY) else {"session_id": "session"}.get(of, of.replace("_", " "))
