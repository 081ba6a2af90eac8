"""Funnels that people keep."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SavedFunnel(models.Model):
    """A funnel under a name: `definition` as rules.funnels.language says it. Times in ms."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, default="")
    definition = models.JSONField()
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    archived_at = models.BigIntegerField(null=True)
    archived_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "journeys_funnel"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="journeys_funnel_once", condition=models.Q(archived_at__isnull=True)
            )
        ]
