"""What people do to metrics: make, change (which makes a version), archive, take the shipped ones."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers import api as customers
from amity.rooms.metrics.models import Metric, MetricVersion
from amity.rooms.metrics.queries.lists import accessible_metric, version_of
from amity.rooms.metrics.queries.offered import fitting
from amity.rooms.metrics.rules.compiling import Asked
from amity.rooms.metrics.rules.figuring import VALUES
from amity.rooms.metrics.rules.language import Definition, check_shape, read, written
from amity.rooms.metrics.rules.periods import window_of
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

LONGEST_NAME, LONGEST_ABOUT, LONGEST_NOTE = 120, 2_000, 500
MOST = 500


def create_metric(  # noqa: PLR0913  one argument for each part
    access: Access, *, name: str, definition: Definition, about: str = "", owner: str = "", origin: str = "",
    request: HttpRequest | None = None,
) -> Metric:  # fmt: skip
    """Make a metric; its definition is version 1. Raises Invalid with what to mend."""
    check(definition, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    if Metric.objects.filter(workspace_id=access.workspace_id, archived_at=None).count() >= MOST:
        raise Invalid(f"A workspace has at most {MOST} metrics; archive some.")
    now, who = now_ms(), access.actor.name[:254]
    made = Metric(
        workspace_id=access.workspace_id, name=tidy(name, "A metric needs a name", LONGEST_NAME), about=_about(about),
        owner=tidy(owner, "", LONGEST_NAME), origin=origin, created_at=now, created_by=who, updated_at=now, updated_by=who,
    )  # fmt: skip
    with transaction.atomic():
        _save(made)
        MetricVersion.objects.create(metric=made, number=1, definition=written(definition), made_at=now, made_by=who)
        _record(access, "metric.created", made, after=_told(made, definition), request=request)
    return made


def change_metric(  # noqa: PLR0913  one argument for each part
    access: Access, *, metric_id: int, name: str | None = None, about: str | None = None, owner: str | None = None,
    definition: Definition | None = None, note: str = "", request: HttpRequest | None = None,
) -> Metric:  # fmt: skip
    """Change a metric; None leaves as it is. Another definition becomes the next version, and the ones before stay.

    Raises Invalid, NotFound.
    """
    if definition is not None:
        check(definition, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    now, who = now_ms(), access.actor.name[:254]
    with transaction.atomic():
        accessible_metric(workspace_id=access.workspace_id, metric_id=metric_id)
        one = Metric.objects.select_for_update().get(pk=metric_id, workspace_id=access.workspace_id)
        if one.archived_at is not None:
            raise Invalid("An archived metric isn't changed any more.")
        version = version_of(one)
        before = {"name": one.name, "about": one.about, "owner": one.owner, "definition": version.definition}
        one.name = one.name if name is None else tidy(name, "A metric needs a name", LONGEST_NAME)
        one.about = one.about if about is None else _about(about)
        one.owner = one.owner if owner is None else tidy(owner, "", LONGEST_NAME)
        after = version.definition if definition is None else written(definition)
        if after != version.definition:
            one.version += 1
            MetricVersion.objects.create(
                metric=one, number=one.version, definition=after, note=tidy(note, "", LONGEST_NOTE), made_at=now, made_by=who
            )
        one.updated_at, one.updated_by = now, who
        _save(one)
        told = {"name": one.name, "about": one.about, "owner": one.owner, "definition": after, "version": one.version}
        _record(access, "metric.changed", one, before=before, after=told, request=request)
    return one


def archive_metric(access: Access, *, metric_id: int, request: HttpRequest | None = None) -> Metric:
    """Put a metric away; its versions stay."""
    one = accessible_metric(workspace_id=access.workspace_id, metric_id=metric_id)
    if one.archived_at is None:
        one.archived_at, one.archived_by = now_ms(), access.actor.name[:254]
        with transaction.atomic():
            one.save(update_fields=["archived_at", "archived_by"])
            _record(access, "metric.archived", one, request=request)
    return one


def take_shipped(access: Access, *, request: HttpRequest | None = None) -> list[Metric]:
    """Make the shipped metrics whose interactions arrive here and that aren't there yet; returns the new ones."""
    names = set(Metric.objects.filter(workspace_id=access.workspace_id, archived_at=None).values_list("name", flat=True))
    return [
        create_metric(access, name=one.name, about=one.about, definition=read(one.text), origin=one.origin, request=request)
        for one in fitting(access.workspace_id)
        if one.name not in names
    ]


def check(definition: Definition, *, workspace_id: int, time_zone: str) -> None:
    """Raise Invalid, with what to mend, for a definition that can't be measured."""
    check_shape(definition)
    zone = ZoneInfo(definition.zone or time_zone)
    span = window_of(definition.within, now=now_ms(), zone=zone)
    asked = Asked(definition.measure, workspace=workspace_id, zone=zone, merged=False, periods=[span])
    _ = asked.values() if isinstance(definition.measure, VALUES) else asked.contributions()
    if definition.among is not None:
        customers.condition_words(definition.among, workspace_id=workspace_id)


def tidy(text: str, needed: str, longest: int) -> str:
    """Return a line of text without what can't be seen. Raises Invalid where it is too long, or empty though `needed`."""
    found = "".join(one for one in text if one.isprintable()).strip()
    if (needed and not found) or len(found) > longest:
        raise Invalid(f"{needed or 'This may have'} of at most {longest} characters.")
    return found


def _about(text: str) -> str:
    about = text.replace("\0", "").strip()
    if len(about) > LONGEST_ABOUT:
        raise Invalid(f"The description may have {LONGEST_ABOUT:,} characters.")
    return about


def _save(one: Metric) -> None:
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise Invalid(f"There is a metric named {one.name} already; choose another name.") from None


def _told(one: Metric, definition: Definition) -> dict[str, Any]:
    return {"name": one.name, "about": one.about, "owner": one.owner, "definition": written(definition)}


def _record(access: Access, action: str, one: Metric, **said: Any) -> None:
    trust.record(access, action=action, target=f"metric:{one.pk}", **said)
