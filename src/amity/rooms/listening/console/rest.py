"""How often people are asked: the rules, and whom they kept back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amity.kernel.errors import AmityError, Forbidden
from amity.rooms.customers import api as customers
from amity.rooms.listening.actions.rest import change_rules
from amity.rooms.listening.queries.rest import rules_of, withheld_of
from amity.rooms.listening.rules.rest.judging import CLOCKS, OF, read
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE, SPARE = 50, 1


@require_http_methods(["GET", "HEAD", "POST"])
@page("surveys.read")
def rest(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show the rules and whom they kept back; take other rules."""
    error, status = "", 200
    rows: list[dict[str, Any]] = [
        {"most": one.most, "days": one.days, "clock": one.clock, "of": one.of} for one in rules_of(access.workspace_id)
    ]
    if request.method == "POST":
        rows = _said(request.POST)
        try:
            change_rules(access, rules=read([_rule(row) for row in rows]), request=request)
            messages.success(request, "These rules hold from now on.")
            return redirect("listening:rest", workspace=access.workspace_slug)
        except AmityError as problem:
            error, status = problem.message, 403 if isinstance(problem, Forbidden) else 400
    given = request.GET.get("before", "")
    before = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
    found = withheld_of(access.workspace_id, before=before, limit=ON_A_PAGE + 1)
    shown = found[:ON_A_PAGE]
    may = access.can("customers.read")
    lines = customers.lines_by_id(access.workspace_id, [one.customer_id for one in shown]) if may else {}
    context = {
        "rows": [*rows, *({"most": "", "days": "", "clock": "invited", "of": "any"} for _ in range(SPARE))], "clocks": CLOCKS, "of": OF, "error": error,
        "withheld": [{"one": one, "line": lines.get(one.customer_id)} for one in shown], "next": shown[-1].pk if len(found) > ON_A_PAGE else 0,
    }  # fmt: skip
    return render(request, "listening/rest.html", context, status=status)


def _said(given: Mapping[str, str]) -> list[dict[str, Any]]:
    rows = [{part: given.get(f"{part}.{n}", "").strip()[:20] for part in ("most", "days", "clock", "of")} for n in range(30)]
    return [row for row in rows if row["most"] or row["days"]]


def _rule(row: Mapping[str, str]) -> dict[str, Any]:
    return {**row, **{name: int(row[name]) if row[name].isascii() and row[name].isdecimal() else 0 for name in ("most", "days")}}
