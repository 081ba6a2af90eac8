"""Requests of people about their data: entered, confirmed, given more time, and ended. Each is a step, and a row of the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.holdings import Identifier, resolver
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.actions.rights.sealed import close_identifiers, name_of, sealed
from amity.rooms.trust.contracts import Access, Actor
from amity.rooms.trust.models import RightsRequest, RightsStep
from amity.rooms.trust.queries.rights import accessible_request, setting_of
from amity.rooms.trust.rules.erasure.states import hint_of
from amity.rooms.trust.rules.rights import ENDED, KINDS, LAWS, STATES, clock, may_become, needs_identity

ENTER, CARRY_OUT = "rights.enter", "rights.write"
LONGEST = 5_000
MOST_IDENTIFIERS = 20


def enter(  # noqa: PLR0913  each is a part of what was asked
    access: Access,
    *,
    kind: str,
    identifiers: Sequence[Identifier],
    law: str = "",
    via: str = "console",
    contact: str = "",
    details: str = "",
    verified_how: str = "",
    received_at: datetime | None = None,
    outside_id: str = "",
    batch: str = "",
    request: HttpRequest | None = None,
) -> RightsRequest:
    """Take a request down and return it. `verified_how` says how the person's identity was confirmed; empty: it isn't yet.

    Raises Forbidden without `rights.enter`, Invalid for what is no kind, law, identifier or time.
    """
    if not access.can(ENTER):
        raise Forbidden(f"Entering requests needs the permission {ENTER}.")
    return take_down(
        access.actor, workspace_id=access.workspace_id, kind=kind, identifiers=identifiers, law=law, via=via, contact=contact,
        details=details, verified_how=verified_how, received_at=received_at, outside_id=outside_id, batch=batch, request=request,
    )  # fmt: skip


def take_down(  # noqa: PLR0913  each is a part of what was asked
    actor: Actor,
    *,
    workspace_id: int,
    kind: str,
    identifiers: Sequence[Identifier],
    law: str = "",
    via: str,
    contact: str = "",
    details: str = "",
    verified_how: str = "",
    received_at: datetime | None = None,
    outside_id: str = "",
    batch: str = "",
    request: HttpRequest | None = None,
) -> RightsRequest:
    """Take a request down for whoever sent it; who may is the caller's to know. See `enter`."""
    now = timezone.now()
    law = law or setting_of(workspace_id).law
    received = received_at or now
    if kind not in KINDS:
        raise Invalid(f"There is no kind of request {kind!r}; there are {', '.join(KINDS)}.")
    if law not in LAWS:
        raise Invalid(f"There is no law {law!r}; there are {', '.join(LAWS)}.")
    if received > now or received.year < 2018:
        raise Invalid("A request was received in the past, and not before 2018.")
    named = _spelled(workspace_id, identifiers)
    times = clock(law, kind, received)
    how = _text(verified_how)
    sure = bool(how) or not needs_identity(kind)
    with transaction.atomic():
        row = RightsRequest.objects.create(
            workspace_id=workspace_id,
            kind=kind,
            law=law,
            via=via,
            state="open" if sure else "unverified",
            hint=hint_of(*named[0]),
            subject=close_identifiers(named),
            names=[name_of(workspace_id, one) for one in named],
            contact=sealed(_text(contact)[:254]),
            details=sealed(_text(details)),
            outside_id=outside_id[:100],
            batch=batch[:40],
            received_at=received,
            confirm_by=times.confirm_by,
            due_at=times.due,
            verified_at=now if how else None,
            verified_how=how,
        )
        note_step(row, "received", actor)
        if how:
            note_step(row, "verified", actor, how)
        record(
            actor, action="rights.entered", target=f"rights:{row.pk}", request=request, workspace_id=workspace_id,
            after={"kind": kind, "law": law, "via": via, "due": row.due_at},
        )  # fmt: skip
    return row


def verify(access: Access, *, request_id: UUID, how: str, request: HttpRequest | None = None) -> RightsRequest:
    """Note how the person's identity was confirmed. Raises Forbidden, NotFound, Invalid."""
    text = _text(how)
    if not text:
        raise Invalid("Say how you made sure that it is them.")
    with transaction.atomic():
        row = held(access, request_id)
        confirm(row, access.actor, text, request)
    return row


def confirm(row: RightsRequest, actor: Actor, how: str, request: HttpRequest | None) -> None:
    """Note that a request's person is who they say, in the caller's transaction. Raises Invalid where it doesn't wait for that."""
    if row.state != "unverified":
        raise Invalid("This request doesn’t wait for the person’s identity.")
    row.state, row.verified_at, row.verified_how, row.link_nonce = "open", timezone.now(), how, ""
    row.save(update_fields=["state", "verified_at", "verified_how", "link_nonce"])
    note_step(row, "verified", actor, how)
    record(
        actor, action="rights.verified", target=f"rights:{row.pk}", request=request, workspace_id=row.workspace_id,
        after={"how": how[:200]},
    )  # fmt: skip


def extend(access: Access, *, request_id: UUID, because: str, request: HttpRequest | None = None) -> RightsRequest:
    """Move the day on which a request is due to the latest that its law allows, with the reason that the person is told.

    Raises Forbidden, NotFound, Invalid: where the law allows no longer, once, or only before the first day has passed.
    """
    why = _text(because)
    if not why:
        raise Invalid("Say why it takes longer; the person has to be told.")
    with transaction.atomic():
        row = held(access, request_id)
        latest = clock(row.law, row.kind, row.received_at).latest
        if latest is None:
            raise Invalid(f"{LAWS[row.law]} gives no more time for this.")
        if row.extended_because:
            raise Invalid("The time was extended already.")
        if row.due_at < timezone.now():
            raise Invalid("The day has passed: the person had to be told before.")
        before = row.due_at
        row.due_at, row.extended_because, row.reminded_at = latest, why, None
        row.save(update_fields=["due_at", "extended_because", "reminded_at"])
        note_step(row, "extended", access.actor, why)
        record(
            access, action="rights.extended", target=f"rights:{row.pk}", request=request, before={"due": before},
            after={"due": latest, "because": why[:200]},
        )  # fmt: skip
    return row


def end(access: Access, *, request_id: UUID, state: str, answer: str, request: HttpRequest | None = None) -> RightsRequest:
    """End a request: `done`, `refused` or `cancelled`. What the person was told, or why, is noted.

    Raises Forbidden, NotFound, Invalid where it can't end so from where it is, and without the reason of a refusal.
    """
    text = _text(answer)
    if state == "refused" and not text:
        raise Invalid("Say why it is refused; the person has to be told (GDPR Art. 12(4)).")
    with transaction.atomic():
        row = held(access, request_id, ended=True)
        if state not in ENDED or not may_become(row.state, state):
            raise Invalid(f"A request that is “{STATES[row.state].lower()}” can’t become “{state}”.")
        close(row, state, access.actor, text)
        record(access, action=f"rights.{state}", target=f"rights:{row.pk}", request=request, after={"kind": row.kind})
    return row


def close(row: RightsRequest, state: str, by: Actor, note: str = "") -> None:
    """Let a request be at its end, in the caller's transaction; who may is the caller's to know."""
    row.state, row.finished_at, row.link_nonce = state, timezone.now(), ""
    row.save(update_fields=["state", "finished_at", "link_nonce"])
    note_step(row, state, by, note)


def held(access: Access, request_id: UUID, *, ended: bool = False) -> RightsRequest:
    """Return a request, locked until the transaction ends. Raises Forbidden, NotFound, and Invalid for one at its end."""
    if not access.can(CARRY_OUT):
        raise Forbidden(f"Carrying out requests needs the permission {CARRY_OUT}.")
    accessible_request(access.workspace_id, request_id)
    row = RightsRequest.objects.select_for_update().get(pk=request_id)
    if row.state in ENDED and not ended:
        raise Invalid(f"This request is at its end: {STATES[row.state].lower()}.")
    return row


def sure_of(row: RightsRequest) -> None:
    """Raise Invalid unless the person's identity is confirmed, where the kind of request needs that."""
    if row.state == "unverified":
        raise Invalid("Confirm the person’s identity first: what is done now can’t be for a stranger.")


def note_step(row: RightsRequest, what: str, by: Actor, note: str = "") -> None:
    """Write down what happened to a request, in the caller's transaction."""
    RightsStep.objects.create(
        request=row, what=what, at=timezone.now(), by=(by.email or by.name)[:254], by_kind=by.kind, note=note[:LONGEST]
    )


def _spelled(workspace_id: int, identifiers: Iterable[Identifier]) -> list[Identifier]:
    found: dict[Identifier, None] = {}
    for kind, value in identifiers:
        if not (is_plain(kind) and is_plain(value)):
            raise Invalid("An identifier is text without control characters.")
        if len(kind) > 40 or len(value) > 300:
            raise Invalid("An identifier has at most 300 characters, its kind at most 40.")
        found[resolver().spell(workspace_id=workspace_id, kind=kind, value=value)] = None
    if not found:
        raise Invalid("Name an identifier of the person: an e-mail address, a phone number, or an id.")
    if len(found) > MOST_IDENTIFIERS:
        raise Invalid(f"A request names at most {MOST_IDENTIFIERS} identifiers.")
    return list(found)


def is_plain(text: str) -> bool:
    """Whether text has no control characters and no halves of letters."""
    return not any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in text)


def _text(text: str) -> str:
    """Return free text as PostgreSQL can hold it, shortened to what a request may carry."""
    clean = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return clean.strip()[:LONGEST]
