"""Notes about a customer: written here, told to the log, and back in the story once the log has brought them."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.clock import from_ms
from amity.kernel.errors import AmityError
from amity.kernel.ids import message_key
from amity.rooms.collection.api import amity_source
from amity.rooms.customers.actions.notes import LONGEST_NOTE, add_note
from amity.rooms.customers.console.parts import found
from amity.rooms.customers.queries.standing import get_moment
from amity.rooms.customers.rules.portrait.portray import portray
from amity.rooms.customers.rules.portrait.thread import Bead
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


class NoteForm(forms.Form):
    """What a colleague writes about a customer."""

    text = forms.CharField(
        max_length=LONGEST_NOTE,
        error_messages={"required": "Write something first.", "max_length": f"Shorten the note to {LONGEST_NOTE:,} characters."},
    )


@require_POST
@page("customers.write")
def create(request: HttpRequest, *, access: Access, customer_id: UUID) -> HttpResponse:
    """Add a note; the answer shows it as on its way."""
    customer = found(access, customer_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        problem = "; ".join(str(text) for errors in form.errors.values() for text in errors)
        if request.headers.get("HX-Request"):
            return HttpResponse(
                status=204, headers={"HX-Trigger": '{"toast": "The note is empty or too long. Nothing was added."}'}
            )
        messages.error(request, problem)
        return redirect("customers:customer", workspace=access.workspace_slug, customer_id=customer.id)
    message_id = add_note(access, customer_id=customer.id, text=form.cleaned_data["text"], request=request)
    if not request.headers.get("HX-Request"):
        messages.success(request, "The note is on its way into the story.")
        return redirect("customers:customer", workspace=access.workspace_slug, customer_id=customer.id)
    context = {"customer": customer, "message_id": message_id, "text": form.cleaned_data["text"], "now": timezone.now()}
    return render(request, "customers/_pending.html", context, status=201)


@require_safe
@page("customers.read")
def arrival(request: HttpRequest, *, access: Access, customer_id: UUID, message_id: str) -> HttpResponse:
    """Return the note as the story tells it once the log has brought it; 204 while it is on its way."""
    customer = found(access, customer_id)
    key = message_key(access.workspace_id, amity_source(workspace_id=access.workspace_id), message_id)
    try:
        one = get_moment(customer=customer, key=key)
    except AmityError:
        return HttpResponse(status=204)
    bead = Bead(moment=one, portrait=portray(one), at=from_ms(one.time))
    return render(request, "customers/_bead.html", {"customer": customer, "bead": bead})
