"""Who may do what, where."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now

from amity.kernel.ids import new_id


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

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "trust_person"
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="trust_person_email")]


class Membership(models.Model):
    """A person's role in one workspace."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=20)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "trust_membership"
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "workspace"], name="trust_membership_once")]
