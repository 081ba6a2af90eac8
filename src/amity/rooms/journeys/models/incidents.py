"""Incidents, and what was done about each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Incident(models.Model):
    """What went wrong for a while: from `first` to `last` (ms; none while it goes on). `definition` is of rules.incidents.language.

    `metric_id` is the metric of metrics that the loss is read off, `alert_id` the alert that it was opened from. `key` is what a
    program knows it by, so that telling it again changes it.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=120)
    severity = models.CharField(max_length=10)
    status = models.CharField(max_length=10)
    first = models.BigIntegerField()
    last = models.BigIntegerField(null=True)
    definition = models.JSONField()
    owner = models.CharField(max_length=120, blank=True, default="")
    metric_id = models.BigIntegerField(null=True)
    alert_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=120, blank=True, default="")
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)

    class Meta:
        db_table = "journeys_incident"
        indexes: ClassVar = [models.Index(fields=["workspace", "-first"], name="journeys_incident_newest")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="journeys_incident_key", condition=~models.Q(key=""))
        ]


class IncidentEntry(models.Model):
    """A line of an incident's timeline at `at` (ms): a `note`, a `change`, or that a `list` was made (`audience_id`)."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    text = models.TextField()
    audience_id = models.BigIntegerField(null=True)
    at = models.BigIntegerField()
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)

    class Meta:
        db_table = "journeys_incident_entry"
