"""Surveys, their published versions, and responses. Times in ms since 1970."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Survey(models.Model):
    """A survey: `draft` as rules.surveys.language says it. `live` is the version that its link asks, 0 before the first.

    `link_id` is the public part of its links' addresses; `link_secret`, sealed, is the key of those that name a customer.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    draft = models.JSONField()
    live = models.IntegerField(default=0)
    link_id = models.CharField(max_length=16, unique=True)
    link_secret = models.TextField()
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    closed_at = models.BigIntegerField(null=True)
    closed_by = models.CharField(max_length=254, blank=True, default="")
    archived_at = models.BigIntegerField(null=True)
    archived_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "listening_survey"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="listening_survey_once", condition=models.Q(archived_at__isnull=True)
            )
        ]

    @property
    def is_open(self) -> bool:
        """Whether its link asks."""
        return bool(self.live) and self.closed_at is None and self.archived_at is None


class Version(models.Model):
    """A survey as it was published: never changed afterwards."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    number = models.IntegerField()
    definition = models.JSONField()
    published_at = models.BigIntegerField()
    published_by = models.CharField(max_length=254)

    class Meta:
        db_table = "listening_version"
        constraints: ClassVar = [models.UniqueConstraint(fields=["survey", "number"], name="listening_version_once")]


class Response(models.Model):
    """What one person answers to a version, from the first page on. `customer_id` only of who came by a link that names them."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    version = models.IntegerField()
    response_id = models.UUIDField()
    customer_id = models.UUIDField(null=True)
    language = models.CharField(max_length=20)
    answers = models.JSONField(default=dict)
    begun_at = models.BigIntegerField()
    updated_at = models.BigIntegerField()
    completed_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "listening_response"
        constraints: ClassVar = [models.UniqueConstraint(fields=["survey", "response_id"], name="listening_response_once")]
        indexes: ClassVar = [
            models.Index(fields=["survey", "-completed_at"], name="listening_response_newest"),
            models.Index(fields=["workspace", "customer_id"], name="listening_response_whose"),
            models.Index(fields=["workspace", "response_id"], name="listening_response_which"),
        ]


class Shown(models.Model):
    """How often a version was opened on a day (UTC, days since 1970)."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    version = models.IntegerField()
    day = models.IntegerField()
    number = models.IntegerField(default=0)

    class Meta:
        db_table = "listening_shown"
        constraints: ClassVar = [models.UniqueConstraint(fields=["survey", "version", "day"], name="listening_shown_once")]
