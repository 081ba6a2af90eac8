"""Pain points, and what each was found to cost."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from amity.rooms.journeys.models.worked import Worked


class PainPoint(models.Model):
    """A pain point under a name. `definition` is of rules.friction.language; `number` counts its versions; times in ms.

    `effort` to mend it is typed, from 1 (a day) to 5 (a year); null: nobody said. `stage` is the key of a stage of the journey.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    journey = models.ForeignKey("journeys.Journey", on_delete=models.SET_NULL, related_name="+", null=True)
    stage = models.CharField(max_length=12, blank=True, default="")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, default="")
    definition = models.JSONField()
    number = models.IntegerField(default=1)
    effort = models.SmallIntegerField(null=True)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    archived_at = models.BigIntegerField(null=True)
    archived_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "journeys_pain"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="journeys_pain_once", condition=models.Q(archived_at__isnull=True)
            )
        ]


class Pricing(Worked):
    """That a pain point is priced, or was: of which version."""

    pain = models.ForeignKey(PainPoint, on_delete=models.CASCADE, related_name="pricings")
    number = models.IntegerField()
    definition = models.JSONField()

    class Meta:
        db_table = "journeys_pricing"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["pain"], name="journeys_pricing_once", condition=models.Q(state__in=["waiting", "running"])
            )
        ]
