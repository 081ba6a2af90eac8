"""Colleagues: created, given another role, removed. What changes about a person counts from their next request on."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.contracts import COMMAND_LINE, Access
from amity.rooms.trust.models import ApiToken, Invitation, Membership, Person
from amity.rooms.trust.queries.access import actor_of
from amity.rooms.trust.rules.roles import ROLES, keeps_an_owner, may_grant


def create_person(*, email: str, name: str = "", role: str, workspace_id: int) -> Person:
    """Create a person on the command line, or give one who exists a role in one more workspace. Raises Invalid."""
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(f"{email!r} is no e-mail address.") from None
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}. Choose one of: {', '.join(ROLES)}.")
    with transaction.atomic():
        person = Person.objects.filter(email__iexact=email).first()
        if person is None:
            person = Person.objects.create(email=email, name=name.strip()[:120])
        _, new = Membership.objects.get_or_create(person=person, workspace_id=workspace_id, defaults={"role": role})
        if not new:
            raise Invalid(f"{email} is in this workspace already. Change the role under People.")
        record(COMMAND_LINE, action="member.added", target=f"person:{person.pk}", after={"email": email, "role": role},
               workspace_id=workspace_id)  # fmt: skip
    return person


def change_role(*, access: Access, person_id: UUID, role: str, request: HttpRequest | None = None) -> None:
    """Give a member another role. Raises NotFound, or Forbidden above one's own role or for the last owner."""
    with transaction.atomic():
        member, owners = _locked(access, person_id)
        if not may_grant(access.role, member.role) or not may_grant(access.role, role):
            raise Forbidden("You can give and take only roles that you hold yourself.")
        if not keeps_an_owner(owners, was=member.role, becomes=role):
            raise Forbidden("A workspace keeps at least one owner. Make somebody else an owner first.")
        if member.role == role:
            return
        before, member.role = member.role, role
        member.save(update_fields=["role"])
        end_sessions(member.person)
        record(access, action="member.role_changed", target=f"person:{person_id}", before={"role": before},
               after={"role": role, "email": member.person.email}, request=request)  # fmt: skip


def remove_member(*, access: Access, person_id: UUID, request: HttpRequest | None = None) -> None:
    """End a membership with its tokens, open invitations and sessions. Raises NotFound or Forbidden as `change_role`."""
    with transaction.atomic():
        member, owners = _locked(access, person_id)
        if not may_grant(access.role, member.role):
            raise Forbidden("You can't remove somebody whose role is above your own.")
        if not keeps_an_owner(owners, was=member.role, becomes=None):
            raise Forbidden("A workspace keeps at least one owner. Make somebody else an owner first.")
        theirs = ApiToken.objects.filter(workspace_id=access.workspace_id, made_by=member.person, revoked_at=None)
        ended = theirs.update(revoked_at=timezone.now())
        Invitation.objects.filter(workspace_id=access.workspace_id, invited_by=member.person).delete()
        end_sessions(member.person)
        member.delete()
        record(access, action="member.removed", target=f"person:{person_id}", request=request,
               before={"role": member.role, "email": member.person.email, "tokens": ended})  # fmt: skip


def end_sessions(person: Person) -> None:
    """Sign a person out everywhere: no session that exists now is theirs any more, in any process."""
    Person.objects.filter(pk=person.pk).update(sign_in_epoch=F("sign_in_epoch") + 1)
    person.refresh_from_db(fields=["sign_in_epoch"])


def rename_person(*, person: Person, name: str, request: HttpRequest | None = None) -> None:
    """Change how a person is called. Raises Invalid for an empty or overlong name."""
    name = " ".join(name.split())
    if not 0 < len(name) <= 120:
        raise Invalid("Give a name of at most 120 characters.")
    with transaction.atomic():
        before, person.name = person.name, name
        person.save(update_fields=["name"])
        record(actor_of(person), action="person.renamed", target=f"person:{person.pk}", before={"name": before},
               after={"name": name}, request=request)  # fmt: skip


def drop_second_factor(*, person: Person) -> int:
    """Take a person's second factors and passkeys away, for who lost them, and sign them out. Returns how many there were."""
    from allauth.mfa.models import Authenticator

    with transaction.atomic():
        count = int(Authenticator.objects.filter(user=person).delete()[0])
        end_sessions(person)
        record(COMMAND_LINE, action="person.second_factor_dropped", target=f"person:{person.pk}", after={"removed": count})
    return count


def _locked(access: Access, person_id: UUID) -> tuple[Membership, int]:
    if not access.can("people.write"):
        raise Forbidden("You may not change colleagues here.")
    # Ordered, so that two changes queue for each other instead of blocking each other.
    members = Membership.objects.select_for_update(of=("self",)).select_related("person").order_by("pk")
    found = list(members.filter(workspace_id=access.workspace_id))
    member = next((m for m in found if m.person_id == person_id), None)
    if member is None:
        raise NotFound("There is no such colleague in this workspace.")
    return member, sum(m.role == "owner" and m.person.is_active for m in found)
