"""Change the plan: one interaction, or what happens to what no plan names. Each change is a version, and in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Invalid, NotFound
from amity.kernel.ids import new_id
from amity.rooms.collection.models import Plan, PlannedInteraction, PlanVersion, Source, SourcePolicy
from amity.rooms.collection.rules.plan.document import ACTIONS, check_document, differences
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access, Actor

MOST_PLANNED = 2_000


class Conflict(Invalid):
    """Somebody changed the interaction meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Who changes, and over HTTP by which request."""

    workspace_id: int
    actor: Access | Actor
    request: HttpRequest | None = None


def save_planned(*, change: Change, document: Mapping[str, Any], expected_version: int | None = None) -> int:
    """Plan an interaction, or change what is planned, and return its version; nothing happens where nothing differs.

    `expected_version` is the one that the change was made from (0: none yet); None changes whatever there is. Raises Invalid
    for a document that isn't one, Conflict where the version is another.
    """
    made = check_document(document)
    kind, name = made["kind"], made["name"]
    with transaction.atomic():
        _lock(change.workspace_id)
        held = PlannedInteraction.objects.filter(workspace_id=change.workspace_id, kind=kind, name=name).first()
        _expect(held, expected_version, name)
        if held is not None and held.document == made:
            return held.version
        if held is None and PlannedInteraction.objects.filter(workspace_id=change.workspace_id).count() >= MOST_PLANNED:
            raise Invalid(f"A plan holds at most {MOST_PLANNED:,} interactions.")
        version = _next_version(change, kind, name)
        PlannedInteraction.objects.update_or_create(
            workspace_id=change.workspace_id,
            kind=kind,
            name=name,
            defaults={"document": made, "version": version, "changed_at": timezone.now(), "changed_by": who_changes(change)},
        )
        _told(change, kind, name, version, made, held.document if held else None)
    return version


def remove_planned(*, change: Change, kind: str, name: str, expected_version: int | None = None) -> None:
    """Take an interaction out of the plan; its versions stay. Raises NotFound, Conflict."""
    with transaction.atomic():
        _lock(change.workspace_id)
        held = PlannedInteraction.objects.filter(workspace_id=change.workspace_id, kind=kind, name=name).first()
        if held is None:
            raise NotFound("The plan has no such interaction.")
        _expect(held, expected_version, name)
        version = _next_version(change, kind, name)
        held.delete()
        _told(change, kind, name, version, None, held.document)


def set_unplanned(*, change: Change, action: str) -> None:
    """Decide what becomes of interactions that no plan names."""
    if action not in ACTIONS:
        raise Invalid(f"One of {', '.join(ACTIONS)}.")
    with transaction.atomic():
        plan = _lock(change.workspace_id)
        before = plan.unplanned
        if before != action:
            Plan.objects.filter(pk=plan.pk).update(unplanned=action, stamp=new_id())
            _audit(change, "plan.unplanned_changed", "plan", {"unplanned": before}, {"unplanned": action})


def set_source_policy(*, change: Change, source_id: int, unplanned: str, on_violation: str) -> None:
    """Decide for one source; an empty choice follows the workspace, or the interaction's own plan. Raises NotFound, Invalid."""
    if not {unplanned, on_violation} <= {"", *ACTIONS}:
        raise Invalid(f"One of {', '.join(ACTIONS)}, or nothing.")
    with transaction.atomic():
        _lock(change.workspace_id)
        if not Source.objects.filter(workspace_id=change.workspace_id, pk=source_id).exists():
            raise NotFound("This workspace has no such source.")
        held = SourcePolicy.objects.filter(pk=source_id).first()
        before = {"unplanned": held.unplanned, "on_violation": held.on_violation} if held else None
        after = {"unplanned": unplanned, "on_violation": on_violation}
        if (before or {"unplanned": "", "on_violation": ""}) != after:
            SourcePolicy.objects.update_or_create(pk=source_id, defaults={"workspace_id": change.workspace_id, **after})
            Plan.objects.filter(pk=change.workspace_id).update(stamp=new_id())
            _audit(change, "plan.source_changed", f"source:{source_id}", before, after)


def _lock(workspace_id: int) -> Plan:
    Plan.objects.bulk_create([Plan(workspace_id=workspace_id)], ignore_conflicts=True)
    return Plan.objects.select_for_update().get(pk=workspace_id)


def _expect(held: PlannedInteraction | None, version: int | None, name: str) -> None:
    now = held.version if held else 0
    if version is not None and version != now:
        who = f", by {held.changed_by}" if held else ""
        raise Conflict(
            f"{name or 'This interaction'} was changed meanwhile: it is at version {now}{who}; yours began at {version}.",
            code="conflict",
        )


def _next_version(change: Change, kind: str, name: str) -> int:
    latest = PlanVersion.objects.filter(workspace_id=change.workspace_id, kind=kind, name=name).order_by("-version").first()
    return latest.version + 1 if latest else 1


def _told(  # noqa: PLR0913, PLR0917  what a version holds
    change: Change, kind: str, name: str, version: int, after: dict[str, Any] | None, before: dict[str, Any] | None
) -> None:
    PlanVersion.objects.create(
        workspace_id=change.workspace_id, kind=kind, name=name, version=version, document=after, changed_by=who_changes(change)
    )
    Plan.objects.filter(pk=change.workspace_id).update(stamp=new_id())
    differs = differences(before, after)[:100]
    action = "plan.removed" if after is None else ("plan.changed" if before else "plan.added")
    _audit(
        change,
        action,
        f"plan:{kind}:{name}",
        {path: old for path, old, _ in differs} if before else None,
        {"version": version, **{path: new for path, _, new in differs}} if after else {"version": version},
    )


def _audit(change: Change, action: str, target: str, before: Any, after: Any) -> None:
    trust.record(
        change.actor,
        action=action,
        target=target,
        before=before,
        after=after,
        request=change.request,
        workspace_id=change.workspace_id,
    )


def who_changes(change: Change) -> str:
    """Return the name that a change is kept under."""
    who = change.actor.actor if isinstance(change.actor, Access) else change.actor
    return (who.email or who.name)[:254]
