"""A journey's map as files: a picture, and its stages as BPMN, there and back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import Invalid
from amity.rooms.journeys.actions.maps import bring_in_target
from amity.rooms.journeys.console.maps.pages import found_journey, side_of
from amity.rooms.journeys.models import Journey
from amity.rooms.journeys.queries.maps.kept import map_of
from amity.rooms.journeys.rules.maps.bpmn import LARGEST, from_bpmn, to_bpmn
from amity.rooms.journeys.rules.maps.language import JourneyMap
from amity.rooms.journeys.rules.maps.picture import picture
from amity.rooms.journeys.rules.texts import plain
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@require_safe
@page("journeys.read")
def pictured(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Give the map, or its target, as an SVG file: as it was drawn."""
    one = found_journey(access, journey_id)
    return _file(picture(_drawn(request, one), title=one.name), one, "svg", "image/svg+xml")


@require_safe
@page("journeys.read")
def modelled(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Give the stages of the map, or its target, as a BPMN file."""
    one = found_journey(access, journey_id)
    return _file(to_bpmn(_drawn(request, one), name=one.name), one, "bpmn", "application/xml")


@require_POST
@page("journeys.write")
def brought_in(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Let the target be what a BPMN file says."""
    one, given = found_journey(access, journey_id), request.FILES.get("file")
    answer = redirect("journeys:journey", workspace=access.workspace_slug, journey_id=one.pk)
    try:
        body = given.read(LARGEST + 1) if given else b""
        bring_in_target(
            access, journey_id=one.pk, what=f"Brought in from BPMN: {given.name if given else ''}", draw=lambda before: from_bpmn(body, before=before),
            request=request,
        )  # fmt: skip
    except Invalid as error:
        messages.error(request, error.message)
        return answer
    messages.success(request, "The target is what the file says.")
    answer["Location"] += "?side=target"
    return answer


def _drawn(request: HttpRequest, one: Journey) -> JourneyMap:
    content = map_of(one, side_of(request)) or map_of(one)
    if content is None:
        raise Http404("There is no such map.")
    return content


def _file(body: str, one: Journey, ending: str, kind: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=f"{kind}; charset=utf-8")
    name = content_disposition_header(as_attachment=True, filename=f"{plain(one.name)}.{ending}")
    answer["Content-Disposition"] = name or "attachment"
    return answer
