"""Invite an audience by e-mail: asked by a person, sent one after another, each only where consent and rest let it."""

from __future__ import annotations

from dataclasses import dataclass
from random import random
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from amity.engines.egress.retrying import wait_after
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.rooms.collection import api as collection
from amity.rooms.customers import api as customers
from amity.rooms.listening.actions.answering import about
from amity.rooms.listening.actions.rest import claim
from amity.rooms.listening.actions.surveys import MOST_DAYS, SURVEYS, address_of, secret_of
from amity.rooms.listening.models import Invitation, Survey
from amity.rooms.listening.queries.kept import accessible_survey, version_of
from amity.rooms.listening.queries.opened import known_of
from amity.rooms.listening.rules.surveys.language import Text, filled, said
from amity.rooms.listening.rules.surveys.links import Named, response_of, seal_link
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST_AT_ONCE = 50_000
EMAIL, SENT = "email", "Survey Sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailed:
    """How many invitations wait, were sent, kept back, failed."""

    waiting: int
    sent: int
    kept: int
    failed: int


def invite(access: Access, *, survey_id: int, audience_id: int, days: int = 30, request: HttpRequest | None = None) -> int:
    """Have an audience's customers of now invited by e-mail, and return how many; who waits already isn't invited twice.

    Raises Forbidden, Invalid, NotFound.
    """
    if not (access.can("surveys.write") and access.can("audiences.send")):
        raise Forbidden("Inviting an audience needs the permissions surveys.write and audiences.send.")
    one = accessible_survey(workspace_id=access.workspace_id, survey_id=survey_id)
    if not one.is_open:
        raise Invalid("This survey asks nobody: publish it first.")
    if not trust.sends_mail():
        raise Invalid("No mail server is named (AMITY_MAIL_URL), so nobody can be written to.")
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"A link lasts 1 to {MOST_DAYS} days.")
    members = customers.audience_members(workspace_id=access.workspace_id, audience_id=audience_id)
    if not 0 < len(members) <= MOST_AT_ONCE:
        raise Invalid(f"An audience of 1 to {MOST_AT_ONCE:,} customers can be invited; this one has {len(members):,}.")
    now, who = now_ms(), access.actor.name[:254]
    rows = [
        Invitation(
            workspace_id=one.workspace_id, survey=one, customer_id=UUID(bytes=bytes(each).ljust(16, b"\0")), days=days, asked_at=now,
            asked_by=who, due_at=now,
        )
        for each in members
    ]  # fmt: skip
    with transaction.atomic():
        before = Invitation.objects.filter(survey=one).count()
        Invitation.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2_000)
        made = Invitation.objects.filter(survey=one).count() - before
        after = {"audience": audience_id, "customers": made}
        trust.record(access, action="survey.audience_invited", target=f"survey:{one.pk}", after=after, request=request)
    return made


def send_next_invitation() -> bool:
    """Send the invitation that is due longest; returns whether there was one. What the mail server doesn't take is tried again."""
    with transaction.atomic():
        due = Invitation.objects.select_for_update(skip_locked=True, of=("self",)).select_related("survey")
        row = due.filter(state="waiting", due_at__lte=now_ms()).order_by("due_at", "pk").first()
        if row is None:
            return False
        if not row.claimed:
            row.why = _kept_back(row)
            row.claimed = not row.why
            row.state, row.done_at = ("waiting", None) if row.claimed else ("kept", now_ms())
            row.save()
    if row.claimed:
        _send(row)
    return True


def mailed(survey: Survey) -> Mailed:
    """Return how a survey's invitations stand."""
    from django.db.models import Count

    found = dict(Invitation.objects.filter(survey=survey).values_list("state").annotate(number=Count("pk")))
    return Mailed(
        waiting=found.get("waiting", 0), sent=found.get("sent", 0), kept=found.get("kept", 0), failed=found.get("failed", 0)
    )


def _kept_back(row: Invitation) -> str:
    """Return why a customer isn't invited; empty where the ledger holds the invitation now."""
    survey = row.survey
    if not survey.is_open:
        return "The survey was closed."
    try:
        customer = customers.get_customer(workspace_id=row.workspace_id, customer_id=row.customer_id)
    except NotFound:
        return "There is no such customer any more."
    if not customer.email:
        return "No e-mail address is known."
    if not customers.permitted(workspace_id=row.workspace_id, customer_ids=[customer.id], purpose=SURVEYS):
        return "The customer doesn't allow surveys."
    refused = claim(survey, customer_id=customer.id, channel=EMAIL)
    return "" if refused is None else f"Asked enough: {refused.rule.words}."


def _send(row: Invitation) -> None:
    """Send one letter under its row's lock, and note what came of it."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update().select_related("survey").get(pk=row.pk)
        if row.state != "waiting":
            return
        row.attempts += 1
        try:
            whose, trouble = _write(row)
        except OSError as error:
            trouble = f"The mail server did not take it: {type(error).__name__}."
            wait = wait_after(row.attempts, random=random())  # noqa: S311  jitter
            row.state, row.due_at = ("failed", row.due_at) if wait is None else ("waiting", now_ms() + wait)
        else:
            row.state = "kept" if trouble else "sent"
            if not trouble:
                token = whose.partition("/s/")[2]
                collection.record_fact(
                    workspace_id=row.workspace_id, message_id=f"survey-sent-{row.pk}", name=SENT, customer_id=row.customer_id,
                    properties=about(row.survey, row.survey.live, str(response_of(token))), channel=EMAIL, voice="ours",
                )  # fmt: skip
        row.why, row.done_at = trouble, None if row.state == "waiting" else now_ms()
        row.save()


def _write(row: Invitation) -> tuple[str, str]:
    """Write to a customer; returns the link that was sent, and why none was. Raises OSError where the server doesn't take it."""
    survey = row.survey
    try:
        customer = customers.get_customer(workspace_id=row.workspace_id, customer_id=row.customer_id)
    except NotFound:
        return "", "There is no such customer any more."
    definition = version_of(survey, survey.live)
    if definition is None or not survey.is_open:
        return "", "The survey was closed."
    # Looked up again at the last moment: a letter may have waited for its server.
    if not customer.email or not customers.permitted(workspace_id=row.workspace_id, customer_ids=[customer.id], purpose=SURVEYS):
        return "", "The customer doesn't allow surveys."
    traits = known_of(customer)
    language = next((one for one in definition.languages if one == traits.get("language")), definition.languages[0])

    def text(given: Text) -> str:
        return filled(said(given, language, definition), {}, traits)

    held = Named(customer_id=customer.id, ends_at=now_ms() + row.days * DAY)
    link = address_of(seal_link(link_id=survey.link_id, secret=secret_of(survey), held=held))
    choices = customers.seal_for(workspace_id=row.workspace_id, customer_id=customer.id, scope=SURVEYS).url
    company = trust.get_workspace_by_id(row.workspace_id).name
    lines = [text(definition.title), text(definition.intro), link, f"{company}\nNot to be asked any more: {choices}"]
    trust.write_letter(to=customer.email, subject=text(definition.title), text="\n\n".join(line for line in lines if line) + "\n")
    return link, ""
