"""Privacy officers are written to, once for each request that is due within a week or overdue."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from amity.kernel.settings import settings
from amity.rooms.trust.actions.mailing import send, sends_mail
from amity.rooms.trust.actions.rights.requests import note_step
from amity.rooms.trust.contracts import SYSTEM
from amity.rooms.trust.models import Membership, RightsRequest
from amity.rooms.trust.rules.rights import ENDED, KINDS, SOON, urgency

_TEXT = """\
These requests of people about their data wait for an answer at {company}:

{lines}

They stand under Trust, Data requests:

{link}
"""


def remind() -> int:
    """Write to the privacy officers of each workspace (to its owners where it has none) and return of how many requests.

    Raises OSError where the mail server doesn't take a letter: whoever wasn't written to is, the next time.
    """
    if not sends_mail():
        return 0
    due = _waiting()
    for rows in due.values():
        _remind(rows)
    return sum(len(rows) for rows in due.values())


def officers_of(workspace_id: int) -> list[str]:
    """Return the addresses of a workspace's privacy officers, of its owners where it has none."""
    members = Membership.objects.filter(workspace_id=workspace_id, person__is_active=True)
    for role in ("privacy_officer", "owner"):
        found = members.filter(role=role).order_by("person__email").values_list("person__email", flat=True)
        if found:
            return list(found)
    return []


def _waiting() -> dict[int, list[RightsRequest]]:
    """Return the requests that nobody was reminded of yet, by workspace, soonest due first."""
    rows = RightsRequest.objects.exclude(state__in=ENDED).filter(reminded_at=None, due_at__lte=timezone.now() + SOON)
    found: dict[int, list[RightsRequest]] = defaultdict(list)
    for row in rows.select_related("workspace").order_by("due_at"):
        found[row.workspace_id].append(row)
    return found


def _remind(rows: list[RightsRequest]) -> None:
    workspace, now = rows[0].workspace, timezone.now()
    lines = []
    for row in rows:
        when = "OVERDUE since" if urgency(row.state, row.due_at, now) == "overdue" else "due"
        lines.append(f"- {KINDS[row.kind].partition(':')[0]}, {row.hint}: {when} {row.due_at:%d %B %Y}")
    link = f"{settings().public_console}/w/{workspace.slug}/requests/"
    text = _TEXT.format(company=workspace.name, lines="\n".join(lines), link=link)
    to = officers_of(workspace.pk)
    for address in to:
        send(to=address, subject=f"Data requests at {workspace.name} wait for an answer", text=text)
    with transaction.atomic():
        RightsRequest.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)
        for row in rows:
            note_step(row, "reminded", SYSTEM, ", ".join(to))
