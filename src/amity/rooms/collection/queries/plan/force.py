"""The plans in force, compiled: read by the pipeline for each batch, rebuilt only when a plan changed."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from amity.rooms.collection.models import Plan, PlannedInteraction, SourcePolicy
from amity.rooms.collection.rules.plan.judge import Judge, judge_of

_compiled: dict[int, tuple[UUID, Judge]] = {}


def plans_in_force(workspaces: Collection[int]) -> dict[int, Judge]:
    """Return each workspace's plan as it is in this transaction; workspaces without one are left out."""
    stamps = Plan.objects.filter(pk__in=workspaces).values_list("pk", "stamp", "unplanned")
    found: dict[int, Judge] = {}
    for workspace, stamp, unplanned in stamps:
        held = _compiled.get(workspace)
        if held is None or held[0] != stamp:
            held = _compiled[workspace] = (stamp, build_judge(workspace, unplanned))
        found[workspace] = held[1]
    return found


def sensitive_traits() -> dict[int, tuple[UUID, frozenset[str]]]:
    """Return, for each workspace whose plan calls traits sensitive, the plan's stamp and their names."""
    planned = PlannedInteraction.objects.filter(document__traits__has_key="properties").values_list("workspace_id", flat=True)
    held = plans_in_force(set(planned))
    stamps = dict(Plan.objects.filter(pk__in=held).values_list("pk", "stamp"))
    return {one: (stamps[one], judge.sensitive.traits) for one, judge in held.items() if judge.sensitive.traits}


def build_judge(workspace_id: int, unplanned: str) -> Judge:
    """Compile a workspace's plan as it stands."""
    documents = PlannedInteraction.objects.filter(workspace_id=workspace_id).values_list("document", flat=True)
    policies = SourcePolicy.objects.filter(workspace_id=workspace_id)
    return judge_of(
        documents, unplanned=unplanned, sources={one.source_id: (one.unplanned, one.on_violation) for one in policies}
    )
