"""What is kept of a workspace's identity rules: in force, in the draft, in versions, and how runs go."""

from __future__ import annotations

from dataclasses import dataclass

from amity.kernel.errors import NotFound
from amity.rooms.customers.models import IdentityDraft, IdentityRule, IdentityRun, IdentitySetting, IdentityVersion
from amity.rooms.customers.rules.identifiers import IdentityRules, KindRule
from amity.rooms.customers.rules.patterns import usable
from amity.rooms.customers.rules.ruleset import plain, rules_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Rules as they are being changed. `changed_at` None: nobody changed them, they are those in force."""

    rules: IdentityRules
    by: str = ""
    changed_at: int | None = None


def rules_in_force(workspace_id: int) -> IdentityRules:
    """Return the rules that placing follows."""
    setting = IdentitySetting.objects.filter(workspace_id=workspace_id).first()
    kinds = {}
    for row in IdentityRule.objects.filter(workspace_id=workspace_id):
        kinds[row.kind] = KindRule(
            limit=row.limit,
            priority=row.priority,
            blocked=frozenset(str(value).strip().casefold() for value in row.blocked),
            patterns=tuple(usable(row.patterns)),
        )
    return IdentityRules(kinds=kinds, phone_region=setting.phone_region if setting else "")


def get_draft(workspace_id: int) -> Draft:
    """Return the draft; where there is none, the rules in force."""
    row = IdentityDraft.objects.filter(workspace_id=workspace_id).first()
    if row is None:
        return Draft(rules=rules_in_force(workspace_id))
    return Draft(rules=rules_from(row.rules), by=row.by, changed_at=row.changed_at)


def list_versions(workspace_id: int, *, limit: int = 50) -> list[IdentityVersion]:
    """Return versions with their runs, newest first."""
    return list(IdentityVersion.objects.filter(workspace_id=workspace_id).prefetch_related("runs").order_by("-number")[:limit])


def get_version(workspace_id: int, number: int) -> IdentityVersion:
    """Return a version. Raises NotFound."""
    row = IdentityVersion.objects.filter(workspace_id=workspace_id, number=number).first()
    if row is None:
        raise NotFound("There is no such version of the rules.")
    return row


def get_rules_run(workspace_id: int, run_id: int) -> IdentityRun:
    """Return how a run goes. Raises NotFound."""
    row = IdentityRun.objects.select_related("version").filter(workspace_id=workspace_id, pk=run_id).first()
    if row is None:
        raise NotFound("There is no such run.")
    return row


def running(workspace_id: int) -> IdentityRun | None:
    """Return the run that goes on, if one does."""
    return IdentityRun.objects.select_related("version").filter(workspace_id=workspace_id, finished_at=None).first()


def trial_of(workspace_id: int, rules: IdentityRules) -> IdentityRun | None:
    """Return the newest finished dry run of just these rules."""
    rows = IdentityRun.objects.filter(workspace_id=workspace_id, version=None, stopped=False, trouble="").exclude(
        finished_at=None
    )
    return next((one for one in rows.order_by("-id")[:20] if one.rules == plain(rules)), None)
