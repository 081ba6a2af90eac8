"""Erasures: the list, asking for one after seeing what it will find, how one goes, its receipt, and letting somebody back."""

from __future__ import annotations

import json
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amity.kernel.errors import AmityError, NotFound
from amity.rooms.trust.actions.erasure.begin import LONGEST_REASON, begin_erasure, look_at
from amity.rooms.trust.actions.erasure.let_back import let_back
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access, ErasureInfo
from amity.rooms.trust.queries.erasures import get_erasure, list_erasures
from amity.rooms.trust.rules.erasure.states import ASKED, DONE, ERASED, LOOKING, SUPPRESSED

PAGE = 50
_KINDS = ("email", "user_id", "phone", "anonymous_id", "device_id", "customer_id")
_WAY = (
    (ASKED, "Kept out", "Nothing of theirs is taken from now on, wherever it comes from."),
    (SUPPRESSED, "Erased everywhere", "Each store is asked again until it holds nothing of them."),
    (ERASED, "What was under way", "The workers read the log past that moment."),
    (LOOKING, "Looked for again", "Every store is searched a second time."),
)


class WhomForm(forms.Form):
    """Whom to erase."""

    kind = forms.CharField(
        label="Kind of identifier", max_length=40, initial="email", widget=forms.TextInput(attrs={"list": "kinds"})
    )
    value = forms.CharField(
        label="Identifier", max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )


class SureForm(WhomForm):
    """Why, and that it is meant."""

    kind = forms.CharField(max_length=40, widget=forms.HiddenInput)
    value = forms.CharField(max_length=300, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why are they erased?",
        max_length=LONGEST_REASON,
        help_text="Stays with the receipt and in the audit log, so don’t name the person.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    sure = forms.BooleanField(
        label="I know that nobody can bring them back", error_messages={"required": "Confirm that you know this."}
    )


class BackForm(forms.Form):
    """Why somebody is taken on again."""

    reason = forms.CharField(label="Why are they taken on again?", max_length=LONGEST_REASON, help_text="A new consent, say.")


@page("rights.read")
@require_GET
def erasures(request: HttpRequest, access: Access) -> HttpResponse:
    """List erasures, newest first."""
    text = request.GET.get("after", "")
    after = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    found, total = list_erasures(workspace_id=access.workspace_id, after=after, limit=PAGE)
    older = after + PAGE if after + PAGE < total else 0
    shown = {"erasures": found, "total": total, "older": older, "paged": after > 0, "may_erase": access.can("rights.write")}
    return render(request, "trust/erasures.html", shown)


@page("rights.write")
@never_cache
@require_http_methods(["GET", "POST"])
def new_erasure(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask whom, show what will be found of them, and begin once that is confirmed.

    An identifier is only ever sent in a body, never in an address, which others may write down.
    """
    if request.method == "GET":
        customer = request.GET.get("customer", "")
        return _sure(request, access, kind="customer_id", value=customer) if customer else _whom(request, WhomForm())
    if "reason" not in request.POST:
        whom = WhomForm(request.POST)
        return _sure(request, access, **whom.cleaned_data) if whom.is_valid() else _whom(request, whom, status=422)
    form = SureForm(request.POST)
    if not form.is_valid():
        return _sure(request, access, kind=form.data.get("kind", ""), value=form.data.get("value", ""), form=form)
    given = form.cleaned_data
    try:
        made = begin_erasure(access, kind=given["kind"], value=given["value"], reason=given["reason"], request=request)
    except NotFound as error:
        raise Http404(error.message) from error
    except AmityError as error:
        form.add_error("reason", error.message)
        return _sure(request, access, kind=given["kind"], value=given["value"], form=form)
    return redirect("trust:erasure", workspace=access.workspace_slug, erasure_id=made)


@page("rights.read")
@require_GET
def erasure(request: HttpRequest, access: Access, erasure_id: UUID) -> HttpResponse:
    """Show how far an erasure is, what it found, and its receipt."""
    one = _found(access, erasure_id)
    part = request.headers.get("HX-Target") == "erasure"
    response = render(request, "trust/_erasure.html" if part else "trust/erasure.html", _shown(access, one))
    patch_vary_headers(response, ["HX-Target"])
    return response


@page("rights.read")
@require_GET
def receipt(request: HttpRequest, access: Access, erasure_id: UUID) -> HttpResponse:
    """Download the signed receipt."""
    del request
    one = _found(access, erasure_id)
    if one.receipt is None:
        raise Http404("The receipt is made at the end.")
    answer = HttpResponse(json.dumps(one.receipt, indent=2, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="erasure-{one.id}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


@page("rights.write")
@require_POST
def return_of(request: HttpRequest, access: Access, erasure_id: UUID) -> HttpResponse:
    """Let somebody back."""
    one, form = _found(access, erasure_id), BackForm(request.POST)
    if form.is_valid():
        try:
            number = let_back(access, erasure_id=erasure_id, reason=form.cleaned_data["reason"], request=request)
        except AmityError as error:
            form.add_error("reason", error.message)
        else:
            messages.success(request, f"They are taken on again from now on, by {number} identifier{'s' * (number != 1)}.")
            return redirect("trust:erasure", workspace=access.workspace_slug, erasure_id=erasure_id)
    return render(request, "trust/erasure.html", _shown(access, one) | {"form": form}, status=422)


def _whom(request: HttpRequest, form: WhomForm, *, status: int = 200) -> HttpResponse:
    return render(request, "trust/new_erasure.html", {"form": form, "kinds": _KINDS}, status=status)


def _sure(request: HttpRequest, access: Access, *, kind: str, value: str, form: SureForm | None = None) -> HttpResponse:
    """Show what will be found of somebody, with the question whether they are to be erased."""
    context = {"kind": kind, "value": value, "form": form or SureForm(initial={"kind": kind, "value": value})}
    try:
        context["held"] = look_at(access, kind=kind, value=value)
    except NotFound as error:
        raise Http404(error.message) from error
    except AmityError as error:
        whom = WhomForm({"kind": kind, "value": value})
        whom.add_error("value" if error.code == "invalid" else None, error.message)
        return _whom(request, whom, status=422 if error.code == "invalid" else 503)
    return render(request, "trust/sure_to_erase.html", context, status=422 if form is not None else 200)


def _found(access: Access, erasure_id: UUID) -> ErasureInfo:
    try:
        return get_erasure(workspace_id=access.workspace_id, erasure_id=erasure_id)
    except NotFound as error:
        raise Http404(error.message) from error


def _shown(access: Access, one: ErasureInfo) -> dict[str, object]:
    order = [state for state, _, _ in _WAY]
    at = order.index(one.state) if one.state != DONE else len(order)
    way = [(words, hint, "good" if n < at else "running" if n == at else "quiet") for n, (_, words, hint) in enumerate(_WAY)]
    return {
        "one": one,
        "way": way,
        "under_way": one.state != DONE,
        "held": sorted((s for s in one.stores if s.found), key=lambda store: (-store.found, store.title)),
        "empty": sorted(s.title.lower() for s in one.stores if not s.found and s.left is not None),
        "form": BackForm(),
        "may_let_back": access.can("rights.write") and one.state == DONE and one.kept_out > 0,
    }
