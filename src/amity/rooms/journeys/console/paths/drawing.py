"""Paths as drawings: numbers for SVG, so that no style is needed; the same numbers stand in tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

from amity.rooms.journeys.rules.paths.flows import OTHER, OVER, Flow
from amity.rooms.journeys.rules.paths.trails import Activity, Edge

WIDE, BAR, PITCH, GAP = 1_080, 10, 34, 8
ROW, BOX = 52, 260
TOLD = 16  # arcs that have their numbers written beside them; more would cover each other


def short(text: str, most: int = 26) -> str:
    """Return text that fits."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def name_of(names: Sequence[str], code: int, *, backward: bool) -> str:
    """Return what a node is called."""
    if code == OTHER:
        return "Something else"
    if code == OVER:
        return "Nothing before" if backward else "Nothing more"
    return names[code]


def draw_flow(found: Flow, names: Sequence[str], *, backward: bool, url: Callable[..., str]) -> dict[str, Any]:
    """Return nodes and bands of a flow: heights are cases, and what goes into a node comes out of it."""
    columns = 1 + max((node.column for node in found.nodes), default=0)
    whole = max(len(found.cases), 1)
    scale = 320 / whole
    step = (WIDE - 190) / max(columns - 1, 1)
    at: dict[tuple[int, int], dict[str, Any]] = {}
    tall = 0.0
    for column in range(columns):
        y = 4.0
        mine = [node for node in found.nodes if node.column == column]
        mine.sort(key=lambda one: (one.code == OVER, one.code == OTHER, -one.cases))
        for node in mine:
            high = max(node.cases * scale, 1.5)
            x = (columns - 1 - column if backward else column) * step
            name = name_of(names, node.code, backward=backward)
            at[column, node.code] = {
                "x": round(x, 1), "y": round(y, 1), "h": round(high, 1), "name": name, "short": short(name, 20), "cases": node.cases,
                "over": node.code == OVER, "other": node.code == OTHER, "out": y, "in": y, "column": column,
                "share": node.cases / whole, "url": url(what="node", col=column, a=node.code),
            }  # fmt: skip
            y += max(high, PITCH) + GAP
        tall = max(tall, y)
    bands = []
    for one in sorted(found.streams, key=lambda one: (one.column, -one.cases)):
        a, b = at[one.column - 1, one.first], at[one.column, one.then]
        high = one.cases * scale
        x0, x1 = (a["x"], b["x"] + BAR) if backward else (a["x"] + BAR, b["x"])
        y0, y1 = a["out"], b["in"]
        a["out"], b["in"] = y0 + high, y1 + high
        middle = (x0 + x1) / 2
        bands.append({
            "path": f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
            f"V{y1 + high:.1f}C{middle:.1f} {y1 + high:.1f} {middle:.1f} {y0 + high:.1f} {x0:.1f} {y0 + high:.1f}Z",
            "first": a["name"], "then": b["name"], "column": one.column, "cases": one.cases, "over": b["over"],
            "took": None if one.took is None else one.took.p50 / 1000,
            "url": url(what="stream", col=one.column, a=one.first, b=one.then),
        })  # fmt: skip
    return {"nodes": list(at.values()), "bands": bands, "wide": WIDE, "high": round(tall, 1), "bar": BAR}


def draw_map(acts: Sequence[Activity], edges: Sequence[Edge], *, show: int, url: Callable[..., str]) -> dict[str, Any]:
    """Return activities in the order in which they come on average, and the most frequent connections as arcs.

    Forward ones bow to the right, those that go back to the left. What isn't drawn is counted.
    """
    total = sum(edge.times for edge in edges)
    drawn: list[Edge] = []
    for edge in edges:
        if drawn and sum(one.times for one in drawn) * 100 >= show * total:
            break
        drawn.append(edge)
    used = {code for edge in drawn for code in (edge.first, edge.then)} | {one.code for one in acts[:12]}
    shown = sorted((one for one in acts if one.code in used), key=lambda one: (one.place, -one.times))
    place = {one.code: n for n, one in enumerate(shown)}
    most = max((one.times for one in shown), default=1)
    strongest = max((edge.times for edge in drawn), default=1)
    left, right = (WIDE - BOX) / 2, (WIDE + BOX) / 2
    boxes = [
        {"x": left, "y": n * ROW + 8, "bar": round(BOX * one.times / most, 1), "name": one.name, "short": short(one.name, 30), "one": one,
         "url": url(what="done", a=one.code)}
        for n, one in enumerate(shown)
    ]  # fmt: skip
    arcs: list[dict[str, Any]] = []
    for edge in drawn:
        a, b = place[edge.first], place[edge.then]
        forward = b >= a
        side = right if forward else left
        y0, y1 = a * ROW + (30 if forward else 18), b * ROW + (18 if forward else 30)
        if a == b:
            y0, y1 = a * ROW + 14, a * ROW + 34
        bow = min(34 + 26 * abs(a - b), (WIDE - BOX) / 2 - 40) * (1 if forward else -1)
        arcs.append({
            "path": f"M{side:.0f} {y0}C{side + bow:.0f} {y0} {side + bow:.0f} {y1} {side:.0f} {y1}",
            "width": round(1 + 11 * sqrt(edge.times / strongest), 1), "back": not forward, "edge": edge, "x": round(side + bow * 0.75, 1),
            "y": round((y0 + y1) / 2 + 4, 1), "anchor": "start" if forward else "end", "took": edge.took.p50 / 1000,
            "told": len(arcs) < TOLD, "first": boxes[a]["name"], "then": boxes[b]["name"], "url": url(what="edge", a=edge.first, b=edge.then),
        })  # fmt: skip
    hidden = total - sum(edge.times for edge in drawn)
    return {
        "boxes": boxes, "arcs": arcs, "wide": WIDE, "high": len(boxes) * ROW + 8, "box": BOX, "left": left,
        "hidden": hidden, "hidden_kinds": len(edges) - len(drawn), "hidden_acts": len(acts) - len(shown), "total": total, "drawn": total - hidden,
    }  # fmt: skip
