"""What people do to destinations: make, change, try out, pause, let go on, give a new signing secret, replay, put away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.engines.egress.signing import OLD_FOR, new_secret
from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.sync.connectors.known import CONNECTORS, connector_of
from amity.rooms.customers.actions.sync.planning import new_message_id
from amity.rooms.customers.actions.sync.sending import deliver
from amity.rooms.customers.models import Delivery, Destination, Subscription
from amity.rooms.customers.queries.sync.lists import accessible_destination
from amity.rooms.customers.rules.sync.connector import Receipt
from amity.rooms.customers.rules.sync.payload import test
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

LONGEST_NAME, LONGEST_VALUE = 120, 2_000


def create_destination(
    access: Access, *, kind: str, name: str, given: Mapping[str, str], request: HttpRequest | None = None
) -> Destination:
    """Make a destination; nothing is sent there before an audience is. Raises Invalid with what to mend."""
    config, secrets = _checked(kind, given, {}, {})
    now, by = now_ms(), access.actor.name[:254]
    made = Destination(
        workspace_id=access.workspace_id, name=_name(name), kind=kind, config=config, secrets=trust.seal(json.dumps(secrets)),
        created_at=now, created_by=by, updated_at=now, updated_by=by,
    )  # fmt: skip
    with transaction.atomic():
        _save(made)
        _record(access, "destination.created", made, after={"name": made.name, "kind": kind, "to": _to(made)}, request=request)
    return made


def change_destination(
    access: Access, *, destination_id: int, name: str | None = None, given: Mapping[str, str] | None = None,
    request: HttpRequest | None = None,
) -> Destination:  # fmt: skip
    """Change a destination; what is left out stays, and so does a secret that is left empty. Raises Invalid, NotFound."""
    one = accessible_destination(workspace_id=access.workspace_id, destination_id=destination_id)
    before = {"name": one.name, "to": _to(one)}
    if name is not None:
        one.name = _name(name)
    if given is not None:
        one.config, secrets = _checked(one.kind, given, one.config, _secrets(one))
        one.secrets = trust.seal(json.dumps(secrets))
    one.updated_at, one.updated_by = now_ms(), access.actor.name[:254]
    with transaction.atomic():
        _save(one)
        _record(access, "destination.changed", one, before=before, after={"name": one.name, "to": _to(one)}, request=request)
    return one


def try_destination(access: Access, *, destination_id: int, request: HttpRequest | None = None) -> Receipt:
    """Send a message that only says that messages arrive, now, and return what became of it."""
    one = accessible_destination(workspace_id=access.workspace_id, destination_id=destination_id)
    body = test(made_at=now_ms(), destination=one.name)
    receipt = deliver(one, message_id=new_message_id(), what="test", body=body)
    _record(access, "destination.tested", one, after={"outcome": receipt.outcome, "status": receipt.status}, request=request)
    return receipt


def pause_destination(access: Access, *, destination_id: int, request: HttpRequest | None = None) -> Destination:
    """Send nothing more until it is resumed; what changes meanwhile waits."""
    return _set(access, destination_id, "destination.paused", request, paused_at=now_ms(), paused_by=access.actor.name[:254])


def resume_destination(access: Access, *, destination_id: int, request: HttpRequest | None = None) -> Destination:
    """Send again, also to one that was closed because it wanted no more."""
    return _set(
        access, destination_id, "destination.resumed", request, paused_at=None, paused_by="", closed_at=None, failures=0, rest_until=0
    )  # fmt: skip


def archive_destination(access: Access, *, destination_id: int, request: HttpRequest | None = None) -> Destination:
    """Put a destination away: nothing is sent there any more, and its secrets are forgotten."""
    one = _set(access, destination_id, "destination.archived", request, archived_at=now_ms(), secrets="")
    Subscription.objects.filter(destination=one).delete()
    return one


def rotate_secret(access: Access, *, destination_id: int, request: HttpRequest | None = None) -> str:
    """Make a new signing secret and return it; for a day messages are signed with the former one as well. Raises Invalid."""
    one = accessible_destination(workspace_id=access.workspace_id, destination_id=destination_id)
    secrets = _secrets(one)
    if "signing" not in secrets:
        raise Invalid("Only a webhook has a signing secret.")
    fresh, now = new_secret(), now_ms()
    old = [[secret, now + OLD_FOR if until is None else until] for secret, until in secrets["signing"]]
    secrets["signing"] = [[fresh, None], *(pair for pair in old if pair[1] > now)]
    one.secrets = trust.seal(json.dumps(secrets))
    with transaction.atomic():
        one.save(update_fields=["secrets"])
        _record(access, "destination.secret_rotated", one, request=request)
    return fresh


def signing_secret(access: Access, *, destination_id: int, request: HttpRequest | None = None) -> str:
    """Return the newest signing secret, for who sets the receiver up; that it was shown is in the audit log. Raises Invalid."""
    one = accessible_destination(workspace_id=access.workspace_id, destination_id=destination_id)
    secrets = _secrets(one)
    if "signing" not in secrets:
        raise Invalid("Only a webhook has a signing secret.")
    _record(access, "destination.secret_shown", one, request=request)
    return str(secrets["signing"][0][0])


def replay_dead(
    access: Access, *, destination_id: int, delivery_id: int | None = None, request: HttpRequest | None = None
) -> int:
    """Send messages that were given up again, one or all; return how many. What isn't true any more is left out of them."""
    one = accessible_destination(workspace_id=access.workspace_id, destination_id=destination_id)
    dead = Delivery.objects.filter(destination=one, dead_at__isnull=False)
    if delivery_id is not None:
        dead = dead.filter(pk=delivery_id)
    with transaction.atomic():
        count = dead.update(dead_at=None, attempts=0, due_at=now_ms())
        Destination.objects.filter(pk=one.pk).update(failures=0, rest_until=0)
        _record(access, "destination.replayed", one, after={"messages": count}, request=request)
    return count


def _set(access: Access, destination_id: int, action: str, request: HttpRequest | None, **changed: Any) -> Destination:
    one = accessible_destination(workspace_id=access.workspace_id, destination_id=destination_id)
    for name, value in changed.items():
        setattr(one, name, value)
    with transaction.atomic():
        one.save(update_fields=list(changed))
        _record(access, action, one, request=request)
    return one


def _checked(
    kind: str, given: Mapping[str, str], config: Mapping[str, Any], secrets: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    connector = connector_of(kind)
    made, kept = dict(config), dict(secrets)
    for setting in connector.settings:
        value = storable_text(given.get(setting.name, "")).strip()
        if len(value) > LONGEST_VALUE:
            raise Invalid(f"{setting.label} is too long.")
        if value:
            (kept if setting.secret else made)[setting.name] = value
        elif setting.name in given and not setting.secret:
            made[setting.name] = ""
        if setting.needed and not (kept if setting.secret else made).get(setting.name):
            raise Invalid(f"{setting.label} is missing.")
    connector.check(made, kept)
    return made, kept


def _secrets(one: Destination) -> dict[str, Any]:
    return dict(json.loads(trust.unseal(one.secrets))) if one.secrets else {}


def _name(text: str) -> str:
    name = storable_text(text).strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"A destination needs a name of at most {LONGEST_NAME} characters.")
    return name


def _save(one: Destination) -> None:
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise Invalid(f"There is a destination named {one.name} already; choose another name.") from None


def _to(one: Destination) -> str:
    return CONNECTORS[one.kind].words(one.config)


def _record(access: Access, action: str, one: Destination, **said: Any) -> None:
    trust.record(access, action=action, target=f"destination:{one.pk}", **said)
