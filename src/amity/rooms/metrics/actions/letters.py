"""Dashboards by e-mail: people set turns up; the worker makes a letter for each colleague of a turn and sends it once."""

from __future__ import annotations

from random import random
from zoneinfo import ZoneInfo

from django.db import DatabaseError, transaction
from django.http import HttpRequest

from amity.engines.egress.retrying import wait_after
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.rooms.metrics.models import DashboardLetter, DashboardPost
from amity.rooms.metrics.queries.dashboards import accessible_dashboard
from amity.rooms.metrics.queries.letters import accessible_letter, letter_of
from amity.rooms.metrics.rules.turns import next_turn
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST = 10  # of one dashboard
MOST_PEOPLE = 50
SETS_UP, READS = "metrics.write", "metrics.read"


def save_letter(  # noqa: PLR0913  one argument for each part
    access: Access, *, dashboard_id: int, weekday: int | None, hour: int, people: list[str], request: HttpRequest | None = None
) -> DashboardLetter:
    """Have a dashboard sent to colleagues at an hour of the workspace's time zone, daily or on a weekday (0 is Monday). Raises Invalid."""
    dashboard = accessible_dashboard(workspace_id=access.workspace_id, dashboard_id=dashboard_id)
    if access.actor.kind != "person":
        raise Invalid("Letters belong to the colleague who sets them up.")
    if not 0 <= hour <= 23 or (weekday is not None and not 0 <= weekday <= 6):
        raise Invalid("Choose a day and an hour.")
    chosen = sorted(set(people))
    known = {one.id for one in trust.list_colleagues(access.workspace_id)}
    if not chosen or len(chosen) > MOST_PEOPLE or set(chosen) - known:
        raise Invalid(f"Choose from 1 to {MOST_PEOPLE} colleagues of this workspace.")
    with transaction.atomic():
        if DashboardLetter.objects.filter(dashboard=dashboard).count() >= MOST:
            raise Invalid(f"A dashboard has at most {MOST} letters.")
        now = now_ms()
        one = DashboardLetter.objects.create(
            workspace_id=access.workspace_id, dashboard=dashboard, weekday=weekday, hour=hour, people=chosen, owner=access.actor.id,
            created_at=now, created_by=access.actor.name[:254],
            next_at=next_turn(weekday=weekday, hour=hour, zone=ZoneInfo(access.workspace.time_zone), after=now),
        )  # fmt: skip
        told = {"weekday": weekday, "hour": hour, "people": chosen}
        trust.record(access, action="dashboard.letter_made", target=f"dashboard:{dashboard.pk}", after=told, request=request)
    return one


def end_letter(access: Access, *, letter_id: int, request: HttpRequest | None = None) -> None:
    """Send it no more. Raises NotFound."""
    one = accessible_letter(workspace_id=access.workspace_id, letter_id=letter_id)
    with transaction.atomic():
        one.delete()
        trust.record(access, action="dashboard.letter_ended", target=f"dashboard:{one.dashboard_id}", request=request)


def work_next_post(*, now: int = 0) -> bool:
    """Plan the turns that are due, then send one letter; returns whether there was anything to do.

    A letter is taken before it is sent, in a transaction of its own: whoever dies while the mail server has it leaves it taken, and
    nobody sends it a second time. What the server refuses is tried again for a day and a half.
    """
    now = now or now_ms()
    planned = _plan(now)
    taken = _take(now)
    if taken is None:
        return planned
    trouble, again = _sent(taken)
    wait = wait_after(taken.attempts, random=random()) if again else None  # noqa: S311  jitter
    with transaction.atomic():
        taken.trouble, taken.sent_at, taken.due_at = trouble, (None if trouble else now), (None if wait is None else now + wait)
        taken.taken_at = None if trouble else taken.taken_at
        taken.save(update_fields=["trouble", "sent_at", "due_at", "taken_at"])
    return True


def _plan(now: int) -> bool:
    """Make the letters of one turn that is due, and put the next one off to the future: of turns that were missed, the last is sent."""
    with transaction.atomic():
        due = DashboardLetter.objects.select_for_update(skip_locked=True, of=("self",)).select_related("dashboard", "workspace")
        one = due.filter(next_at__lte=now, stopped="", dashboard__archived_at=None).order_by("next_at", "pk").first()
        if one is None:
            return False
        slot, zone = one.next_at, ZoneInfo(one.workspace.time_zone)
        while (following := next_turn(weekday=one.weekday, hour=one.hour, zone=zone, after=slot)) <= now:
            slot = following
        one.next_at = following
        if not trust.may(workspace_id=one.workspace_id, person_id=one.owner, permission=SETS_UP):
            one.stopped = f"{one.created_by} may set up no letters any more."[:200]
        else:
            DashboardPost.objects.bulk_create(
                [DashboardPost(letter=one, slot=slot, person=person, due_at=now) for person in one.people], ignore_conflicts=True
            )
        one.save(update_fields=["next_at", "stopped"])
    return True


def _take(now: int) -> DashboardPost | None:
    with transaction.atomic():
        due = DashboardPost.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
            "letter__dashboard__workspace"
        )
        one = due.filter(due_at__lte=now).order_by("due_at", "pk").first()
        if one is not None:
            one.attempts, one.taken_at, one.due_at = one.attempts + 1, now, None
            one.save(update_fields=["attempts", "taken_at", "due_at"])
    return one


def _sent(one: DashboardPost) -> tuple[str, bool]:  # noqa: PLR0911  one answer for each reason
    """Send a letter; return why it wasn't sent, if so, and whether it is worth another try."""
    letter = one.letter
    if not trust.sends_mail():
        return "No mail server is named (AMITY_MAIL_URL).", False
    if not trust.may(workspace_id=letter.workspace_id, person_id=letter.owner, permission=SETS_UP):
        return "Who set it up may no more.", False
    if not trust.may(workspace_id=letter.workspace_id, person_id=one.person, permission=READS):
        return "This colleague has left.", False
    to = next((person.email for person in trust.list_colleagues(letter.workspace_id) if person.id == one.person), "")
    try:
        accessible_dashboard(workspace_id=letter.workspace_id, dashboard_id=letter.dashboard_id)
    except NotFound as error:
        return error.message, False
    try:
        made = letter_of(letter, slot=one.slot)
    except (AmityError, DatabaseError) as error:
        return f"It could not be written: {error.message if isinstance(error, AmityError) else type(error).__name__}", True
    try:
        trust.write_letter(to=to, subject=made.subject, text=made.text, html=made.html)
    except OSError as error:
        return f"The mail server did not take it: {type(error).__name__}.", True
    return "", False
