"""Audits of the whole experience, and findings that somebody dismissed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from amity.rooms.journeys.models.worked import Worked


class Audit(Worked):
    """That the last `days` days were audited, or are: `result` holds checks with their findings as rules.audit.findings says them."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    days = models.IntegerField()

    class Meta:
        db_table = "journeys_audit"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace"], name="journeys_audit_once", condition=models.Q(state__in=["waiting", "running"])
            )
        ]


class Dismissal(models.Model):
    """That a finding, by its key, is none for somebody, and why; until somebody takes it back. Times in ms."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=600)
    title = models.CharField(max_length=600)
    reason = models.CharField(max_length=300)
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)
    ended_at = models.BigIntegerField(null=True)
    ended_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "journeys_dismissal"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "key"], name="journeys_dismissal_once", condition=models.Q(ended_at__isnull=True)
            )
        ]
