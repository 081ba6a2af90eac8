"""A journey's map as its page shows it: stages across, lanes down, live numbers, and the drawn curve. Numbers for SVG, no styles."""

from __future__ import annotations

from typing import Any

from amity.engines.past.behaviour.words import event_words, window_words
from amity.kernel.errors import AmityError
from amity.rooms.journeys.console.funnels.shown import result
from amity.rooms.journeys.queries.maps.kept import live
from amity.rooms.journeys.rules.funnels.naming import length
from amity.rooms.journeys.rules.maps.language import LANES, JourneyMap, Stage
from amity.rooms.trust.contracts import Access

FEELINGS = {2: "+2 delighted", 1: "+1 content", 0: "0 neither", -1: "−1 annoyed", -2: "−2 upset"}
_HIGH, _LEFT = 132, 16


def drawn(one: JourneyMap) -> dict[str, Any]:
    """Return what people wrote: a column a stage, a row a lane, and the curve of how it is imagined to feel."""
    columns = [
        {"stage": stage, "n": n + 1, "words": event_words(stage.event) if stage.event else "",
         "asks": asks(stage), "feels": FEELINGS.get(stage.emotion) if stage.emotion is not None else ""}
        for n, stage in enumerate(one.stages)
    ]  # fmt: skip
    lanes = [
        {"lane": lane, "name": name, "cells": [{"stage": stage, "lines": getattr(stage, lane)} for stage in one.stages]}
        for lane, name in LANES.items()
    ]
    return {
        "columns": columns, "lanes": lanes, "curve": _curve(one), "within": length(one.within),
        "begun": window_words(one.period).strip() or "at any time",
    }  # fmt: skip


def asks(stage: Stage) -> str:
    """Return in words what a stage asks for."""
    said = ["may be left out"] if stage.optional else []
    said += ["may come again"] if stage.repeats else []
    said += [f"within {length(stage.at_most)}"] if stage.at_most is not None else []
    said += [f"by {' or '.join(stage.channels)}"] if stage.channels else []
    return ", ".join(said)


def measured_now(access: Access, one: JourneyMap, *, as_of: int) -> dict[str, Any]:
    """Return the live numbers by stage; why there are none where there aren't."""
    try:
        found = live(one, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone, as_of=as_of)
    except AmityError as error:
        return {"live_failed": error.message}
    if found is None:
        return {"live": None}
    asked, figures = found
    shown = result(access, asked.funnel, figures)
    places = dict(zip(asked.stages, shown["steps"], strict=True))
    cells = []
    for n in range(len(one.stages)):
        step = places.get(n)
        # Who came to a stage goes on to the next one that is needed; one that may be left out is a way beside.
        later = (each for place, each in places.items() if place > n and not each["one"].optional)
        left_out = step is not None and step["one"].optional
        cells.append({"step": step, "after": next(later, None) if step and not left_out else None, "left_out": left_out})
    # Where most are lost, of those stages that enough came to.
    lost = []
    for n, cell in enumerate(cells):
        after = cell["after"]
        if isinstance(after, dict) and not after["of_before"].few:
            lost.append((n, after["of_before"].at))
    return {"live": shown, "cells": cells, "hot": min(lost, key=lambda pair: pair[1])[0] if lost else None}


def _curve(one: JourneyMap) -> dict[str, Any] | None:
    number = len(one.stages)
    points = [
        {"x": round((n + 0.5) / number * 100, 2), "y": round(_LEFT + (2 - stage.emotion) / 4 * (_HIGH - 2 * _LEFT), 1),
         "name": stage.name, "said": FEELINGS[stage.emotion]}
        for n, stage in enumerate(one.stages)
        if stage.emotion is not None
    ]  # fmt: skip
    if not points:
        return None
    lines = [round(n / number * 100, 2) for n in range(1, number)]
    return {"points": points, "line": " ".join(f"{p['x']},{p['y']}" for p in points), "parts": lines, "high": _HIGH, "middle": _HIGH / 2,
            "top": _LEFT, "bottom": _HIGH - _LEFT}  # fmt: skip
