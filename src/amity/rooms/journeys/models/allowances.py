"""Deviations from a journey's target that somebody accepted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Allowance(models.Model):
    """A deviation that is accepted: its kind, the stage's key, why, who and when; until somebody ends it. Times in ms."""

    journey = models.ForeignKey("journeys.Journey", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    stage = models.CharField(max_length=12)
    reason = models.CharField(max_length=300)
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)
    ended_at = models.BigIntegerField(null=True)
    ended_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "journeys_allowance"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey", "kind", "stage"], name="journeys_allowance_once", condition=models.Q(ended_at__isnull=True)
            )
        ]
