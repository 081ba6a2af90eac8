"""How long kinds of data are kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from amity.rooms.trust.models.workspaces import Workspace


class RetentionRule(models.Model):
    """That one kind of data is kept for so many days and then deleted. `name` and `channel` narrow interactions; empty: all."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=16)  # of rules.retention.KINDS
    name = models.CharField(max_length=200, default="", blank=True)
    channel = models.CharField(max_length=40, default="", blank=True)
    days = models.PositiveIntegerField()
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.CharField(max_length=254)
    deleted = models.BigIntegerField(default=0)  # how many records so far
    worked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "trust_retention_rule"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "what", "name", "channel"], name="trust_retention_rule_once")
        ]
