"""Which stages of a journey foretell what customers do afterwards, as it was worked out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from amity.rooms.journeys.models.worked import Worked


class Foretelling(Worked):
    """That a journey's stages are asked what they foretell, or were: of its map as it was in version `number`.

    `definition` is of rules.moments.language; `content` the map, of rules.maps.language.
    """

    journey = models.ForeignKey("journeys.Journey", on_delete=models.CASCADE, related_name="+")
    number = models.IntegerField()
    content = models.JSONField()
    definition = models.JSONField()

    class Meta:
        db_table = "journeys_foretelling"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey"], name="journeys_foretelling_once", condition=models.Q(state__in=["waiting", "running"])
            )
        ]
