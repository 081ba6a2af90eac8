"""Metrics: what they are called, and each version of what they are."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Metric(models.Model):
    """A named metric. `version` is the one in force; `origin` names the shipped definition that it was made of.

    Times are ms since 1970. `owner` is whoever answers for it, by name: a colleague or a team.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, default="")
    owner = models.CharField(max_length=120, blank=True, default="")
    origin = models.CharField(max_length=60, blank=True, default="")
    version = models.IntegerField(default=1)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    archived_at = models.BigIntegerField(null=True)
    archived_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "metrics_metric"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="metrics_metric_once", condition=models.Q(archived_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["workspace", "origin"],
                name="metrics_metric_origin",
                condition=models.Q(archived_at__isnull=True) & ~models.Q(origin=""),
            ),
        ]


class MetricVersion(models.Model):
    """One version of a metric's definition (rules.language). It is never changed: a change makes the next one."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.IntegerField()
    definition = models.JSONField()
    note = models.CharField(max_length=500, blank=True, default="")
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)

    class Meta:
        db_table = "metrics_version"
        constraints: ClassVar = [models.UniqueConstraint(fields=["metric", "number"], name="metrics_version_once")]


class Dashboard(models.Model):
    """Metrics side by side (`tiles`, see rules.tiles). `shared_digest`: SHA-256 of the secret part of its read-only link, empty without one."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, default="")
    tiles = models.JSONField(default=list)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    archived_at = models.BigIntegerField(null=True)
    shared_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    shared_at = models.BigIntegerField(null=True)
    shared_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "metrics_dashboard"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="metrics_dashboard_once", condition=models.Q(archived_at__isnull=True)
            )
        ]
