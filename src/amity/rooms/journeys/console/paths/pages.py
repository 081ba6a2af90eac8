"""Paths: the map of what follows what, what comes before or after a step, ways through, loops; and the customers behind each number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers import api as customers
from amity.rooms.journeys.console.funnels.shown import percent
from amity.rooms.journeys.console.paths.asked import VIEWS, Asked, asked
from amity.rooms.journeys.console.paths.drawing import draw_flow, draw_map, name_of, short
from amity.rooms.journeys.console.periods import PERIODS
from amity.rooms.journeys.queries.paths.cases import ask_cases, customers_of
from amity.rooms.journeys.rules.funnels.naming import value_name
from amity.rooms.journeys.rules.intervals import share
from amity.rooms.journeys.rules.paths.flows import OTHER, OVER, flow
from amity.rooms.journeys.rules.paths.trails import (
    Trails,
    activities,
    cases_of_activity,
    cases_of_edge,
    cases_of_way,
    durations,
    edges,
    variants,
)
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

if TYPE_CHECKING:
    import numpy as np

ON_A_PAGE = 50
LISTED = 300  # connections in the table


@require_safe
@page("journeys.read")
def paths(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show how people go."""
    context: dict[str, Any] = {
        "tab": "paths", "views": VIEWS, "periods": PERIODS, "offered": customers.offered(access.workspace_id),
        "audiences": [(str(pk), name) for pk, name in customers.audience_choices(access.workspace_id)],
    }  # fmt: skip
    try:
        one = asked(request.GET)
        trails = _cases(access, one)
    except AmityError as error:
        context |= {"failed": error.message, "given": request.GET, "view": "map"}
        return render(request, "journeys/paths/paths.html", context, status=400 if isinstance(error, Invalid) else 503)
    link = _Link(access, one)
    took = durations(trails)
    acts = activities(trails)
    context |= {
        "one": one, "given": one.given, "view": one.view, "cases": trails.cases,
        "people": len(set(trails.customers.tolist())), "steps": len(trails.activity), "took": took and took.p50 / 1000,
        "unit": value_name(one.question.case) or "customer", "acts": acts, "links": {view: link.view(view) for view in VIEWS},
    }  # fmt: skip
    if trails.cases:
        context |= {"map": _map, "flow": _flow, "ways": _ways, "again": _again}[one.view](trails, one, link, acts)
    return render(request, "journeys/paths/paths.html", context)


@require_safe
@page("journeys.read")
def people(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List the customers behind a number."""
    given = request.GET
    try:
        one = asked(given)
        trails = _cases(access, one)
        cases, said = _behind(trails, one, given)
    except AmityError as error:
        status = 400 if isinstance(error, Invalid) else 503
        return render(request, "journeys/paths/people.html", {"failed": error.message}, status=status)
    who = customers_of(trails, cases)
    start = min(_number(given.get("from", "0")), len(who))
    stretch = who[start : start + ON_A_PAGE]
    lines = customers.lines_by_id(access.workspace_id, stretch) if access.can("customers.read") else {}
    context = {
        "said": said, "number": len(who), "cases": len(cases), "unit": value_name(one.question.case), "as_of": one.as_of,
        "rows": [{"id": customer, "line": lines.get(customer)} for customer in stretch], "start": start, "end": start + len(stretch),
        "next": start + ON_A_PAGE if start + ON_A_PAGE < len(who) else 0, "before": max(start - ON_A_PAGE, 0) if start else None,
        "at": {name: value for name, value in given.items() if name != "from"},
    }  # fmt: skip
    return render(request, "journeys/paths/people.html", context)


class _Link:
    def __init__(self, access: Access, one: Asked) -> None:
        self._people = reverse("journeys:path_customers", kwargs={"workspace": access.workspace_slug})
        self._page = reverse("journeys:paths", kwargs={"workspace": access.workspace_slug})
        self._given = {name: value for name, value in one.given.items() if value or name == "period"}
        self._as_of = one.as_of

    def to(self, **what: Any) -> str:
        return f"{self._people}?{urlencode(self._given | {'as_of': self._as_of} | {k: str(v) for k, v in what.items()})}"

    def view(self, view: str, **more: Any) -> str:
        return f"{self._page}?{urlencode(self._given | {'view': view} | {k: str(v) for k, v in more.items()})}"


def _cases(access: Access, one: Asked) -> Trails:
    return ask_cases(one.question, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone, as_of=one.as_of)


def _map(trails: Trails, one: Asked, link: _Link, acts: Any) -> dict[str, Any]:
    found = edges(trails)
    listed = [
        {"edge": edge, "first": trails.names[edge.first], "then": trails.names[edge.then], "took": edge.took.p50 / 1000,
         "p90": edge.took.p90 / 1000, "url": link.to(what="edge", a=edge.first, b=edge.then)}
        for edge in found[:LISTED]
    ]  # fmt: skip
    rest = found[LISTED:]
    return {"drawn": draw_map(acts, found, show=one.show, url=link.to), "edges": listed, "rest": len(rest),
            "rest_times": sum(edge.times for edge in rest)}  # fmt: skip


def _flow(trails: Trails, one: Asked, link: _Link, acts: Any) -> dict[str, Any]:
    names = list(trails.names)
    step = one.step if one.step in names else acts[0].name
    found = flow(trails, names.index(step), backward=one.backward, depth=one.depth, width=one.width)
    drawn = draw_flow(found, names, backward=one.backward, url=lambda **what: link.to(**what, step=step))
    return {"drawn": drawn, "step": step, "with_step": len(found.cases)}


def _ways(trails: Trails, one: Asked, link: _Link, acts: Any) -> dict[str, Any]:  # noqa: ARG001  as the other views
    found, kinds = variants(trails)
    rows, covered = [], 0
    for way in found:
        covered += way.cases
        rows.append({
            "way": way, "share": percent(share(way.cases, trails.cases)), "covered": covered / trails.cases * 100,
            "steps": [{"name": trails.names[code], "short": short(trails.names[code], 30)} for code in way.steps[:16]],
            "more": max(len(way.steps) - 16, 0), "took": way.took.p50 / 1000, "url": link.to(what="way", a=way.example),
        })  # fmt: skip
    return {"ways": rows, "kinds": kinds, "uncovered": trails.cases - covered, "unlisted": kinds - len(found)}


def _again(trails: Trails, one: Asked, link: _Link, acts: Any) -> dict[str, Any]:  # noqa: ARG001  as the other views
    rows = [
        {"one": act, "share": percent(share(act.reworked, act.cases)), "urls": {
            what: link.to(what=what, a=act.code) for what in ("done", "again", "begins", "ends")}}
        for act in sorted(acts, key=lambda act: (-act.again, -act.times, act.name))
    ]  # fmt: skip
    return {"again": rows}


def _behind(trails: Trails, one: Asked, given: Mapping[str, str]) -> tuple[np.ndarray, str]:
    """Return the cases that a number counted, and what they did. Raises Invalid."""
    names, what = list(trails.names), given.get("what", "")
    a, b = _code(given.get("a", "")), _code(given.get("b", "0"))
    if what == "way" and 0 <= a < trails.cases:
        way = trails.activity[trails.starts[a] : trails.ends[a]].tolist()
        return cases_of_way(trails, a), " → ".join(names[code] for code in way[:16]) + (" → …" if len(way) > 16 else "")
    if what in {"done", "again", "begins", "ends"} and 0 <= a < len(names):
        said = {"done": "did", "again": "did more than once", "begins": "began with", "ends": "ended with"}[what]
        return cases_of_activity(trails, a, what=what), f"{said} {names[a]}"
    if what == "edge" and 0 <= a < len(names) and 0 <= b < len(names):
        return cases_of_edge(trails, a, b), f"{names[a]} → {names[b]}"
    column = _number(given.get("col", "0"))
    if what in {"node", "stream"} and one.step in names and column <= one.depth and (what == "node" or column):
        found = flow(trails, names.index(one.step), backward=one.backward, depth=one.depth, width=one.width)
        mine = found.rows[:, column] == (a if what == "node" else b)
        said = name_of(names, a, backward=one.backward) if OVER <= a < len(names) else ""
        if what == "stream":
            mine &= found.rows[:, column - 1] == a
            said += (
                f" {'←' if one.backward else '→'} {name_of(names, b, backward=one.backward) if OVER <= b < len(names) else ''}"
            )
        return found.cases[
            mine
        ], f"{said}, {column} after {one.step}" if not one.backward else f"{said}, {column} before {one.step}"
    raise Invalid("This address isn’t whole. Go back to the page and press its number again.")


def _code(text: str) -> int:
    if text in {str(OTHER), str(OVER)}:
        return int(text)
    return _number(text)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 10**9
