"""Read colleagues, invitations and tokens of one workspace."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from amity.rooms.trust.contracts import Colleague
from amity.rooms.trust.models import ApiToken, Invitation, Membership, Person
from amity.rooms.trust.rules.roles import permissions_of


def list_members(workspace_id: int) -> QuerySet[Membership]:
    """Return a workspace's members with their people, by name."""
    return Membership.objects.select_related("person").filter(workspace_id=workspace_id).order_by("person__name", "person__email")


def list_colleagues(workspace_id: int) -> list[Colleague]:
    """Return who may sign in to a workspace, by name."""
    return [
        Colleague(id=str(one.person.pk), name=one.person.name or one.person.email, email=one.person.email)
        for one in list_members(workspace_id).filter(person__is_active=True)
    ]


def may(*, workspace_id: int, person_id: str, permission: str) -> bool:
    """Whether a colleague, named by the id of `list_colleagues`, is one still and holds a permission there, as of now."""
    try:
        known = UUID(person_id)
    except ValueError:
        return False
    member = list_members(workspace_id).filter(person_id=known, person__is_active=True).first()
    return member is not None and permission in permissions_of(member.role)


def list_invitations(workspace_id: int) -> QuerySet[Invitation]:
    """Return a workspace's invitations that are still open, newest first."""
    found = Invitation.objects.select_related("invited_by").filter(workspace_id=workspace_id, expires_at__gt=timezone.now())
    return found.order_by("-created_at")


def list_tokens(workspace_id: int) -> QuerySet[ApiToken]:
    """Return a workspace's tokens that still work, newest first."""
    still = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    found = ApiToken.objects.select_related("made_by").filter(still, workspace_id=workspace_id, revoked_at=None)
    return found.order_by("-created_at")


def find_person(email: str) -> Person | None:
    """Return the person with this e-mail, whatever its case."""
    return Person.objects.filter(email__iexact=email.strip()).first()


def first_owner() -> Person | None:
    """Return who has owned a workspace of this installation the longest."""
    found = Membership.objects.select_related("person").filter(role="owner", person__is_active=True).order_by("created_at", "pk")
    member = found.first()
    return None if member is None else member.person
