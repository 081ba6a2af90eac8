"""Who may do what, where."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.crypto import salted_hmac

from amity.kernel.ids import new_id
from amity.rooms.trust.contracts import WorkspaceInfo


class Workspace(models.Model):
    """One company, or one part of it that shares nothing with the others."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())
    is_demo = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    retention_days = models.PositiveIntegerField(null=True, blank=True)  # of the past; empty keeps everything
    sessions_end_at_midnight = models.BooleanField(default=False)

    class Meta:
        db_table = "trust_workspace"

    def info(self) -> WorkspaceInfo:
        """Return this row as others may hold it."""
        return WorkspaceInfo(
            id=self.pk,
            slug=self.slug,
            name=self.name,
            is_demo=self.is_demo,
            time_zone=self.time_zone,
            currency=self.currency,
            retention_days=self.retention_days,
            sessions_end_at_midnight=self.sessions_end_at_midnight,
        )


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


class ApiToken(models.Model):
    """A key for the JSON API of one workspace. Only its hash is kept; `hint` is what a person recognises it by."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=20)
    token_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=16)
    made_by = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")  # null: the command line
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "trust_api_token"


class AuditHead(models.Model):
    """Where the audit chain ends. Its one row is what writers queue for, and what shows that the tail was cut off."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "trust_audit_head"


class AuditEntry(models.Model):
    """One thing that someone did, tried or changed. Written once; PostgreSQL refuses to change or delete it."""

    seq = models.BigIntegerField(primary_key=True)
    time = models.DateTimeField()
    workspace_id = models.BigIntegerField(null=True)  # no foreign key: what happened stays true without the workspace
    actor_kind = models.CharField(max_length=12)
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=254)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=254, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    ip = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=400, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "trust_audit"
        indexes: ClassVar = [
            models.Index(fields=["workspace_id", "-seq"], name="trust_audit_workspace"),
            models.Index(fields=["actor_id", "-seq"], name="trust_audit_actor"),
            models.Index(fields=["target", "-seq"], name="trust_audit_target"),
        ]
