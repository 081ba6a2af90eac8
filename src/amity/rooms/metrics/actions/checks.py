"""What people do to synthetic checks: make, change, pause, archive, try."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.engines.egress.client import Refused
from amity.engines.egress.client import check as check_egress
from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.metrics.actions.metrics import LONGEST_NAME, tidy
from amity.rooms.metrics.actions.requesting import Ran, run_steps
from amity.rooms.metrics.models import Check
from amity.rooms.metrics.queries.checks import accessible_check
from amity.rooms.metrics.rules.checks.language import (
    LONGEST_VALUE,
    NAME,
    Step,
    check_steps,
    hosts_of,
    read_steps,
    written_steps,
)  # fmt: skip
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST = 100  # of a workspace
MOST_SECRETS = 20
EVERY = (1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1_440)  # minutes
LONGEST = 60  # seconds of a run


def save_check(  # noqa: PLR0913  one argument for each part
    access: Access, *, name: str, steps: Sequence[Step], every: int = 5, seconds: int = 15, secrets: Mapping[str, str] | None = None,
    check_id: int | None = None, request: HttpRequest | None = None,
) -> Check:  # fmt: skip
    """Make a check, or change one; it runs within its next interval.

    `secrets` by name: an empty value keeps what is held under that name, a name that isn't there is forgotten, None keeps all. Where
    steps lead to another host than before, every secret is to be given anew. Raises Invalid with what to mend, NotFound.
    """
    if check_id is not None:
        accessible_check(workspace_id=access.workspace_id, check_id=check_id)
    if every not in EVERY:
        raise Invalid(f"A check runs every {', '.join(map(str, EVERY))} minutes.")
    now, who = now_ms(), access.actor.name[:254]
    with transaction.atomic():
        if check_id is None:
            if Check.objects.filter(workspace_id=access.workspace_id, archived_at=None).count() >= MOST:
                raise Invalid(f"A workspace has at most {MOST} checks.")
            one, before = Check(workspace_id=access.workspace_id, created_at=now, created_by=who), None
        else:
            one = Check.objects.select_for_update().get(pk=check_id, workspace_id=access.workspace_id)
            before = _told(one)
        kept = resolved(one, steps, secrets, seconds)
        one.name = tidy(name, "A check needs a name", LONGEST_NAME)
        one.steps, one.every, one.seconds = written_steps(steps), every, seconds
        one.secrets = trust.seal(json.dumps(kept)) if kept else ""
        one.updated_at, one.updated_by, one.next_at = now, who, 0
        try:
            with transaction.atomic():
                one.save()
        except IntegrityError:
            raise Invalid(f"There is a check named {one.name} already; choose another name.") from None
        _record(access, "check.changed" if before else "check.created", one, before=before, after=_told(one), request=request)
    return one


def resolved(one: Check | None, steps: Sequence[Step], secrets: Mapping[str, str] | None, seconds: int) -> dict[str, str]:
    """Return the secrets that steps would be done with. Raises Invalid for what can't be done or may not be kept."""
    if not 1 <= seconds <= LONGEST:
        raise Invalid(f"A run takes from 1 to {LONGEST} seconds.")
    held = secrets_of(one) if one is not None else {}
    given = dict.fromkeys(held, "") if secrets is None else dict(secrets)
    if len(given) > MOST_SECRETS:
        raise Invalid(f"A check has at most {MOST_SECRETS} secrets.")
    for name, value in given.items():
        if not NAME.fullmatch(name):
            raise Invalid(f"{name[:40]!r} is no name of a secret: small letters, digits and _.")
        if len(value) > LONGEST_VALUE or any(not part.isprintable() for part in value):
            raise Invalid(f"The secret {name} may have {LONGEST_VALUE:,} printable characters.")
        if not value and name not in held:
            raise Invalid(f"The secret {name} has no value yet.")
    check_steps(steps, secrets=set(given))
    for step in steps:
        try:
            check_egress(step.url.partition("$")[0])
        except Refused as error:
            raise Invalid(error.message) from None
    # Who may change a check need not know its secrets: they go to nobody else by an address that is changed.
    if one is not None and any(not value for value in given.values()) and hosts_of(steps) - hosts_of(read_steps(one.steps)):
        raise Invalid("The check leads to another host now. Give its secrets again.")
    return {name: value or held[name] for name, value in given.items()}


def secrets_of(one: Check) -> dict[str, str]:
    """Return what a check's names stand for. For nobody's eyes."""
    found: dict[str, str] = json.loads(trust.unseal(one.secrets)) if one.secrets else {}
    return found


def try_check(  # noqa: PLR0913  one argument for each part
    access: Access, *, steps: Sequence[Step], seconds: int = 15, secrets: Mapping[str, str] | None = None, check_id: int | None = None,
    request: HttpRequest | None = None,
) -> Ran:  # fmt: skip
    """Do steps once, keep nothing and return how it went. Raises Invalid, NotFound."""
    one = None if check_id is None else accessible_check(workspace_id=access.workspace_id, check_id=check_id)
    values = resolved(one, steps, secrets, seconds)
    hosts = sorted(hosts_of(steps))
    trust.record(
        access, action="check.tried", target=f"check:{one.pk}" if one else "check:new", after={"hosts": hosts}, request=request
    )
    return run_steps(steps, values, seconds=seconds)


def pause_check(access: Access, *, check_id: int, paused: bool, request: HttpRequest | None = None) -> Check:
    """Let a check rest, or run again."""
    accessible_check(workspace_id=access.workspace_id, check_id=check_id)
    with transaction.atomic():
        one = Check.objects.select_for_update().get(pk=check_id)
        if (one.paused_at is not None) != paused:
            one.paused_at, one.paused_by, one.next_at = (
                (now_ms() if paused else None),
                access.actor.name[:254] if paused else "",
                0,
            )
            one.save(update_fields=["paused_at", "paused_by", "next_at"])
            _record(access, "check.paused" if paused else "check.resumed", one, request=request)
    return one


def archive_check(access: Access, *, check_id: int, request: HttpRequest | None = None) -> None:
    """Put a check away; its secrets are forgotten, what it measured stays."""
    one = accessible_check(workspace_id=access.workspace_id, check_id=check_id)
    with transaction.atomic():
        one.archived_at, one.secrets = now_ms(), ""
        one.save(update_fields=["archived_at", "secrets"])
        _record(access, "check.archived", one, request=request)


def _told(one: Check) -> dict[str, Any]:
    # Addresses and bodies may hold what somebody took for no secret: the audit log has neither.
    steps = [f"{step.method} {step.url.partition('?')[0]}" for step in read_steps(one.steps)]
    return {"name": one.name, "steps": steps, "every": one.every, "seconds": one.seconds, "secrets": sorted(secrets_of(one))}


def _record(access: Access, action: str, one: Check, **said: Any) -> None:
    trust.record(access, action=action, target=f"check:{one.pk}", **said)
