"""The RFM page: set up by one press, then a grid of 25 cells, segments and lifecycle stages, each down to its customers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import AmityError
from amity.rooms.customers.actions.computed.standard import make_standard, save_cell, save_named
from amity.rooms.customers.console.known import tint_of
from amity.rooms.customers.models import ComputedTrait
from amity.rooms.customers.queries.audiences.lists import lines_by_id
from amity.rooms.customers.queries.audiences.offered import offered
from amity.rooms.customers.queries.computed.rfm import SCORES, cell, grid, segments, stages, standard_ids
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50
_NEEDED = {"rfm.r", "rfm.f", "rfm.money", "rfm.recency", "rfm.frequency", "rfm.segment", "life.stage"}


@require_safe
@page("customers.read")
def rfm(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show the grid, or how to set it up."""
    ids = standard_ids(access.workspace_id)
    names = offered(access.workspace_id)
    ready = ids.keys() >= _NEEDED
    context: dict[str, Any] = {
        "ready": ready,
        "offered": names,
        "guess": _guess(names["events"]),
        "currency": access.workspace.currency,
    }
    if ready:
        rows = grid(ids)
        traits = {one.origin: one for one in ComputedTrait.objects.filter(pk__in=ids.values()).order_by("pk")}
        context |= {
            "rows": rows, "scores": SCORES, "buyers": sum(one.customers for row in rows for one in row),
            "money": sum(one.money for row in rows for one in row), "segments": segments(ids), "stages": stages(ids),
            "traits": traits.values(), "waiting": any(one.computed_at is None for one in traits.values()),
            "computed_at": min((one.computed_at or 0 for one in traits.values()), default=0),
        }  # fmt: skip
    return render(request, "customers/computed/rfm.html", context)


@require_safe
@page("customers.read")
def rfm_cell(request: HttpRequest, *, access: Access, recency: int, frequency: int) -> HttpResponse:
    """Show who is in a cell."""
    ids = standard_ids(access.workspace_id)
    if recency not in SCORES or frequency not in SCORES or not ids.keys() >= _NEEDED:
        raise Http404("There is no such cell.")
    given = request.GET.get("from", "")
    start = int(given) if given.isdecimal() and len(given) < 9 else 0
    one = next(c for row in grid(ids) for c in row if (c.recency, c.frequency) == (recency, frequency))
    rows = cell(ids, recency=recency, frequency=frequency, limit=ON_A_PAGE, offset=start)
    lines = lines_by_id(access.workspace_id, [row.customer_id for row in rows])
    shown = [
        {"row": row, "line": lines[row.customer_id], "tint": tint_of(row.customer_id)} for row in rows if row.customer_id in lines
    ]
    context = {"cell": one, "rows": shown, "start": start, "currency": access.workspace.currency}
    context["next"] = start + ON_A_PAGE if start + len(rows) < one.customers and rows else 0
    return render(request, "customers/computed/rfm_cell.html", context)


@require_POST
@page("audiences.write")
def set_up(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Make the standard traits for an event, or change them to another."""
    given = request.POST.get("typical", "").strip()
    try:
        typical = int(given) if given.isdecimal() and len(given) < 6 else None
        made = make_standard(
            access, purchase=request.POST.get("purchase", "")[:500], refund=request.POST.get("refund", "")[:500], typical=typical,
            request=request,
        )  # fmt: skip
        messages.success(request, f"{len(made)} computed traits are being worked out. Look again in a moment.")
    except AmityError as error:
        messages.error(request, error.message)
    return redirect("customers:rfm", workspace=access.workspace_slug)


@require_POST
@page("audiences.write")
def save(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Save a cell, a segment or a stage as an audience."""
    kind, _, value = request.POST.get("what", "").partition(":")
    try:
        if kind == "cell":
            recency, _, frequency = value.partition("-")
            made = save_cell(access, recency=int(recency or 0), frequency=int(frequency or 0), request=request)
        elif kind in {"rfm.segment", "life.stage"}:
            made = save_named(access, origin=kind, value=value[:40], request=request)
        else:
            raise Http404("There is nothing to save.")
    except ValueError:
        raise Http404("There is no such cell.") from None
    except AmityError as error:
        messages.error(request, error.message)
        return redirect("customers:rfm", workspace=access.workspace_slug)
    return redirect("customers:audience", workspace=access.workspace_slug, audience_id=made.pk)


def _guess(events: Any) -> str:
    """Return the event that is most probably a purchase."""
    likely = ("Order Completed", "Order Paid", "Purchase", "Bought")
    return next((name for name in likely if name in events), next((one for one in events if "order" in one.lower()), ""))
