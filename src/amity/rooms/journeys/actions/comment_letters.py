"""Write to the colleagues whom comments on maps are for; what the mail server doesn't take is tried again."""

from __future__ import annotations

from random import random

from django.db import transaction

from amity.engines.egress.retrying import wait_after
from amity.kernel.clock import now_ms
from amity.kernel.settings import settings
from amity.rooms.journeys.models import Comment
from amity.rooms.journeys.queries.maps.kept import map_of
from amity.rooms.trust import api as trust


def send_next_letter(*, now: int = 0) -> bool:
    """Send the letter that is due longest; returns whether there was one. None is sent of what was settled or archived meanwhile."""
    now = now or now_ms()
    with transaction.atomic():
        due = Comment.objects.select_for_update(skip_locked=True, of=("self",)).select_related("journey")
        one = due.filter(letter_due_at__lte=now).order_by("letter_due_at", "pk").first()
        if one is None:
            return False
        one.letter_attempts += 1
        one.letter_trouble, again = _sent(one)
        wait = wait_after(one.letter_attempts, random=random()) if again else None  # noqa: S311  jitter
        one.letter_due_at = None if wait is None else now + wait
        one.save(update_fields=["letter_attempts", "letter_trouble", "letter_due_at"])
    return True


def _sent(one: Comment) -> tuple[str, bool]:
    """Send a letter; returns why it wasn't, if so, and whether it is worth another try."""
    if one.settled_at is not None or one.journey.archived_at is not None:
        return "", False
    if not trust.sends_mail():
        return "No mail server is named (AMITY_MAIL_URL).", False
    to = next((each.email for each in trust.list_colleagues(one.journey.workspace_id) if each.id == one.to_person), "")
    if not to:
        return "This colleague has left.", False
    try:
        trust.write_letter(to=to, subject=f"A comment for you on {one.journey.name}", text=_text(one))
    except OSError as error:
        return f"The mail server did not take it: {type(error).__name__}.", True
    return "", False


def _text(one: Comment) -> str:
    content = map_of(one.journey)
    stage = next((each.name for each in content.stages if each.key == one.stage), "") if content else ""
    place = trust.get_workspace_by_id(one.journey.workspace_id)
    link = f"{settings().public_console}/w/{place.slug}/journeys/{one.journey_id}/comments"
    return f"{one.made_by} says of {stage or 'a stage'} on “{one.journey.name}” at {place.name}:\n\n{one.body}\n\n{link}\n"
