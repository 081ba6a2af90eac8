"""What people do with an audience and a destination: send one to the other, pause, let go on, send all of it anew, end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.models import SentMember, Subscription
from amity.rooms.customers.queries.audiences.known import accessible_audience
from amity.rooms.customers.queries.permission import chosen
from amity.rooms.customers.queries.sync.lists import accessible_destination, accessible_subscription
from amity.rooms.customers.rules.choices.purposes import purpose_of
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST_NAMES = 30


def subscribe(  # noqa: PLR0913  one argument for each part
    access: Access,
    *,
    destination_id: int,
    audience_id: int,
    purpose: str,
    identifiers: Sequence[str] = (),
    traits: Sequence[str] = (),
    request: HttpRequest | None = None,
) -> Subscription:
    """Send an audience to a destination, of those who allow the purpose: all of them first, then whoever changes.

    `identifiers` and `traits` name what is told of them besides an id. Raises Invalid with what to mend, NotFound.
    """
    place = accessible_destination(workspace_id=access.workspace_id, destination_id=destination_id)
    audience = accessible_audience(workspace_id=access.workspace_id, audience_id=audience_id)
    if place.archived_at is not None or audience.archived_at is not None:
        raise Invalid("An archived audience isn’t sent, and nothing is sent to an archived destination.")
    purpose_of(chosen(access.workspace_id).purposes, purpose)
    now = now_ms()
    made = Subscription(
        destination=place, audience=audience, purpose=purpose, identifiers=_names(identifiers), traits=_names(traits), created_at=now,
        created_by=access.actor.name[:254], full_at=now,
    )  # fmt: skip
    with transaction.atomic():
        try:
            with transaction.atomic():
                made.save()
        except IntegrityError:
            raise Invalid(f"{audience.name} is sent to {place.name} already.") from None
        told = {"audience": audience.pk, "purpose": purpose, "identifiers": made.identifiers, "traits": made.traits}
        _record(access, "subscription.created", made, after=told, request=request)
    return made


def end_subscription(access: Access, *, subscription_id: int, request: HttpRequest | None = None) -> Subscription:
    """End sending an audience: everybody of it is taken off at the destination."""
    return _set(access, subscription_id, "subscription.ended", request, ended_at=now_ms(), full_at=now_ms(), full_cursor=None)


def pause_subscription(access: Access, *, subscription_id: int, request: HttpRequest | None = None) -> Subscription:
    """Send nothing of an audience until it is resumed; what changes meanwhile waits."""
    return _set(access, subscription_id, "subscription.paused", request, paused_at=now_ms(), paused_by=access.actor.name[:254])


def resume_subscription(access: Access, *, subscription_id: int, request: HttpRequest | None = None) -> Subscription:
    """Send on."""
    return _set(access, subscription_id, "subscription.resumed", request, paused_at=None, paused_by="")


def send_all(access: Access, *, subscription_id: int, request: HttpRequest | None = None) -> Subscription:
    """Tell the destination of everybody anew, for one that lost what it had."""
    one = accessible_subscription(workspace_id=access.workspace_id, subscription_id=subscription_id)
    with transaction.atomic():
        # Another digest than any: each is told of as one who was updated.
        SentMember.objects.filter(subscription=one).update(digest=b"")
        return _set(access, subscription_id, "subscription.sent_anew", request, full_at=now_ms(), full_cursor=None)


def compare_anew(*, audience_id: int) -> None:
    """Have what was sent of an audience compared in full: its members changed all at once."""
    Subscription.objects.filter(audience_id=audience_id).update(full_at=now_ms(), full_cursor=None)


def _set(access: Access, subscription_id: int, action: str, request: HttpRequest | None, **changed: Any) -> Subscription:
    one = accessible_subscription(workspace_id=access.workspace_id, subscription_id=subscription_id)
    if one.ended_at is not None:
        raise Invalid("It was ended.")
    for name, value in changed.items():
        setattr(one, name, value)
    with transaction.atomic():
        one.save(update_fields=list(changed))
        _record(access, action, one, request=request)
    return one


def _names(given: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(text for one in given if (text := storable_text(one).strip())))
    if len(names) > MOST_NAMES or any(len(one) > 200 for one in names):
        raise Invalid(f"At most {MOST_NAMES} names, of at most 200 characters.")
    return names


def _record(access: Access, action: str, one: Subscription, **said: Any) -> None:
    trust.record(access, action=action, target=f"subscription:{one.pk}", **said)
