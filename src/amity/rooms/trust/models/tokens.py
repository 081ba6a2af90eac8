"""Keys of the JSON API."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from amity.rooms.trust.models.people import Person
from amity.rooms.trust.models.workspaces import Workspace


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
