"""Who is asking, and what may they do here: looked up anew for each request, so that a change counts at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from amity.engines.present.trips import Trips, here
from amity.kernel.errors import NotFound
from amity.rooms.trust.contracts import Access, Actor, WorkspaceInfo
from amity.rooms.trust.models import ApiToken, Membership, Person, Workspace
from amity.rooms.trust.rules.roles import permissions_of, token_permissions

_ASKING = """
    SELECT t.id, t.name, t.role, t.last_used_at, t.made_by_id IS NOT NULL AS made, (
            SELECT m.role FROM trust_membership m JOIN trust_person p ON p.id = m.person_id AND p.is_active
            WHERE m.person_id = t.made_by_id AND m.workspace_id = t.workspace_id
        ) AS maker, to_json(w) AS workspace
    FROM trust_api_token t CROSS JOIN LATERAL (
        SELECT id, slug, name, is_demo, time_zone, currency, retention_days, sessions_end_at_midnight
        FROM trust_workspace WHERE id = t.workspace_id
    ) w
    WHERE t.token_hash = %s AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())
"""
_FRESH = timedelta(minutes=1)  # how exactly a token's last use is known


def hash_of(token: str) -> str:
    """Return what is kept of a token: tokens have 192 random bits, so one round of SHA-256 is enough."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find_access(*, person: Person, slug: str) -> Access | None:
    """Return the person's access to the workspace called `slug`; None where there is none or it isn't theirs."""
    member = Membership.objects.select_related("workspace").filter(person_id=person.pk, workspace__slug=slug).first()
    if member is None:
        return None
    return Access(
        workspace=member.workspace.info(),
        actor=actor_of(person),
        role=member.role,
        permissions=permissions_of(member.role),
    )


def find_token_access(token: str) -> Access | None:
    """Return what an API token gives; None for one that is unknown, expired, revoked or whose maker has left."""
    access, stale = here(ask_token(token))
    if access is not None and stale:
        ApiToken.objects.filter(pk=int(access.actor.id)).update(last_used_at=timezone.now())
    return access


def ask_token(token: str) -> Trips[tuple[Access | None, bool]]:
    """Return in one trip what a token gives, as `find_token_access` does, and whether its use is to be noted."""
    (rows,) = yield [(_ASKING, [hash_of(token)])]
    if not rows:
        return None, False
    (found,) = rows
    if found["made"] and found["maker"] is None:
        return None, False
    access = Access(
        workspace=WorkspaceInfo(**found["workspace"]),
        actor=Actor(kind="token", id=str(found["id"]), name=found["name"]),
        role=found["role"],
        permissions=token_permissions(found["role"], found["maker"]),
    )
    used = found["last_used_at"]
    return access, used is None or datetime.now(UTC) - datetime.fromisoformat(used) > _FRESH


def refresh_access(access: Access) -> Access | None:
    """Return the same actor's access as it is now; None once it has ended."""
    if access.actor.kind == "token":
        found = _live_tokens().filter(pk=int(access.actor.id), workspace_id=access.workspace_id).first()
        return None if found is None else _token_access(found)
    person = Person.objects.filter(pk=UUID(access.actor.id), is_active=True).first()
    return None if person is None else find_access(person=person, slug=access.workspace_slug)


def _live_tokens() -> QuerySet[ApiToken]:
    still = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return ApiToken.objects.select_related("workspace", "made_by").filter(still, revoked_at=None)


def _token_access(found: ApiToken) -> Access | None:
    maker_role = None
    if found.made_by is not None:
        makers = Membership.objects.filter(person=found.made_by, workspace=found.workspace, person__is_active=True)
        maker_role = makers.values_list("role", flat=True).first()
        if maker_role is None:
            return None
    return Access(
        workspace=found.workspace.info(),
        actor=Actor(kind="token", id=str(found.pk), name=found.name),
        role=found.role,
        permissions=token_permissions(found.role, maker_role),
    )


def actor_of(person: Person) -> Actor:
    """Return a person as an actor."""
    return Actor(kind="person", id=str(person.pk), name=person.name or person.email, email=person.email)


def list_workspaces_of(person_id: UUID | str) -> list[WorkspaceInfo]:
    """Return the workspaces that a person belongs to, by name."""
    found = Membership.objects.select_related("workspace").filter(person_id=person_id, person__is_active=True)
    return sorted((m.workspace.info() for m in found), key=lambda w: (w.is_demo, w.name.lower(), w.id))


def list_workspaces() -> list[WorkspaceInfo]:
    """Return every workspace of this installation, oldest first. For the command line and workers only."""
    return [w.info() for w in Workspace.objects.order_by("pk")]


def get_workspace(slug: str) -> WorkspaceInfo:
    """Return a workspace by its slug. Raises NotFound."""
    found = Workspace.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(f"There is no workspace called {slug!r}. See: amity workspace list")
    return found.info()


def get_workspace_by_id(workspace_id: int) -> WorkspaceInfo:
    """Return a workspace by its id. Raises NotFound."""
    found = Workspace.objects.filter(pk=workspace_id).first()
    if found is None:
        raise NotFound(f"There is no workspace number {workspace_id}.")
    return found.info()


def default_workspace() -> WorkspaceInfo:
    """Return the only workspace, else the oldest that is no demo. Raises NotFound where there is none."""
    found = Workspace.objects.order_by("is_demo", "pk").first()
    if found is None:
        raise NotFound('There is no workspace yet. Create one with: amity workspace create "Your company"')
    return found.info()
