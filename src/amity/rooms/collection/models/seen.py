"""What flowed, counted by the pipeline: interactions, their senders and properties, and what broke the plan."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from amity.rooms.collection.rules.plan.shapes import TYPES


class SeenInteraction(models.Model):
    """An interaction that flows: accepted, or turned away by the plan. The one of kind `other` stands for all beyond the limit."""

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    accepted = models.BigIntegerField()
    turned = models.BigIntegerField()

    class Meta:
        db_table = "collection_seen_interaction"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace_id", "kind", "name"], name="collection_seen_interaction_once"),
        ]


class SeenHour(models.Model):
    """How many of one interaction one source brought in one hour."""

    pk = models.CompositePrimaryKey("interaction_id", "source_id", "hour")
    interaction_id = models.BigIntegerField()
    source_id = models.BigIntegerField()
    hour = models.DateTimeField(db_index=True)
    accepted = models.BigIntegerField()
    turned = models.BigIntegerField()

    class Meta:
        db_table = "collection_seen_hour"


class SeenSender(models.Model):
    """Who sends an interaction: source, client library with its version, channel."""

    pk = models.CompositePrimaryKey("interaction_id", "source_id", "channel", "library")
    interaction_id = models.BigIntegerField()
    source_id = models.BigIntegerField()
    channel = models.CharField(max_length=40)
    library = models.CharField(max_length=80)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "collection_seen_sender"


class SeenProperty(models.Model):
    """A property or trait of an interaction, and how often it came as which type. `*` stands for all beyond the limit."""

    pk = models.CompositePrimaryKey("interaction_id", "place", "name")
    interaction_id = models.BigIntegerField()
    place = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    string = models.BigIntegerField()
    integer = models.BigIntegerField()
    number = models.BigIntegerField()
    boolean = models.BigIntegerField()
    object = models.BigIntegerField()
    array = models.BigIntegerField()
    null = models.BigIntegerField()

    class Meta:
        db_table = "collection_seen_property"

    def counts(self) -> dict[str, int]:
        """Return how often it came as each type, most often first."""
        found = {name: int(getattr(self, name)) for name in TYPES}
        return dict(sorted(((k, n) for k, n in found.items() if n), key=lambda pair: -pair[1]))


class Violation(models.Model):
    """How often one rule of the plan was broken in one way on one day, by one source's library; `keys` are a few of them."""

    pk = models.CompositePrimaryKey("interaction_id", "day", "source_id", "library", "path", "code")
    interaction_id = models.BigIntegerField()
    day = models.DateField()
    source_id = models.BigIntegerField()
    library = models.CharField(max_length=80)
    path = models.CharField(max_length=220)
    code = models.CharField(max_length=20)
    action = models.CharField(max_length=10)
    count = models.BigIntegerField()
    last_seen = models.DateTimeField()
    keys = models.JSONField(default=list)

    class Meta:
        db_table = "collection_violation"
        indexes: ClassVar = [models.Index(fields=["day"], name="collection_violation_day")]


class SeenBefore(models.Model):
    """What had been counted of an interaction until an instant: the difference of two tells of the span between them."""

    pk = models.CompositePrimaryKey("interaction_id", "at")
    interaction_id = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)
    n = models.BigIntegerField()
    violations = models.BigIntegerField()
    types = models.JSONField()  # [[place, name, {type: count}], …]

    class Meta:
        db_table = "collection_seen_before"


class DriftAlert(models.Model):
    """That an interaction flows other than it did, until it is as before or a person says that it's to be so."""

    workspace_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=20)
    path = models.CharField(max_length=230, default="")
    before = models.FloatField()
    then = models.FloatField()  # the figure when it began; `now` is the latest
    now = models.FloatField()
    n_before = models.BigIntegerField()
    n_now = models.BigIntegerField()
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # when it was last found to be so
    ended_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=254, default="")  # who said that it's to be so

    class Meta:
        db_table = "collection_drift_alert"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace_id", "kind", "name", "code", "path"],
                name="collection_drift_once",
                condition=models.Q(ended_at__isnull=True),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace_id", "-began_at"], name="collection_drift_latest")]
