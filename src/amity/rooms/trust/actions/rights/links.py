"""A link that proves an address is theirs: sent only to an address that is one of the customer's identifiers already."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Invalid
from amity.kernel.holdings import Subject
from amity.kernel.ids import new_secret
from amity.kernel.settings import settings
from amity.rooms.trust.actions.mailing import send, sends_mail
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.actions.rights.requests import confirm, held, note_step
from amity.rooms.trust.actions.rights.sealed import sealed, unsealed
from amity.rooms.trust.contracts import ANONYMOUS, SYSTEM, Access
from amity.rooms.trust.models import RightsRequest
from amity.rooms.trust.queries.rights import subject_of, workspace_name
from amity.rooms.trust.rules.erasure.states import hint_of
from amity.rooms.trust.rules.rights import KINDS

LASTS = timedelta(days=7)
_SALT = "amity.trust.rights.confirm"
_TEXT = """\
Somebody, we think you, has asked {company} about the data that {company} holds of this address:

    {kind}

If that was you, confirm it within seven days:

{link}

If it was not, do nothing: without your confirmation nothing is given out or changed.
"""


def ask_link(access: Access, *, request_id: UUID, to: str, request: HttpRequest | None = None) -> None:
    """Have a link sent to an address that is one of the customer's identifiers; the newest one alone is good.

    Raises Forbidden, NotFound, Invalid: for another address, or where no mail is sent from here.
    """
    if not sends_mail():
        raise Invalid("No mail is sent from here: the operator hasn’t named a server (AMITY_MAIL_URL).")
    with transaction.atomic():
        row = held(access, request_id)
        if row.state != "unverified":
            raise Invalid("This request doesn’t wait for the person’s identity.")
        if to not in addresses_of(subject_of(row)):
            raise Invalid("A link goes only to an address that is one of the customer’s identifiers.")
        want_link(row, to)
        note_step(row, "link_wanted", access.actor, hint_of("email", to))
        record(access, action="rights.link_wanted", target=f"rights:{row.pk}", request=request)


def want_link(row: RightsRequest, to: str) -> None:
    """Let a worker send a link to an address, in the caller's transaction; it looks whether the address is theirs."""
    row.link_to, row.link_wanted_at, row.link_sent_at, row.link_nonce = sealed(to), timezone.now(), None, new_secret()
    row.save(update_fields=["link_to", "link_wanted_at", "link_sent_at", "link_nonce"])


def addresses_of(subject: Subject) -> list[str]:
    """Return the e-mail addresses to which a link may go: identifiers of a customer, none of somebody unknown."""
    return subject.values("email") if subject.customer_ids else []


def send_next_link() -> bool:
    """Send the link that has waited longest; False where none waits. One that can't be sent is noted, to be asked for again."""
    waiting = RightsRequest.objects.filter(link_wanted_at__isnull=False, link_sent_at=None, state="unverified")
    row = waiting.order_by("link_wanted_at").first() if sends_mail() else None
    if row is None:
        return False
    to, what, note = unsealed(row.link_to), "link_failed", "That address is none of the customer’s."
    if to in addresses_of(subject_of(row)):
        try:
            _send(row, to)
            what, note = "link_sent", hint_of("email", to)
        except OSError as error:
            note = f"The mail server did not take it: {type(error).__name__}."
    with transaction.atomic():
        sent = timezone.now() if what == "link_sent" else None
        same = RightsRequest.objects.filter(pk=row.pk, link_nonce=row.link_nonce)
        if same.update(link_sent_at=sent, link_wanted_at=row.link_wanted_at if sent else None, link_to=""):
            note_step(row, what, SYSTEM, note)
    return True


def find_confirmable(token: str) -> RightsRequest | None:
    """Return the request behind a link while it is good; None for every other text, whatever the reason."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=LASTS)
        row = RightsRequest.objects.select_related("workspace").filter(pk=UUID(said["request"]), state="unverified").first()
    except (signing.BadSignature, ValueError, KeyError, TypeError):
        return None
    return row if row is not None and row.link_nonce and said.get("nonce") == row.link_nonce else None


def confirm_by_link(token: str, *, request: HttpRequest | None = None) -> RightsRequest | None:
    """Take a link: its request's person is who they say. None where it is no good (any more)."""
    with transaction.atomic():
        row = find_confirmable(token)
        if row is None:
            return None
        row = RightsRequest.objects.select_for_update().select_related("workspace").get(pk=row.pk)
        if row.state != "unverified":
            return None
        sent = row.steps.filter(what="link_sent").order_by("-id").values_list("note", flat=True).first()
        confirm(row, ANONYMOUS, f"Opened the link that was sent to {sent or 'their address'}", request)
    return row


def _send(row: RightsRequest, to: str) -> None:
    token = signing.dumps({"request": str(row.pk), "nonce": row.link_nonce}, salt=_SALT)
    company = workspace_name(row.workspace_id)
    link = f"{settings().public_console}/privacy/confirm/{token}"
    text = _TEXT.format(company=company, kind=KINDS[row.kind], link=link)
    send(to=to, subject=f"Confirm your request to {company}", text=text)
