"""Journeys: the map as it is, the target, and every version that they had."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Journey(models.Model):
    """A journey. `current` and `target` are maps as rules.maps.language says them; an empty target: there is none yet.

    `lifecycle` is the part of a customer's life that it belongs to. `number` is that of its newest version. `shared_digest`: SHA-256
    of the secret part of the link that shows its map until `shared_until`, empty without one. Times in ms.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, default="")
    lifecycle = models.CharField(max_length=120, blank=True, default="")
    owner = models.CharField(max_length=120, blank=True, default="")
    current = models.JSONField()
    target = models.JSONField(null=True)
    number = models.IntegerField(default=1)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    archived_at = models.BigIntegerField(null=True)
    archived_by = models.CharField(max_length=254, blank=True, default="")
    shared_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    shared_at = models.BigIntegerField(null=True)
    shared_until = models.BigIntegerField(null=True)
    shared_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "journeys_journey"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="journeys_journey_once", condition=models.Q(archived_at__isnull=True)
            )
        ]


class JourneyVersion(models.Model):
    """A map as it was from one change to the next: of which side (`current` or `target`), who changed it, and what."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+")
    number = models.IntegerField()
    side = models.CharField(max_length=10)
    content = models.JSONField(null=True)
    what = models.CharField(max_length=200)
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)

    class Meta:
        db_table = "journeys_version"
        constraints: ClassVar = [models.UniqueConstraint(fields=["journey", "number"], name="journeys_version_once")]


class Review(models.Model):
    """That somebody looked a journey's map through, at its version `number`, and when the next look is due. Times in ms."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+")
    number = models.IntegerField()
    note = models.CharField(max_length=300, blank=True, default="")
    due_at = models.BigIntegerField(null=True)
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)

    class Meta:
        db_table = "journeys_review"


class Comment(models.Model):
    """What a colleague says of a stage (by its key), or of one of its lanes; to somebody (a person's id), or to all. Times in ms.

    It is open until somebody settles it. Whom it is for is written to: `letter_due_at` is when next (ms; none: no more).
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=12)
    lane = models.CharField(max_length=20, blank=True, default="")
    body = models.CharField(max_length=1_000)
    to_person = models.CharField(max_length=64, blank=True, default="", db_index=True)
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)
    settled_at = models.BigIntegerField(null=True)
    settled_by = models.CharField(max_length=254, blank=True, default="")
    letter_due_at = models.BigIntegerField(null=True)
    letter_attempts = models.IntegerField(default=0, db_default=0)
    letter_trouble = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        db_table = "journeys_comment"
        indexes: ClassVar = [
            models.Index(
                fields=["letter_due_at"], name="journeys_comment_letters", condition=models.Q(letter_due_at__isnull=False)
            )
        ]
