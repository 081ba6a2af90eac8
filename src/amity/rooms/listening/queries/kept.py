"""Surveys as the present holds them."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from django.db.models import Count, Max, Q

from amity.kernel.errors import NotFound
from amity.rooms.listening.models import Response, Survey, Version
from amity.rooms.listening.rules.surveys.language import Definition, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A survey in a list: how many completed it, and when the last one did (ms)."""

    survey: Survey
    responses: int
    last: int | None


def accessible_survey(*, workspace_id: int, survey_id: int) -> Survey:
    """Return a survey of a workspace that isn't put away. Raises NotFound."""
    known = Survey.objects.filter(workspace_id=workspace_id, archived_at=None)
    found = known.filter(pk=survey_id if 0 < survey_id < 2**63 else 0).first()
    if found is None:
        raise NotFound("There is no such survey here.")
    return found


def list_surveys(*, workspace_id: int, text: str = "", before: int = 0, limit: int = 50) -> list[Line]:
    """Return surveys, the newest made first; `before`: only those with a lower id."""
    found = Survey.objects.filter(workspace_id=workspace_id, archived_at=None)
    if text:
        found = found.filter(name__icontains=text)
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[:limit])
    done = Response.objects.filter(survey__in=rows).exclude(completed_at=None).values_list("survey_id")
    counted = {survey: (number, last) for survey, number, last in done.annotate(number=Count("pk"), last=Max("completed_at"))}
    found_of = {one.pk: counted.get(one.pk, (0, None)) for one in rows}
    return [Line(survey=one, responses=found_of[one.pk][0], last=found_of[one.pk][1]) for one in rows]


def draft_of(one: Survey) -> Definition:
    """Return a survey as it is being written."""
    return read(msgspec.json.encode(one.draft))


def versions_of(one: Survey) -> list[Version]:
    """Return what was published, the newest first."""
    return list(Version.objects.filter(survey=one).order_by("-number"))


def version_of(one: Survey, number: int) -> Definition | None:
    """Return a survey as it was published under a number."""
    found = Version.objects.filter(survey=one, number=number).first()
    return read(msgspec.json.encode(found.definition)) if found else None


def is_changed(one: Survey) -> bool:
    """Whether the draft is another than what is asked."""
    live = Version.objects.filter(survey=one, number=one.live).first()
    return live is None or live.definition != one.draft


def surveys_named(workspace_id: int, name: str) -> Survey | None:
    """Return the survey of a name."""
    return Survey.objects.filter(Q(workspace_id=workspace_id, archived_at=None, name=name)).first()
