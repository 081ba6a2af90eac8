"""What customers answered, and what a workspace asks, says and chose about consent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Choice(models.Model):
    """One answer of a customer's that said something new: the history of consent. Written once, never changed.

    `customer_id` is whom it was placed to and `key` the message key of its interaction: an unmerge moves both alike. `name` is as
    it was said; which purposes it tells of is decided on reads. `origin` is one of `rules.choices.signals.ORIGINS`. `person` and
    `reason` stand where a colleague noted it.
    """

    pk = models.CompositePrimaryKey("workspace_id", "key", "name")
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    key = models.UUIDField()
    name = models.TextField(db_collation="C")
    customer_id = models.UUIDField()
    granted = models.BooleanField()
    time = models.BigIntegerField()
    received_at = models.BigIntegerField()
    source_id = models.BigIntegerField()
    origin = models.TextField()
    place = models.TextField(default="", db_default="")
    text_version = models.TextField(default="", db_default="")
    text_hash = models.TextField(default="", db_default="")
    proof = models.TextField(default="", db_default="")
    person = models.TextField(default="", db_default="")
    reason = models.TextField(default="", db_default="")

    class Meta:
        db_table = "customers_choice"
        indexes: ClassVar = [models.Index(fields=["customer_id", "name", "time"], name="customers_choice_of")]


class Restriction(models.Model):
    """That a customer's data is kept but not used (GDPR Art. 18), from `since` until `until` (ms; empty: still).

    One row for each id that the customer had then: after an unmerge, all sides are restricted until a person lifts it.
    `request` names the request that asked for it.
    """

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    customer_id = models.UUIDField()
    since = models.BigIntegerField()
    until = models.BigIntegerField(null=True)
    request = models.CharField(max_length=64)
    person = models.CharField(max_length=254)
    person_id = models.CharField(max_length=64)

    class Meta:
        db_table = "customers_restriction"
        indexes: ClassVar = [models.Index(fields=["customer_id"], name="customers_restriction_of")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer_id"], name="customers_restriction_once", condition=models.Q(until__isnull=True)
            )
        ]


class OwnPurpose(models.Model):
    """A purpose that a workspace added, or one of Amity's as the workspace changed it."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    basis = models.CharField(max_length=24)
    description = models.CharField(max_length=500, blank=True)
    categories = models.JSONField(default=list)  # names whose answers tell of it

    class Meta:
        db_table = "customers_own_purpose"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="customers_own_purpose_once")]


class PurposeText(models.Model):
    """The text that tells customers of a purpose, in one language: each version stays, since consent was given to it."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=60)
    language = models.CharField(max_length=2)
    version = models.PositiveIntegerField()
    text = models.TextField()
    hash = models.CharField(max_length=64)  # SHA-256 of the text's UTF-8, as hexadecimal
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)

    class Meta:
        db_table = "customers_purpose_text"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "purpose", "language", "version"], name="customers_purpose_text_once")
        ]


class ConsentSetting(models.Model):
    """What else a workspace chose about consent.

    `policies` holds what it changed of the region policies, `topics` [{"key", "names": {language: name}, "frequencies": […]}, …],
    `offered` the purposes that the preference centre shows (all if empty). Links into the
    preference centre are sealed with `link_secret` and begin with `link_id`: new ones of both end all links.
    """

    workspace = models.OneToOneField("trust.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    default_policy = models.CharField(max_length=20, default="default")
    country_traits = models.JSONField(default=list)
    policies = models.JSONField(default=dict)
    topics = models.JSONField(default=list)
    offered = models.JSONField(default=list)
    frame_ancestors = models.JSONField(default=list)
    link_id = models.CharField(max_length=12, default="")
    link_secret = models.TextField(default="")  # sealed
    link_days = models.PositiveIntegerField(default=90)

    class Meta:
        db_table = "customers_consent_setting"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["link_id"], name="customers_consent_link", condition=~models.Q(link_id=""))
        ]
