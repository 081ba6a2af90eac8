"""The audit log and the end of its chain."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


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
