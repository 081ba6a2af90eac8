"""Make the plan what files say, as one change: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction

from amity.kernel.errors import Invalid
from amity.rooms.collection.actions.plan.change import (
    Change,
    Conflict,
    remove_planned,
    save_planned,
    set_source_policy,
    set_unplanned,
)
from amity.rooms.collection.models import PlannedInteraction, Source
from amity.rooms.collection.queries.plan.planned import source_policies, unplanned_action
from amity.rooms.collection.rules.plan.document import differences
from amity.rooms.collection.rules.plan.files import PlanFiles


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a push does about one interaction, or (`kind` is `plan`) about the rest. `version` is the one after it."""

    kind: str
    name: str
    action: Literal["add", "change", "remove"]
    version: int
    differs: tuple[tuple[str, Any, Any], ...]  # path, before, after


def push_plan(
    *,
    change: Change,
    files: PlanFiles,
    expected: Mapping[tuple[str, str], int] | None = None,
    remove_others: bool = False,
    dry_run: bool = False,
) -> list[Step]:
    """Make the plan what the files say and return what that changes, or would (`dry_run`).

    `expected` are the versions that the files were made from: an interaction that has another by now, and differs from its
    file, was changed meanwhile, and the whole push is refused with Conflict. None asks nothing. What no file tells of stays
    as it is unless `remove_others`.
    """
    with transaction.atomic():
        held = {(p.kind, p.name): p for p in PlannedInteraction.objects.filter(workspace_id=change.workspace_id)}
        wanted: dict[tuple[str, str], dict[str, Any] | None] = {(d["kind"], d["name"]): d for d in files.documents}
        if remove_others:
            wanted |= dict.fromkeys(held.keys() - wanted.keys())
        steps: list[Step] = []
        moved: list[str] = []
        for (kind, name), document in sorted(wanted.items()):
            one = held.get((kind, name))
            before = one.document if one else None
            if before == document:
                continue
            version = one.version if one else 0
            if expected is not None and version != expected.get((kind, name), 0):
                moved.append(f"{name or kind} is at version {version}{f', by {one.changed_by}' if one else ''}")
                continue
            if document is None:
                remove_planned(change=change, kind=kind, name=name)
            else:
                version = save_planned(change=change, document=document)
            action: Literal["add", "change", "remove"] = "remove" if document is None else "change" if one else "add"
            steps.append(Step(kind=kind, name=name, action=action, version=version, differs=tuple(differences(before, document))))
        if moved:
            raise Conflict(
                f"Changed since these files were pulled: {'; '.join(moved[:20])}. Pull, merge, and push again.", code="conflict"
            )
        steps += _push_rest(change, files)
        if dry_run:
            transaction.set_rollback(True)
    return steps


def _push_rest(change: Change, files: PlanFiles) -> list[Step]:
    """Bring what becomes of unplanned interactions, and the sources' own policies, to what `plan.yaml` says."""
    before: dict[str, Any] = {"unplanned": unplanned_action(workspace_id=change.workspace_id)}
    after = dict(before)
    if files.unplanned is not None:
        after["unplanned"] = files.unplanned
        set_unplanned(change=change, action=files.unplanned)
    if files.sources is not None:
        ids = dict(Source.objects.filter(workspace_id=change.workspace_id).values_list("name", "pk"))
        if unknown := sorted(files.sources.keys() - ids.keys()):
            raise Invalid(f"plan.yaml: this workspace has no source called {unknown[0]!r}; its sources are {_listed(ids)}.")
        policies = source_policies(workspace_id=change.workspace_id)
        for name, source_id in ids.items():
            held = dict(zip(("unplanned", "on_violation"), policies.get(source_id, ("", "")), strict=True))
            asked = dict(files.sources.get(name, {"unplanned": "", "on_violation": ""}))
            if held != asked:
                before |= {f"sources.{name}.{key}": value for key, value in held.items()}
                after |= {f"sources.{name}.{key}": value for key, value in asked.items()}
                set_source_policy(change=change, source_id=source_id, **asked)
    differs = tuple((path, before.get(path), after[path]) for path in after if before.get(path) != after[path])
    return [Step(kind="plan", name="", action="change", version=0, differs=differs)] if differs else []


def _listed(names: Mapping[str, int]) -> str:
    return ", ".join(sorted(names)[:10]) or "none yet"
