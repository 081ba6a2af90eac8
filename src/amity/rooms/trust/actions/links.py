"""One-time links: the first owner's start, and an operator's sign-in link for a person."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Invalid, NotFound
from amity.kernel.ids import new_secret
from amity.kernel.settings import settings
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.contracts import COMMAND_LINE
from amity.rooms.trust.models import Membership, Person, SignInLink, Workspace
from amity.rooms.trust.queries.access import actor_of, hash_of

LASTS = timedelta(hours=24)


def make_sign_in_link(*, email: str | None = None, lasts: timedelta = LASTS) -> str:
    """Return a link that signs in once: for the first owner (no e-mail), or for the person with this e-mail.

    A new link ends the ones before it. Raises NotFound for an e-mail that nobody has, Invalid where a first owner is
    asked for and there is an owner already.
    """
    person = None
    if email is None:
        if has_owner():
            raise Invalid("Amity has an owner already. Make a link for a person with: amity person link EMAIL")
    else:
        person = Person.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            raise NotFound(f"Nobody here has the e-mail {email}. Create them with: amity person create {email}")
    token = new_secret()
    with transaction.atomic():
        SignInLink.objects.filter(person=person, used_at=None).delete()
        link = SignInLink.objects.create(person=person, token_hash=hash_of(token), expires_at=timezone.now() + lasts)
        target = f"person:{person.pk}" if person else "first owner"
        record(COMMAND_LINE, action="link.made", target=target, after={"expires_at": link.expires_at})
    return f"{settings().public_console}/start/{token}"


def make_start_link() -> str | None:
    """Return a link for the first owner, or None once there is one. For the first start."""
    return None if has_owner() else make_sign_in_link()


def has_owner() -> bool:
    """Whether anybody owns a workspace and can sign in."""
    return Membership.objects.filter(role="owner", person__is_active=True).exclude(person__password="").exists()


def find_link(token: str) -> SignInLink | None:
    """Return the link behind a token while it is good; None for every other token, whatever the reason."""
    found = SignInLink.objects.select_related("person").filter(token_hash=hash_of(token), used_at=None).first()
    if found is None or found.expires_at <= timezone.now():
        return None
    if found.person is None:
        return None if has_owner() else found
    return found if found.person.is_active else None


def use_link(
    *, token: str, name: str = "", email: str = "", password: str = "", request: HttpRequest | None = None
) -> Person | None:
    """Take a link, once: returns who may sign in now, or None where the link is no good (any more).

    Who has no password yet gives name and password, and the first owner an e-mail too and owns every workspace then.
    Who has one may give a new one.
    The caller has checked the password's strength.
    """
    with transaction.atomic():
        if not SignInLink.objects.select_for_update().filter(token_hash=hash_of(token)).exists():
            return None
        link = find_link(token)
        if link is None:
            return None
        person = link.person or _first_owner(email)
        joined = person.has_joined()
        if not joined:
            if not password:
                raise Invalid("Choose a password.")
            person.name = " ".join(name.split())[:120]
        if password:
            person.set_password(password)  # and so ends every session that there is
            person.save()
        link.person, link.used_at = person, timezone.now()
        link.save()
        if joined and password:
            record(actor_of(person), action="person.password_changed", target=f"person:{person.pk}", request=request)
        record(actor_of(person), action="link.used", target=f"person:{person.pk}", request=request)
    return person


def _first_owner(email: str) -> Person:
    found = Person.objects.filter(email__iexact=email).first()
    if found is not None and found.has_joined():
        raise Invalid("Somebody signs in with this e-mail already. Choose another one.")
    person = found or Person.objects.create(email=email.strip())
    for workspace in Workspace.objects.all():
        Membership.objects.update_or_create(person=person, workspace=workspace, defaults={"role": "owner"})
    return person
