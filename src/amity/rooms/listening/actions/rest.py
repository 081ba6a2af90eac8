"""Claim that a customer may be asked now, one after another for each; note what happens; change the rules."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db import transaction
from django.http import HttpRequest

from amity.engines.present.bulk import run
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Forbidden
from amity.rooms.customers import api as customers
from amity.rooms.listening.models import Contact, Rest, Survey, Withheld
from amity.rooms.listening.queries.rest import rules_of
from amity.rooms.listening.rules.rest import judging
from amity.rooms.listening.rules.rest.judging import Refused, Rule, judged, longest
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access


def claim(survey: Survey, *, customer_id: UUID, channel: str) -> Refused | None:
    """Note an invitation of a customer where every rule lets it through, and return None; else note what kept it back, and return that.

    Whoever claims the same customer at the same time waits, so no two get through where one may. What happened under ids that were
    merged since counts too.
    """
    workspace, now = survey.workspace_id, now_ms()
    with transaction.atomic():
        run("SELECT pg_advisory_xact_lock(%b)", [int.from_bytes(customer_id.bytes[-8:], "big", signed=True)])
        rules = rules_of(workspace)
        ids = [customer_id, *customers.get_customer(workspace_id=workspace, customer_id=customer_id).merged_ids]
        rows = Contact.objects.filter(workspace_id=workspace, customer_id__in=ids, at__gt=now - longest(rules))
        known = [judging.Contact(clock=one.clock, survey_id=one.survey_id, channel=one.channel, at=one.at) for one in rows]
        refused = judged(rules, known, survey_id=survey.pk, channel=channel, now=now)
        if refused is None:
            note(survey, customer_id=customer_id, clock="invited", channel=channel)
        else:
            Withheld.objects.create(
                workspace_id=workspace, survey=survey, customer_id=customer_id, channel=channel, rule=refused.rule.words, at=now,
                free_at=refused.free_at,
            )  # fmt: skip
    return refused


def note(survey: Survey, *, customer_id: UUID, clock: str, channel: str) -> None:
    """Note that a customer was invited to a survey, opened or completed it, in the caller's transaction."""
    Contact.objects.create(
        workspace_id=survey.workspace_id, survey=survey, customer_id=customer_id, clock=clock, channel=channel, at=now_ms()
    )


def note_opening(survey: Survey, *, customer_id: UUID, channel: str) -> None:
    """Note that a customer opened a survey, once a day: mail programs and people open a link again and again."""
    today = Contact.objects.filter(survey=survey, customer_id=customer_id, clock="shown", at__gt=now_ms() - DAY)
    if not today.exists():
        note(survey, customer_id=customer_id, clock="shown", channel=channel)


def change_rules(access: Access, *, rules: Sequence[Rule], request: HttpRequest | None = None) -> tuple[Rule, ...]:
    """Let other rules hold from now on; none lets every invitation through. Raises Forbidden, Invalid."""
    if not access.can("surveys.write"):
        raise Forbidden("Your role doesn't change how often people are asked.")
    kept = judging.read(msgspec.to_builtins(list(rules)))
    with transaction.atomic():
        before = [one.words for one in rules_of(access.workspace_id)]
        Rest.objects.update_or_create(
            workspace_id=access.workspace_id,
            defaults={"rules": msgspec.to_builtins(kept), "changed_at": now_ms(), "changed_by": access.actor.name[:254]},
        )
        trust.record(
            access, action="survey.rest_changed", target=f"workspace:{access.workspace_id}", before={"rules": before},
            after={"rules": [one.words for one in kept]}, request=request,
        )  # fmt: skip
    return kept
