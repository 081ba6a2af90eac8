"""A customer's Consent tab: what holds and why, every answer with its proof, noting a choice, and a link for the customer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.consent.links import make_link
from amity.rooms.customers.actions.consent.note import LONGEST_REASON, WAYS, answerable, note_choice
from amity.rooms.customers.console.consent.words import held_of, lines_of
from amity.rooms.customers.console.customer import found_now, frame_of
from amity.rooms.customers.console.known import source_names
from amity.rooms.customers.console.parts import found
from amity.rooms.customers.contracts import Customer
from amity.rooms.customers.queries.consent.history import history_of
from amity.rooms.customers.queries.consent.standing import standing_of
from amity.rooms.customers.rules.choices.decide import pause_ends
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_AT_ONCE = 30


class ChoiceForm(forms.Form):
    """What a customer said, and how."""

    purpose = forms.ChoiceField(
        error_messages={"required": "Choose what it is about.", "invalid_choice": "Choose what it is about."}
    )
    granted = forms.ChoiceField(
        choices=[("", "Choose …"), ("yes", "Yes"), ("no", "No")], error_messages={"required": "Choose yes or no."}
    )
    way = forms.ChoiceField(choices=[("", "Choose …"), *WAYS.items()], error_messages={"required": "Choose how it was given."})
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        error_messages={
            "required": "Write down what the customer said.",
            "max_length": f"Shorten it to {LONGEST_REASON} characters.",
        },
    )

    def __init__(self, *args: Any, workspace_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [("", "Choose …"), *answerable(workspace_id).items()]  # type: ignore[attr-defined]


@require_safe
@page("customers.read")
def consent(request: HttpRequest, *, access: Access, customer_id: UUID) -> HttpResponse:
    """Show what holds for the customer and why, and all that was ever answered."""
    customer, elsewhere = found_now(request, access, customer_id, tab="consent")
    if elsewhere:
        return elsewhere
    return _tab(request, access, customer, ChoiceForm(workspace_id=access.workspace_id))


@require_POST
@page("customers.write")
def note(request: HttpRequest, *, access: Access, customer_id: UUID) -> HttpResponse:
    """Note what a customer said."""
    customer = found(access, customer_id)
    form = ChoiceForm(request.POST, workspace_id=access.workspace_id)
    if form.is_valid():
        said = form.cleaned_data
        try:
            note_choice(
                access, customer_id=customer.id, purpose=said["purpose"], granted=said["granted"] == "yes", way=said["way"],
                reason=said["reason"], request=request,
            )  # fmt: skip
        except Invalid as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Noted. It holds from now on.")
            return redirect("customers:consent", workspace=access.workspace_slug, customer_id=customer.id)
    return _tab(request, access, customer, form, status=422)


@require_POST
@page("customers.write")
def link(request: HttpRequest, *, access: Access, customer_id: UUID) -> HttpResponse:
    """Make a link with which the customer sees and changes their choices, and show it, once."""
    customer = found(access, customer_id)
    made = make_link(access, customer_id=customer.id, request=request)
    return _tab(request, access, customer, ChoiceForm(workspace_id=access.workspace_id), made=made)


def _tab(  # noqa: PLR0913, PLR0917  the page and what it says besides
    request: HttpRequest, access: Access, customer: Customer, form: ChoiceForm, made: Any = None, status: int = 200
) -> HttpResponse:
    given = request.GET.get("after", "")
    after = int(given) if given.isdecimal() and len(given) < 7 else 0
    standing = standing_of(workspace_id=access.workspace_id, customer_id=customer.id)
    rows, total = history_of(workspace_id=access.workspace_id, customer_ids=customer.all_ids, after=after, limit=_AT_ONCE)
    context = {
        "customer": customer,
        "held": held_of(standing),
        "policy": standing.policy,
        "pause_until": pause_ends(standing.pause) if standing.pause else None,
        "history": lines_of(rows, answerable(access.workspace_id), source_names(access.workspace_id)),
        "total": total,
        "after": after,
        "older": after + _AT_ONCE if after + _AT_ONCE < total else 0,
        "may_change": access.can("customers.write"),
        "choice_form": form,
        "longest_reason": LONGEST_REASON,
        "made": made,
    }
    return render(request, "customers/consent.html", frame_of(access, customer, tab="consent") | context, status=status)
