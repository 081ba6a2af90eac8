"""Ask that everybody is compared, end it, or let it happen on a schedule. A worker does it."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.customers.actions.people import PERMISSION
from amity.rooms.customers.models import MatchRun, MatchSetting
from amity.rooms.customers.models.matching import DAYS, RUNNING, STOPPED, WAITING
from amity.rooms.customers.queries.matching.runs import chosen_for, get_match_run, lacking
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access


def ask_matching(access: Access, *, request: HttpRequest | None = None) -> MatchRun:
    """Let a worker compare everybody of the workspace.

    Raises Forbidden without `identity.write`, Invalid where Splink is lacking or a run waits or runs already.
    """
    _check(access)
    if said := lacking():
        raise Invalid(said)
    try:
        with transaction.atomic():
            run = MatchRun.objects.create(
                workspace_id=access.workspace_id, person=access.actor.name, person_id=access.actor.id, asked_at=now_ms(),
                probability=chosen_for(workspace_id=access.workspace_id).probability,
            )  # fmt: skip
            trust.record(access, action="matching.asked", target=f"matching:{run.pk}", request=request)
    except IntegrityError as error:
        raise Invalid("Customers are being compared already.") from error
    return run


def stop_matching(access: Access, *, run_id: int, request: HttpRequest | None = None) -> MatchRun:
    """End a run; what was proposed before stays. Raises Forbidden, NotFound; Invalid where it has ended."""
    _check(access)
    with transaction.atomic():
        run = get_match_run(workspace_id=access.workspace_id, run_id=run_id)
        waiting = MatchRun.objects.filter(pk=run.pk, state=WAITING).update(state=STOPPED, stop_asked=True, finished_at=now_ms())
        if not waiting and not MatchRun.objects.filter(pk=run.pk, state=RUNNING).update(stop_asked=True):
            raise Invalid("This run has ended already.")
        trust.record(access, action="matching.stopped", target=f"matching:{run.pk}", request=request)
    run.refresh_from_db()
    return run


def choose_matching(access: Access, *, schedule: str, probability: float, request: HttpRequest | None = None) -> MatchSetting:
    """Choose how often everybody is compared (empty, `daily`, `weekly`), and how probable a proposal is at least (0.5 to 0.9999).

    Raises Forbidden without `identity.write`, Invalid for anything else.
    """
    _check(access)
    if schedule not in DAYS:
        raise Invalid("Choose when asked, daily or weekly.")
    if not 0.5 <= probability <= 0.9999:
        raise Invalid("A proposal's probability is from 50% to 99.99%.")
    with transaction.atomic():
        before = chosen_for(workspace_id=access.workspace_id)
        row, _ = MatchSetting.objects.update_or_create(
            workspace_id=access.workspace_id, defaults={"schedule": schedule, "probability": probability}
        )
        trust.record(
            access,
            action="matching.chosen",
            target="matching",
            before={"schedule": before.schedule, "probability": before.probability},
            after={"schedule": schedule, "probability": probability},
            request=request,
        )
    return row


def ask_scheduled() -> int:
    """Ask for the runs whose time has come by their workspaces' schedules, and return how many."""
    if lacking():
        return 0
    asked = 0
    for chosen in MatchSetting.objects.exclude(schedule=""):
        latest = MatchRun.objects.filter(workspace_id=chosen.workspace_id).order_by("-id").first()
        if latest is not None and latest.asked_at > now_ms() - DAYS[chosen.schedule] * DAY:
            continue
        if latest is not None and latest.state in {WAITING, RUNNING}:
            continue
        MatchRun.objects.create(workspace_id=chosen.workspace_id, asked_at=now_ms(), probability=chosen.probability)
        asked += 1
    return asked


def _check(access: Access) -> None:
    if not access.can(PERMISSION):
        raise Forbidden(f"Comparing customers needs the permission {PERMISSION}.")
