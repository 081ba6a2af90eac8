"""A customer's sensitive values: behind a press, so that each look is meant and recorded."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from amity.kernel.errors import NotRunning
from amity.rooms.customers.actions.sensitive import show_sensitive
from amity.rooms.customers.console.known import source_names
from amity.rooms.customers.console.parts import found
from amity.rooms.customers.queries.sensitive import MOST, SensitiveValue
from amity.rooms.customers.rules.portrait.portray import portray_name
from amity.rooms.customers.rules.portrait.words import plain_words
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page("sensitive.read")
def sensitive(request: HttpRequest, *, access: Access, customer_id: UUID) -> HttpResponse:
    """Say what will be shown and that it is recorded; show it once that is asked for."""
    customer = found(access, customer_id)
    context: dict[str, Any] = {"customer": customer, "most": MOST}
    if request.method == "POST":
        try:
            values = show_sensitive(access, customer=customer, request=request)
        except NotRunning as error:
            context["failed"] = error.message
        else:
            sources = source_names(access.workspace_id)
            context |= {
                "shown": True,
                "traits": [_row(one, sources) for one in values if one.key is None],
                "moments": [_row(one, sources) for one in values if one.key is not None],
            }
    return render(request, "customers/sensitive.html", context)


def _row(one: SensitiveValue, sources: dict[int, str]) -> dict[str, Any]:
    kind, name = one.interaction
    return {
        "label": plain_words(one.name) or one.name,
        "path": f"{one.place}.{one.name}",
        "text": one.value if isinstance(one.value, str) else json.dumps(one.value, ensure_ascii=False, indent=2),
        "time": one.time,
        "source": sources.get(one.source_id, ""),
        "interaction": portray_name(name) if name else plain_words(kind),
    }
