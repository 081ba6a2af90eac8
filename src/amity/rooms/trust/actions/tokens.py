"""API tokens: made with a role and an end, shown once, revoked at once."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.ids import new_secret
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.contracts import COMMAND_LINE, Access, Actor
from amity.rooms.trust.models import ApiToken, Workspace
from amity.rooms.trust.queries.access import hash_of
from amity.rooms.trust.rules.roles import ROLES, may_grant

PREFIX = "amity_"


def create_token(
    *, access: Access, name: str, role: str, days: int | None, request: HttpRequest | None = None
) -> tuple[ApiToken, str]:
    """Create a token for the actor's workspace and return it with its secret, which is never seen again.

    Raises Forbidden for a role above the actor's own; a token can't make tokens.
    """
    if access.actor.kind != "person":
        raise Forbidden("Only a person can create tokens: a token can't.")
    if not access.can("tokens.write") or not may_grant(access.role, role):
        raise Forbidden("You can create tokens only with a role that you hold yourself.")
    return _create(access, access.workspace_id, access.actor.id, name=name, role=role, days=days, request=request)


def create_system_token(*, workspace_id: int, name: str, role: str, days: int | None = None) -> tuple[ApiToken, str]:
    """Create a token on the command line, which stands on its own. Returns it with its secret."""
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}. Choose one of: {', '.join(ROLES)}.")
    return _create(COMMAND_LINE, workspace_id, None, name=name, role=role, days=days, request=None)


def revoke_token(*, who: Access | Actor, workspace_id: int, token_id: int, request: HttpRequest | None = None) -> None:
    """Revoke a token of a workspace: its next request is refused. Raises NotFound."""
    if isinstance(who, Access) and not who.can("tokens.write"):
        raise Forbidden("You may not revoke tokens here.")
    with transaction.atomic():
        found = ApiToken.objects.select_for_update().filter(pk=token_id, workspace_id=workspace_id, revoked_at=None).first()
        if found is None:
            raise NotFound("There is no such token, or it is revoked already.")
        if isinstance(who, Access) and not may_grant(who.role, found.role):
            raise Forbidden("This token holds a role above your own.")
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        record(who, action="token.revoked", target=f"token:{found.pk}", before={"name": found.name, "role": found.role},
               request=request, workspace_id=workspace_id)  # fmt: skip


def _create(  # noqa: PLR0913
    who: Access | Actor, workspace_id: int, maker: str | None, *,
    name: str, role: str, days: int | None, request: HttpRequest | None,
) -> tuple[ApiToken, str]:  # fmt: skip
    name = " ".join(name.split())
    if not 0 < len(name) <= 80:
        raise Invalid("Give the token a name of at most 80 characters that says what uses it.")
    if days is not None and not 1 <= days <= 3650:
        raise Invalid("A token lasts between 1 and 3,650 days.")
    secret = new_secret(PREFIX, 32)
    with transaction.atomic():
        made = ApiToken.objects.create(
            workspace=Workspace.objects.get(pk=workspace_id),
            name=name,
            role=role,
            token_hash=hash_of(secret),
            hint=f"{secret[:10]}…",
            made_by_id=maker,
            expires_at=None if days is None else timezone.now() + timedelta(days=days),
        )
        record(who, action="token.created", target=f"token:{made.pk}",
               after={"name": name, "role": role, "expires_at": made.expires_at},
               request=request, workspace_id=workspace_id)  # fmt: skip
    return made, secret
