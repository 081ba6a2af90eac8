"""How long a workspace keeps kinds of data: rules that people make, counted before, and kept by the leading worker."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from amity.engines.past.retention import Old, count_old, delete_old
from amity.kernel.errors import AmityError, Forbidden, Invalid, NotFound
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.actions.rights.emptying import empty_requests
from amity.rooms.trust.actions.rights.requests import CARRY_OUT
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import RetentionRule, RightsRequest
from amity.rooms.trust.rules.retention import KINDS, LONGEST_DAYS
from amity.rooms.trust.rules.rights import ENDED

_TABLES = {"interactions": "interactions_raw", "quarantine": "quarantine"}
MOST_RULES = 100
QUARANTINE_DAYS = 30  # as its table in the past has it


def make_rule(  # noqa: PLR0913  each is a part of the rule
    access: Access, *, what: str, days: int, name: str = "", channel: str = "", request: HttpRequest | None = None
) -> RetentionRule:
    """Keep a kind of data for so many days from now on; a rule about the same is replaced. What is too old goes within the hour.

    Raises Forbidden without `rights.write`, Invalid for what can be no rule.
    """
    rule = _checked(access, what=what, days=days, name=name, channel=channel)
    with transaction.atomic():
        about = {"what": rule.what, "name": rule.name, "channel": rule.channel}
        before = RetentionRule.objects.filter(workspace_id=access.workspace_id, **about).values_list("days", flat=True).first()
        if before is None and RetentionRule.objects.filter(workspace_id=access.workspace_id).count() >= MOST_RULES:
            raise Invalid(f"A workspace has at most {MOST_RULES} rules.")
        made, _ = RetentionRule.objects.update_or_create(
            workspace_id=access.workspace_id,
            what=rule.what,
            name=rule.name,
            channel=rule.channel,
            defaults={"days": days, "made_by": (access.actor.email or access.actor.name)[:254], "made_at": timezone.now()},
        )
        record(
            access, action="retention.rule_made", target=f"retention:{made.pk}", request=request,
            before=None if before is None else {"days": before}, after={**about, "days": days},
        )  # fmt: skip
    return made


def remove_rule(access: Access, *, rule_id: int, request: HttpRequest | None = None) -> None:
    """Keep that kind of data again as everything else. Raises Forbidden, NotFound."""
    _may(access)
    with transaction.atomic():
        found = RetentionRule.objects.filter(workspace_id=access.workspace_id, pk=rule_id).first()
        if found is None:
            raise NotFound("There is no such rule.")
        record(
            access, action="retention.rule_removed", target=f"retention:{found.pk}", request=request,
            before={"what": found.what, "name": found.name, "channel": found.channel, "days": found.days},
        )  # fmt: skip
        found.delete()


def count_for(access: Access, *, what: str, days: int, name: str = "", channel: str = "") -> int:
    """Return how many records a rule would delete now. Raises as `make_rule` does, and NotRunning without the past."""
    return _count(_checked(access, what=what, days=days, name=name, channel=channel))


def keep_rules() -> int:
    """Delete what each workspace's rules say is too old, and return how many records those were.

    A rule that fails lets no other wait; the first error is raised at the end.
    """
    gone, trouble = 0, None
    for rule in RetentionRule.objects.order_by("pk"):
        try:
            number = _delete(rule)
        except AmityError as error:
            trouble = trouble or error
            continue
        gone += number
        RetentionRule.objects.filter(pk=rule.pk).update(deleted=F("deleted") + number, worked_at=timezone.now())
    if trouble is not None:
        raise trouble
    return gone


def _count(rule: RetentionRule) -> int:
    return _ended(rule).count() if rule.what == "requests" else count_old(_old(rule))


def _delete(rule: RetentionRule) -> int:
    if rule.what != "requests":
        return delete_old(_old(rule))
    ids = list(_ended(rule).values_list("pk", flat=True))
    empty_requests(ids)
    return len(ids)


def _old(rule: RetentionRule) -> Old:
    return Old(workspace_id=rule.workspace_id, table=_TABLES[rule.what], days=rule.days, name=rule.name, channel=rule.channel)


def _ended(rule: RetentionRule) -> QuerySet[RightsRequest]:
    before = timezone.now() - timedelta(days=rule.days)
    return RightsRequest.objects.filter(workspace_id=rule.workspace_id, state__in=ENDED, finished_at__lt=before).exclude(
        subject=""
    )


def _checked(access: Access, *, what: str, days: int, name: str, channel: str) -> RetentionRule:
    _may(access)
    name, channel = (" ".join(text.replace("\0", "").split()) for text in (name, channel))
    if what not in KINDS:
        raise Invalid(f"There is no kind of data {what!r}; there are {', '.join(KINDS)}.")
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"Data is kept for 1 to {LONGEST_DAYS:,} days.")
    if what != "interactions" and (name or channel):
        raise Invalid("Only interactions have names and channels.")
    if what == "quarantine" and days >= QUARANTINE_DAYS:
        raise Invalid(f"What was turned away goes after {QUARANTINE_DAYS} days by itself; a rule can only make that less.")
    if len(name) > 200 or len(channel) > 40:
        raise Invalid("A name has at most 200 characters, a channel at most 40.")
    return RetentionRule(workspace_id=access.workspace_id, what=what, days=days, name=name, channel=channel)


def _may(access: Access) -> None:
    if not access.can(CARRY_OUT):
        raise Forbidden(f"Deciding how long data is kept needs the permission {CARRY_OUT}.")
