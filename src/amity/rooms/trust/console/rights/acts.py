"""What is done with a request: each act is a resource of its own, and answers with the request's page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import AmityError
from amity.rooms.trust.actions.rights.archives import ask_archive, take_archive
from amity.rooms.trust.actions.rights.doing import correct, erase, opt_out, release, restrict
from amity.rooms.trust.actions.rights.links import ask_link
from amity.rooms.trust.actions.rights.requests import end, extend, verify
from amity.rooms.trust.api import page
from amity.rooms.trust.console.rights.forms import CorrectionForm, TextForm
from amity.rooms.trust.console.rights.pages import found, show
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.queries.rights import erasures_of

_STATUS = {"not_found": 404, "forbidden": 403}


@page("rights.write")
@require_POST
def verification(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """Note how the person's identity was confirmed."""
    act = partial(verify, access, request_id=request_id, how=_text(request), request=request)
    return _do(request, access, request_id, act, "Noted: it is them.")


@page("rights.write")
@require_POST
def link(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """Have a link to confirm sent to an address of theirs."""
    act = partial(ask_link, access, request_id=request_id, to=request.POST.get("to", ""), request=request)
    return _do(request, access, request_id, act, "The link is on its way.")


@page("rights.write")
@require_POST
def extension(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """Take more time, with the reason."""
    act = partial(extend, access, request_id=request_id, because=_text(request), request=request)
    return _do(request, access, request_id, act, "The time is extended. Tell the person why.")


@page("rights.write")
@require_POST
def archive(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """Have the archive made."""
    return _do(
        request, access, request_id, partial(ask_archive, access, request_id=request_id, request=request),
        "The archive is being made. It stands here in a moment.",
    )  # fmt: skip


@page("rights.write")
@never_cache
@require_safe
def archive_file(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponseBase:
    """Give the archive out."""
    try:
        file = take_archive(access, request_id=request_id, request=request)
    except AmityError as error:
        return show(request, access, request_id, problem=error.message, status=_STATUS.get(error.code, 422))
    return FileResponse(file, as_attachment=True, filename=f"data-{request_id}.zip", content_type="application/zip")


@page("rights.write")
@require_POST
def restriction(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """Let the person's data be kept, but not used."""
    return _do(
        request, access, request_id, partial(restrict, access, request_id=request_id, request=request),
        "From now on it is used for nothing but what is strictly necessary.",
    )  # fmt: skip


@page("rights.write")
@require_POST
def release_of(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """Lift the restriction."""
    return _do(
        request,
        access,
        request_id,
        partial(release, access, request_id=request_id, request=request),
        "The restriction is lifted.",
    )


@page("rights.write")
@require_POST
def refusal_of_sale(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """Record that the person opts out."""
    return _do(
        request, access, request_id, partial(opt_out, access, request_id=request_id, request=request),
        "The answer is on its way into the history of consent.",
    )  # fmt: skip


@page("rights.write")
@require_POST
def erasure(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """Begin to erase the person everywhere."""
    return _do(
        request, access, request_id, partial(erase, access, request_id=request_id, request=request),
        "They are kept out from now on, and erased everywhere.",
    )  # fmt: skip


@page("rights.read")
@require_safe
def receipts(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Give out the signed receipts of what was erased."""
    row = found(access, request_id)
    signed = [one.receipt for one in erasures_of(row) if one.receipt]
    answer = JsonResponse(signed, safe=False, json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="receipts-{request_id}.json"'
    return answer


@page("rights.write")
@require_POST
def correction(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """Correct a trait."""
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        said = " ".join(str(text) for errors in form.errors.values() for text in errors)
        return show(request, access, request_id, problem=said, status=422, given=request.POST)
    data = form.cleaned_data
    act = partial(correct, access, request_id=request_id, name=data["name"], value=data["value"], request=request)
    return _do(request, access, request_id, act, "The correction is on its way to the customer.")


@page("rights.write")
@require_POST
def ending(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """End the request: done, refused or cancelled."""
    state = request.POST.get("state", "")
    act = partial(end, access, request_id=request_id, state=state, answer=_text(request), request=request)
    return _do(request, access, request_id, act, f"The request is {state}.")


def _do(request: HttpRequest, access: Access, request_id: UUID, act: Callable[[], Any], said: str) -> HttpResponse:
    try:
        act()
    except AmityError as error:
        return show(request, access, request_id, problem=error.message, status=_STATUS.get(error.code, 422), given=request.POST)
    messages.success(request, said)
    return redirect("trust:request", workspace=access.workspace_slug, request_id=request_id)


def _text(request: HttpRequest) -> str:
    form = TextForm(request.POST)
    return str(form.cleaned_data["text"]) if form.is_valid() else ""
