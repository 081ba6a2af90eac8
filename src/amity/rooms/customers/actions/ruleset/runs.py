"""Try a draft over history, put it in force and let history follow, or stop that."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.people import decided
from amity.rooms.customers.actions.ruleset.drafts import hold_rules
from amity.rooms.customers.models import (
    IdentityDraft,
    IdentityGroup,
    IdentityRule,
    IdentityRun,
    IdentitySetting,
    IdentityVersion,
    UnmergeRun,
)
from amity.rooms.customers.queries.ruleset.kept import get_draft, get_rules_run, rules_in_force, running, trial_of
from amity.rooms.customers.rules.identifiers import IdentityRules
from amity.rooms.customers.rules.ruleset import plain
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

KEPT_TRIALS = 20


def ask_trial(access: Access, *, request: HttpRequest | None = None) -> IdentityRun:
    """Let a worker find out what the draft would make of history; nothing changes.

    Without a draft the rules in force are tried: what history would be had they held from the start. Raises Forbidden without
    `identity.write`, Invalid while another run goes on.
    """
    by = decided(access, "")
    with transaction.atomic():
        hold_rules(access.workspace_id)
        _alone(access.workspace_id)
        rules = plain(get_draft(access.workspace_id).rules)
        old = IdentityRun.objects.filter(workspace_id=access.workspace_id, version=None).order_by("-id")
        IdentityRun.objects.filter(pk__in=list(old.values_list("pk", flat=True)[KEPT_TRIALS - 1 :])).delete()
        made = IdentityRun.objects.create(
            workspace_id=access.workspace_id, rules=rules, by=by.person, by_id=by.person_id, asked_at=now_ms()
        )
        trust.record(access, action="customers.identity_tried", target=f"identity run:{made.pk}", after=rules, request=request)
    return made


def apply_rules(access: Access, *, note: str, request: HttpRequest | None = None) -> IdentityRun:
    """Put the draft in force for what arrives from now on, as a new version, and let a worker work history out anew.

    Raises Forbidden without `identity.write`, Invalid while another run goes on, or where no dry run told what just this would do.
    """
    by = decided(access, note)
    with transaction.atomic():
        hold_rules(access.workspace_id)
        _alone(access.workspace_id)
        rules = get_draft(access.workspace_id).rules
        trial = trial_of(access.workspace_id, rules)
        if trial is None:
            raise Invalid("Try these rules over history first: a dry run says what applying them does.")
        newest = IdentityVersion.objects.filter(workspace_id=access.workspace_id).order_by("-number").first()
        version = IdentityVersion.objects.create(
            workspace_id=access.workspace_id, number=newest.number + 1 if newest else 1, rules=plain(rules), by=by.person,
            by_id=by.person_id, note=by.reason, made_at=now_ms(),
        )  # fmt: skip
        before = plain(rules_in_force(access.workspace_id))
        _in_force(access.workspace_id, rules)
        IdentityDraft.objects.filter(workspace_id=access.workspace_id).delete()
        undoing = UnmergeRun.objects.create(
            workspace_id=access.workspace_id, wanted={"version": version.number}, person=by.person, person_id=by.person_id,
            reason=f"Version {version.number} of the identity rules", asked_at=now_ms(), total=0, finished_at=now_ms(),
        )  # fmt: skip
        made = IdentityRun.objects.create(
            workspace_id=access.workspace_id, version=version, rules=plain(rules), by=by.person, by_id=by.person_id,
            asked_at=now_ms(), unmerge=undoing.pk,
        )  # fmt: skip
        trust.record(
            access, action="customers.identity_rules_applied", target=f"identity version:{version.number}",
            before=before, after={**plain(rules), "note": by.reason, "found": trial.found},
            request=request,
        )  # fmt: skip
    return made


def stop_run(access: Access, *, run_id: int, request: HttpRequest | None = None) -> None:
    """Stop a run: of an application, who wasn't changed yet stays so, and the rules stay in force. Raises NotFound for no run."""
    decided(access, "")
    with transaction.atomic():
        hold_rules(access.workspace_id)
        one = get_rules_run(access.workspace_id, run_id)
        if one.finished_at is not None:
            raise Invalid("This has ended already.")
        IdentityRun.objects.filter(pk=one.pk).update(stopped=True, finished_at=now_ms())
        left, _ = IdentityGroup.objects.filter(run=one, waits=True).delete()
        trust.record(
            access,
            action="customers.identity_run_stopped",
            target=f"identity run:{one.pk}",
            after={"left": left},
            request=request,
        )


def _alone(workspace_id: int) -> None:
    one = running(workspace_id)
    if one is not None:
        what = "The rules are being applied to history" if one.version_id else "A dry run goes on"
        raise Invalid(f"{what}. Wait for its end, or stop it.")


def _in_force(workspace_id: int, rules: IdentityRules) -> None:
    IdentityRule.objects.filter(workspace_id=workspace_id).delete()
    IdentityRule.objects.bulk_create(_rows(workspace_id, rules))
    IdentitySetting.objects.update_or_create(workspace_id=workspace_id, defaults={"phone_region": rules.phone_region})


def _rows(workspace_id: int, rules: IdentityRules) -> Iterable[IdentityRule]:
    for kind, rule in plain(rules)["kinds"].items():
        yield IdentityRule(workspace_id=workspace_id, kind=kind, **rule)
