"""Who is told of an alert: first its owner by e-mail and the rule's webhook, somebody else where nobody looks after it, all that it is over."""

from __future__ import annotations

from random import random

from django.db import transaction
from django.db.models import F, Q

from amity.engines.egress.retrying import wait_after
from amity.kernel.clock import MINUTE, now_ms
from amity.kernel.settings import settings
from amity.rooms.metrics.actions.hooks import call
from amity.rooms.metrics.models import Alert, AlertNotice
from amity.rooms.metrics.queries.lists import definition_of, version_of
from amity.rooms.metrics.queries.telling import letter_of, message_of
from amity.rooms.metrics.rules.language import Definition
from amity.rooms.trust import api as trust

HOOK = ""  # as a person: the rule's webhook


def tell_owner(alert: Alert, *, now: int) -> None:
    """Have the owner and the webhook told that an alert opened."""
    if alert.rule.owner:
        _tell(alert, "opened", alert.rule.owner, now)
    if alert.rule.hook:
        _tell(alert, "opened", HOOK, now)


def tell_over(alert: Alert, *, now: int) -> None:
    """Have everybody who was told of an alert told that it is over."""
    for person in AlertNotice.objects.filter(alert=alert).values_list("person", flat=True).distinct():
        _tell(alert, "closed", person, now)


def escalate_due(*, now: int = 0) -> int:
    """Have somebody else told of the alerts that nobody looked after in time; returns of how many. One that rests waits."""
    now = now or now_ms()
    waiting = Alert.objects.select_related("rule").filter(closed_at=None, acknowledged_at=None, escalated_at=None)
    waiting = waiting.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now)).exclude(rule__second="")
    found = waiting.filter(opened_at__lte=now - F("rule__escalate_after") * MINUTE)
    told = 0
    for alert in found.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:100]:
        alert.escalated_at = now
        alert.save(update_fields=["escalated_at"])
        _tell(alert, "escalated", alert.rule.second, now)
        told += 1
    return told


def work_next_notice(*, now: int = 0) -> bool:
    """Escalate what is due, and send one letter or call one webhook; returns whether there was one. What isn't taken is tried again."""
    now = now or now_ms()
    with transaction.atomic():
        escalate_due(now=now)
    with transaction.atomic():
        due = AlertNotice.objects.select_for_update(skip_locked=True, of=("self",)).select_related("alert__rule__metric")
        resting = Q(alert__snoozed_until__gt=now, alert__closed_at=None)
        one = due.filter(due_at__lte=now).exclude(resting).order_by("due_at", "pk").first()
        if one is None:
            return False
        one.attempts += 1
        one.trouble, asked = _called(one) if one.person == HOOK else _sent(one)
        wait = None if asked is None else wait_after(one.attempts, random=random(), asked=asked)  # noqa: S311  jitter
        one.due_at = None if wait is None else now + wait
        one.sent_at = None if one.trouble else now
        one.save()
    return True


def _sent(one: AlertNotice) -> tuple[str, int | None]:
    """Send a letter; returns why it wasn't, if so, and the ms to wait at least before it is tried again (none: never)."""
    if not trust.sends_mail():
        return "No mail server is named (AMITY_MAIL_URL).", None
    alert = one.alert
    to = next((person.email for person in trust.list_colleagues(alert.workspace_id) if person.id == one.person), "")
    if not to:
        return "This colleague has left.", None
    definition, company, zone, link = _around(alert)
    subject, text = letter_of(alert, definition, what=one.what, company=company, zone=zone, link=link)
    try:
        trust.write_letter(to=to, subject=subject, text=text)
    except OSError as error:
        return f"The mail server did not take it: {type(error).__name__}.", 0
    return "", None


def _called(one: AlertNotice) -> tuple[str, int | None]:
    """Call the rule's webhook; what isn't taken is tried again under the same id. Returns as `_sent` does."""
    rule = one.alert.rule
    if not rule.hook:
        return "The rule calls no webhook any more.", None
    definition, _, _, link = _around(one.alert)
    body = message_of(one.alert, definition, what=one.what, made_at=one.made_at, link=link)
    return call(rule, message_id=f"alert-{one.alert_id}-{one.what}", body=body)


def _around(alert: Alert) -> tuple[Definition, str, str, str]:
    """Return an alert's definition, the company, the zone in which times are told, and the address of its page."""
    definition = definition_of(version_of(alert.rule.metric, alert.version))
    place = trust.get_workspace_by_id(alert.workspace_id)
    link = f"{settings().public_console}/w/{place.slug}/alerts/{alert.pk}/"
    return definition, place.name, definition.zone or place.time_zone, link


def _tell(alert: Alert, what: str, person: str, now: int) -> None:
    AlertNotice.objects.get_or_create(alert=alert, what=what, person=person, defaults={"made_at": now, "due_at": now})
