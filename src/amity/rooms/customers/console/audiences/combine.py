"""Audiences put together: who is in all, in some and in none of them, counted at once, and made an audience of its own."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amity.kernel.errors import AmityError
from amity.rooms.customers.models import Audience
from amity.rooms.customers.queries.audiences.sets import SETS, combinable
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ROLES = {"": "Doesn’t matter", "every": "Must be in it", "some": "In this or another such", "without": "Must not be in it"}
SHOWN = 8  # pairs


@require_safe
@page("customers.read")
def combine(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Choose what to do with each audience; the address holds the choice."""
    audiences = combinable(access.workspace_id)
    roles = {one.pk: request.GET.get(f"a{one.pk}", "") for one in audiences}
    chosen = {role: [pk for pk, its in roles.items() if its == role] for role in ("every", "some", "without")}
    context: dict[str, Any] = {
        "rows": [{"one": one, "role": roles[one.pk]} for one in audiences], "roles": ROLES, "error": "", "any": any(chosen.values()),
    }  # fmt: skip
    if chosen["every"] or chosen["some"]:
        try:
            context |= _counted(access, audiences, chosen)
        except AmityError as error:
            context["error"] = error.message
    return render(request, "customers/audiences/combine.html", context, status=400 if context["error"] else 200)


def _counted(access: Access, audiences: list[Audience], chosen: dict[str, list[int]]) -> dict[str, Any]:
    sets = SETS.of(access.workspace_id, [pk for some in chosen.values() for pk in some])
    names = {one.pk: one for one in audiences}
    inside = [*chosen["every"], *chosen["some"]]
    both = {(first, second): sets.count([first, second]) for n, first in enumerate(inside) for second in inside[n + 1 :]}
    most = sorted(both, key=lambda pair: -both[pair])[:SHOWN]
    return {
        "size": sets.count(chosen["every"], chosen["some"], chosen["without"]),
        "pairs": [(names[first], names[second], both[first, second]) for first, second in most],
        "definition": json.dumps(_definition(chosen)),
    }


def _definition(chosen: dict[str, list[int]]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"kind": "audience", "id": pk} for pk in chosen["every"]]
    if chosen["some"]:
        parts.append({"kind": "any", "of": [{"kind": "audience", "id": pk} for pk in chosen["some"]]})
    parts += [{"kind": "not", "of": {"kind": "audience", "id": pk}} for pk in chosen["without"]]
    return {"version": 1, "where": {"kind": "all", "of": parts}}
