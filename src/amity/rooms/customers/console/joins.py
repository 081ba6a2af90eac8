"""Take one join of a customer back: a page that says what will be, and the deed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.rooms.customers.actions.people import LONGEST_REASON
from amity.rooms.customers.actions.unmerge.ask import ask_unmerge
from amity.rooms.customers.actions.unmerge.preview import Side, preview
from amity.rooms.customers.console.known import joins_of, kind_words, source_names, text_of_trait
from amity.rooms.customers.console.parts import found
from amity.rooms.customers.queries.merges import Wanted, get_merge
from amity.rooms.customers.queries.profiles import list_merges
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_SHOWN = 12


class ReasonForm(forms.Form):
    """Why the two are different people."""

    reason = forms.CharField(
        required=False, max_length=LONGEST_REASON,
        error_messages={"max_length": f"Shorten the reason to {LONGEST_REASON} characters."},
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@page("identity.write")
def take_back(request: HttpRequest, *, access: Access, customer_id: UUID, merge_id: int) -> HttpResponse:
    """Show whose everything will be, and take the join back once that is confirmed."""
    customer = found(access, customer_id)
    try:
        merge = get_merge(workspace_id=access.workspace_id, merge_id=merge_id, ids=customer.all_ids)
    except NotFound as error:
        raise Http404(error.message) from error
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_unmerge(access, wanted=Wanted(merge=merge.pk), reason=form.cleaned_data["reason"], request=request)
            messages.success(request, "Taking the join back. This page shows both customers within moments.")
        except Invalid as error:
            messages.error(request, error.message)
        return redirect("customers:identity", workspace=access.workspace_slug, customer_id=customer.id)
    names = source_names(access.workspace_id)
    rows = list_merges(workspace_id=access.workspace_id, customer_id=customer.id)
    [join] = joins_of([one for one in rows if one.id == merge.pk], names)
    context: dict[str, Any] = {"customer": customer, "join": join, "form": form, "longest": LONGEST_REASON}
    try:
        context["sides"] = [_shown(one) for one in preview(merge=merge, customer_id=customer.id)]
    except AmityError as error:
        context["failed"] = error.message
    return render(request, "customers/take_back.html", context)


def _shown(side: Side) -> Mapping[str, Any]:
    return {
        "name": side.name,
        "interactions": side.interactions,
        "identifiers": [(kind_words(kind), value) for kind, value in side.identifiers[:_SHOWN]],
        "more_identifiers": max(len(side.identifiers) - _SHOWN, 0),
        "traits": [(one.name, text_of_trait(one)) for one in side.traits[:_SHOWN]],
        "more_traits": max(len(side.traits) - _SHOWN, 0),
    }
