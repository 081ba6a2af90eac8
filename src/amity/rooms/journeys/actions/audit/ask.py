"""What people do with audits: ask for one, dismiss a finding with a reason, take that back."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.journeys.models import Audit, Dismissal
from amity.rooms.journeys.models.worked import RUNNING, WAITING
from amity.rooms.journeys.queries.audit.kept import checks_of, latest_audit
from amity.rooms.journeys.rules.texts import storable
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

DAYS = {30: "30 days", 90: "90 days", 180: "180 days", 365: "a year"}
LONGEST_REASON = 300


def ask_audit(access: Access, *, days: int, request: HttpRequest | None = None) -> Audit:
    """Ask for an audit of the last `days` days; one that is on its way stands. Raises Invalid."""
    if days not in DAYS:
        raise Invalid(f"An audit looks back {', '.join(map(str, DAYS))} days.")
    now = now_ms()
    try:
        with transaction.atomic():
            made = Audit.objects.create(
                workspace_id=access.workspace_id, days=days, as_of=now, seed=0, asked_at=now, asked_by=access.actor.name[:254]
            )
            trust.record(access, action="audit.asked", target=f"audit:{made.pk}", after={"days": days}, request=request)
    except IntegrityError:
        running = Audit.objects.filter(workspace_id=access.workspace_id, state__in=[WAITING, RUNNING]).first()
        if running is None:  # it was finished just now
            return ask_audit(access, days=days, request=request)
        return running
    return made


def dismiss_finding(access: Access, *, key: str, reason: str, request: HttpRequest | None = None) -> Dismissal:
    """Dismiss a finding of the newest audit; a repeat changes the reason. Raises Invalid, NotFound."""
    why = storable(reason).strip()
    if not why or len(why) > LONGEST_REASON:
        raise Invalid(f"Say why in at most {LONGEST_REASON} characters.")
    last = latest_audit(access.workspace_id)
    titles = {one.key: one.title for check in (checks_of(last) if last else ()) for one in check.findings}
    if key not in titles:
        raise NotFound("The newest audit has no such finding.")
    now, who = now_ms(), access.actor.name[:254]
    with transaction.atomic():
        one, _ = Dismissal.objects.update_or_create(
            workspace_id=access.workspace_id, key=key, ended_at=None,
            defaults={"title": titles[key][:600], "reason": why, "made_at": now, "made_by": who},
        )  # fmt: skip
        after = {"key": key, "reason": why}
        trust.record(access, action="audit.finding_dismissed", target=f"dismissal:{one.pk}", after=after, request=request)
    return one


def restore_finding(access: Access, *, key: str, request: HttpRequest | None = None) -> None:
    """Take a dismissal back. Raises NotFound."""
    with transaction.atomic():
        one = (
            Dismissal.objects.select_for_update()
            .filter(workspace_id=access.workspace_id, key=storable(key), ended_at=None)
            .first()
        )
        if one is None:
            raise NotFound("No such finding is dismissed.")
        one.ended_at, one.ended_by = now_ms(), access.actor.name[:254]
        one.save(update_fields=["ended_at", "ended_by"])
        trust.record(access, action="audit.finding_restored", target=f"dismissal:{one.pk}", before={"key": key}, request=request)
