"""The customers behind a figure, as a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amity.kernel.errors import AmityError
from amity.rooms.customers import api as customers_api
from amity.rooms.metrics.console.pages import found_metric, scope_of, within_of
from amity.rooms.metrics.queries.behind import SIDES, Chosen, customers_behind
from amity.rooms.metrics.queries.lists import definition_of, version_of
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50


@require_safe
@page("customers.read")
def customers(request: HttpRequest, *, access: Access, metric_id: int) -> HttpResponse:
    """List the customers behind a figure: as many as it says."""
    one = found_metric(access, metric_id)
    asked = {name: request.GET.get(name, "")[:500] for name in ("window", "breakdown", "value", "side", "first", "last")}
    chosen = Chosen(
        breakdown=asked["breakdown"], value=asked["value"], side=asked["side"] if asked["side"] in SIDES else "",
        first=_ms(asked["first"]), last=_ms(asked["last"]),
    )  # fmt: skip
    context: dict[str, Any] = {"one": one, "asked": asked, "failed": ""}
    try:
        total, rows = customers_behind(
            definition_of(version_of(one)), scope_of(access), within=within_of(asked["window"]), chosen=chosen,
            after=_after(request), limit=ON_A_PAGE + 1,
        )  # fmt: skip
    except AmityError as error:
        return render(request, "metrics/customers.html", context | {"failed": error.message}, status=409)
    shown = rows[:ON_A_PAGE]
    lines = customers_api.lines_by_id(access.workspace_id, [row.customer_id for row in shown])
    query = {name: value for name, value in asked.items() if value}
    context |= {
        "total": total, "rows": [{"row": row, "line": lines.get(row.customer_id)} for row in shown], "first": not _after(request),
        "here": f"?{urlencode(query)}" if query else "?",
        "next": f"?{urlencode(query | {'after': shown[-1].customer_id.hex})}" if len(rows) > ON_A_PAGE else "",
    }  # fmt: skip
    return render(request, "metrics/customers.html", context)


def _after(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["after"])
    except (KeyError, ValueError):
        return None


def _ms(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else None
