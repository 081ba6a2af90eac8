"""Invitations: a signed link for one e-mail address and one role, good while who sent it may still grant that."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.ids import new_secret
from amity.kernel.settings import settings
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.actions.workspaces import remember_workspace
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import Invitation, Membership, Person
from amity.rooms.trust.queries.access import actor_of
from amity.rooms.trust.rules.roles import may_grant, permissions_of

LASTS = timedelta(days=7)


def invite(*, access: Access, email: str, role: str, request: HttpRequest | None = None) -> Invitation:
    """Invite an e-mail address; inviting it again replaces the link. Raises Forbidden for a role above one's own."""
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(f"{email!r} is no e-mail address.") from None
    if access.actor.kind != "person" or not access.can("people.write") or not may_grant(access.role, role):
        raise Forbidden("You can invite only to roles that you hold yourself.")
    if Membership.objects.filter(workspace_id=access.workspace_id, person__email__iexact=email).exists():
        raise Invalid(f"{email} is in this workspace already.")
    with transaction.atomic():
        Invitation.objects.filter(workspace_id=access.workspace_id, email__iexact=email).delete()
        made = Invitation.objects.create(
            workspace_id=access.workspace_id,
            email=email,
            role=role,
            nonce=new_secret(size=16),
            invited_by_id=access.actor.id,
            expires_at=timezone.now() + LASTS,
        )
        record(access, action="invitation.created", target=f"invitation:{made.pk}", after={"email": email, "role": role},
               request=request)  # fmt: skip
    return made


def invitation_link(invitation: Invitation) -> str:
    """Return the link that takes an invitation; whoever has it can, so it is shown to who may invite only."""
    return f"{settings().public_console}/join/{_signer().sign(f'{invitation.pk}.{invitation.nonce}')}"


def revoke_invitation(*, access: Access, invitation_id: int, request: HttpRequest | None = None) -> None:
    """Revoke an open invitation. Raises NotFound, or Forbidden for a role above one's own."""
    if not access.can("people.write"):
        raise Forbidden("You may not change invitations here.")
    with transaction.atomic():
        found = Invitation.objects.select_for_update().filter(pk=invitation_id, workspace_id=access.workspace_id).first()
        if found is None:
            raise NotFound("There is no such invitation, or it was taken.")
        if not may_grant(access.role, found.role):
            raise Forbidden("This invitation is to a role above your own.")
        before = {"email": found.email, "role": found.role}
        found.delete()
        record(access, action="invitation.revoked", target=f"invitation:{invitation_id}", before=before, request=request)


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation behind a link while it is good; None for every other link, whatever the reason."""
    try:
        pk, _, nonce = _signer().unsign(token).partition(".")
    except BadSignature:
        return None
    now = timezone.now()
    found = Invitation.objects.select_related("workspace", "invited_by").filter(pk=pk, nonce=nonce, expires_at__gt=now).first()
    if found is None or found.invited_by is None or not found.invited_by.is_active:
        return None
    inviter = Membership.objects.filter(workspace=found.workspace, person=found.invited_by).first()
    if inviter is None or "people.write" not in permissions_of(inviter.role) or not may_grant(inviter.role, found.role):
        return None
    return found


def find_invited(invitation: Invitation) -> Person | None:
    """Return the person whom the invitation finds: who signs in here already must be signed in to take it.

    So must who belongs to any workspace yet without a password. Whoever invites sees the link, and could otherwise choose
    the password of a person whom somebody else trusts.
    """
    found = Person.objects.filter(email__iexact=invitation.email).first()
    if found is None or found.has_joined() or Membership.objects.filter(person=found).exists():
        return found
    return None


def take_invitation(
    *, token: str, signed_in: Person | None, name: str = "", password: str = "", request: HttpRequest | None = None
) -> Person:
    """Take an invitation, once; returns the new member. Raises NotFound for a link that is no good (any more).

    Who signs in here already must be signed in as the invited e-mail; anybody else chooses name and password.
    The caller has checked the password's strength.
    """
    with transaction.atomic():
        invitation = find_invitation(token)
        if invitation is None or not Invitation.objects.select_for_update().filter(pk=invitation.pk).exists():
            raise NotFound("This invitation has been taken, revoked or is too old. Ask for a new one.")
        person = find_invited(invitation)
        if person is not None and (signed_in is None or signed_in.pk != person.pk):
            raise Forbidden(f"Sign in as {invitation.email} to take this invitation.")
        if person is None:
            if not password:
                raise Invalid("Choose a password.")
            person, _ = Person.objects.get_or_create(email__iexact=invitation.email, defaults={"email": invitation.email})
            person.name = " ".join(name.split())[:120]
            person.set_password(password)
            person.save()
        Membership.objects.get_or_create(person=person, workspace=invitation.workspace, defaults={"role": invitation.role})
        workspace_id, role = invitation.workspace.pk, invitation.role
        remember_workspace(person=person, workspace_id=workspace_id)
        invitation.delete()
        record(actor_of(person), action="member.added", target=f"person:{person.pk}",
               after={"email": person.email, "role": role}, request=request, workspace_id=workspace_id)  # fmt: skip
    return person


def _signer() -> Signer:
    return Signer(salt="amity.trust.invitation")
