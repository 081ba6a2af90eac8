"""One proposal: both customers side by side, why they may be one, what there would be, and what people say of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.actions.matching.decide import accept_match, block_match, reject_match
from amity.rooms.customers.actions.people import LONGEST_REASON, MOST_AT_ONCE
from amity.rooms.customers.console.known import text_of_trait, tint_of, trait_words
from amity.rooms.customers.console.matching.drawing import bars_of
from amity.rooms.customers.contracts import Conflict, Customer, Trait
from amity.rooms.customers.queries.audiences.lists import lines_by_id
from amity.rooms.customers.queries.matching.groups import Group, groups_of
from amity.rooms.customers.queries.matching.pairs import Proposal, find_proposal, list_proposals
from amity.rooms.customers.queries.matching.sides import sides_of
from amity.rooms.customers.rules.matching.model import probability_of
from amity.rooms.customers.rules.matching.sides import rows_of
from amity.rooms.customers.rules.matching.waterfall import percent, steps_of
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_MOST_OF_A_GROUP = 20


@require_safe
@page("customers.read")
def candidate(request: HttpRequest, *, access: Access, pair_id: int) -> HttpResponse:
    """Show one proposal; one that isn't open any more leads back to the queue."""
    try:
        row, proposal = find_proposal(workspace_id=access.workspace_id, pair_id=pair_id)
    except NotFound as error:
        messages.info(request, error.message)
        return redirect("customers:matches", workspace=access.workspace_slug)
    queue = groups_of(list_proposals(workspace_id=access.workspace_id))
    order = [one.id for group in queue for one in group.pairs]
    group = next((one for one in queue if any(pair.id == row.pk for pair in one.pairs)), None)
    first, second = sides_of(workspace_id=access.workspace_id, customer_ids=(proposal.first, proposal.second))
    steps = steps_of(prior=row.prior, parts=row.parts)
    at = order.index(row.pk) if row.pk in order else -1
    context = {
        "pair": row,
        "first": first,
        "second": second,
        "tints": (tint_of(first.customer.id), tint_of(second.customer.id)),
        "percent": percent(row.probability),
        "rows": rows_of(first.known, second.known, parts=row.parts, text=_text),
        "story": [_counts(first.customer), _counts(second.customer)],
        "interactions": first.customer.interactions + second.customer.interactions,
        "steps": steps,
        "bars": bars_of(steps),
        "group": _group(access, group, proposal) if group and len(group.customers) > 2 else None,
        "place": at + 1,
        "number": len(order),
        "previous": _url(access, order[at - 1]) if at > 0 else "",
        "next": _url(access, order[at + 1]) if 0 <= at < len(order) - 1 else "",
        "may_decide": access.can("identity.write"),
        "longest": LONGEST_REASON,
    }
    return render(request, "customers/matching/candidate.html", context)


@require_POST
@page("identity.write")
def accept(request: HttpRequest, *, access: Access, pair_id: int) -> HttpResponse:
    """Join the two, and others of the group that were ticked."""

    def act() -> str:
        also = [UUID(one) for one in request.POST.getlist("also")[:MOST_AT_ONCE]]
        into = accept_match(access, pair_id=pair_id, reason=request.POST.get("reason", ""), also=also, request=request)
        where = reverse("customers:identity", args=[access.workspace_slug, into])
        return format_html('Joined. <a href="{}">See the customer</a>, where it can be taken back.', where)

    return _decide(request, access, pair_id, act)


@require_POST
@page("identity.write")
def reject(request: HttpRequest, *, access: Access, pair_id: int) -> HttpResponse:
    """Say "not now"."""

    def act() -> str:
        reject_match(access, pair_id=pair_id, reason=request.POST.get("reason", ""), request=request)
        return "Left as they are. They’re proposed again once what is known of one of them changes."

    return _decide(request, access, pair_id, act)


@require_POST
@page("identity.write")
def block(request: HttpRequest, *, access: Access, pair_id: int) -> HttpResponse:
    """Say "never"."""

    def act() -> str:
        block_match(access, pair_id=pair_id, reason=request.POST.get("reason", ""), request=request)
        return "Kept apart from now on, whatever evidence comes."

    return _decide(request, access, pair_id, act)


def _decide(request: HttpRequest, access: Access, pair_id: int, act: Callable[[], str]) -> HttpResponse:
    """Decide, and go on with the proposal that comes next in the queue."""
    order = [one.id for group in groups_of(list_proposals(workspace_id=access.workspace_id)) for one in group.pairs]
    try:
        messages.success(request, act())
    except ValueError:
        messages.error(request, "One of the ticked customers isn’t one.")
        return redirect("customers:match", workspace=access.workspace_slug, pair_id=pair_id)
    except (Invalid, NotFound, Conflict) as error:
        said = "A worker was at one of them just now. Try again." if isinstance(error, Conflict) else error.message
        messages.error(request, said)
        return redirect("customers:match", workspace=access.workspace_slug, pair_id=pair_id)
    at = order.index(pair_id) if pair_id in order else 0
    going_on = next((one for one in [*order[at + 1 :], *order[:at]] if _is_open(access, one)), None)
    if going_on is None:
        return redirect("customers:matches", workspace=access.workspace_slug)
    return redirect("customers:match", workspace=access.workspace_slug, pair_id=going_on)


def _is_open(access: Access, pair_id: int) -> bool:
    try:
        find_proposal(workspace_id=access.workspace_id, pair_id=pair_id)
    except NotFound:
        return False
    return True


def _group(access: Access, group: Group, proposal: Proposal) -> dict[str, Any]:
    """Return the group that the two belong to: its members, and the weight of each pair."""
    shown = list(dict.fromkeys([proposal.first, proposal.second, *group.customers]))[:_MOST_OF_A_GROUP]
    lines = lines_by_id(access.workspace_id, shown)
    names = {one: lines[one].name for one in shown if one in lines}
    return {
        "size": len(group.customers),
        "members": [
            {"line": lines[one], "tint": tint_of(one), "here": one in {proposal.first, proposal.second}}
            for one in shown
            if one in lines
        ],
        "pairs": [
            {
                "id": one.id, "first": names[one.first], "second": names[one.second], "weight": one.weight,
                "percent": percent(probability_of(one.weight)), "here": one.id == proposal.id,
            }
            for one in group.pairs
            if one.first in names and one.second in names
        ],
    }  # fmt: skip


def _counts(customer: Customer) -> dict[str, Any]:
    return {
        "interactions": customer.interactions,
        "first_seen": customer.first_seen,
        "last_seen": customer.last_seen,
        "money": [(str(amount), currency) for currency, amount in customer.values.items() if amount][:2],
    }


def _text(name: str, value: Any) -> tuple[str, str]:
    return trait_words(name), text_of_trait(Trait(name=name, value=value, time=0, source_id=0))


def _url(access: Access, pair_id: int) -> str:
    return reverse("customers:match", args=[access.workspace_slug, pair_id])
