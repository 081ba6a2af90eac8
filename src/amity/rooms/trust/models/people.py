"""Colleagues: who signs in, where, and by which doors."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.crypto import salted_hmac

from amity.kernel.ids import new_id
from amity.rooms.trust.models.workspaces import Workspace


class PersonManager(BaseUserManager["Person"]):
    """Finds people by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """A colleague who signs in. Customers are never people in this sense."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now())
    sign_in_epoch = models.PositiveIntegerField(default=0)  # part of every session's hash: one more ends them all
    last_workspace = models.ForeignKey(Workspace, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "trust_person"
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="trust_person_email")]

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        content = f"{self.password}:{self.sign_in_epoch}"
        return salted_hmac("amity.trust.session", content, secret=secret, algorithm="sha256").hexdigest()

    def get_session_auth_hash(self) -> str:
        """Return what a session must know to be this person's: changes with the password and with the epoch."""
        return self._get_session_auth_hash()

    def has_joined(self) -> bool:
        """Whether the person chose a password yet."""
        return bool(self.password) and self.has_usable_password()


def display_name(person: Person) -> str:
    """Return what a person is called, for allauth's pages."""
    return person.name or person.email


class Membership(models.Model):
    """A person's role in one workspace."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=20)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "trust_membership"
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "workspace"], name="trust_membership_once")]


class Invitation(models.Model):
    """An open door for one e-mail address into one workspace. Deleted when it is taken or revoked."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20)
    nonce = models.CharField(max_length=32)  # the link is signed over it, so it can be shown again and isn't kept
    invited_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "trust_invitation"
        constraints: ClassVar = [models.UniqueConstraint("workspace", Lower("email"), name="trust_invitation_once")]


class SignInLink(models.Model):
    """A link that signs in once: the first owner's (no person yet), or one that an operator made for a person."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "trust_sign_in_link"
