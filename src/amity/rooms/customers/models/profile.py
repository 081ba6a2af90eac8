"""Who the customers are now, and what they do. Written by the pipeline in sets (`actions`), read through `queries`."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Customer(models.Model):
    """One customer: the profile. A merged customer keeps its row, so that a merge can be taken back.

    `traits` maps names to values (null: known to be empty), `origins` the same names to [time, source, message key].
    `words` are the search tokens, each behind its workspace's number. The id begins with the instant of creation.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    created_at = models.BigIntegerField()
    traits = models.JSONField(default=dict)
    origins = models.JSONField(default=dict)
    words = SearchVectorField(null=True)
    merged_into = models.UUIDField(null=True)

    class Meta:
        db_table = "customers_customer"
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="customers_customer_words"),
            models.Index(fields=["merged_into"], name="customers_customer_merged", condition=models.Q(merged_into__isnull=False)),
        ]


class Identifier(models.Model):
    """A value that tells a customer: at any instant it belongs to exactly one customer of its workspace."""

    pk = models.CompositePrimaryKey("workspace_id", "value", "kind")
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    value = models.TextField(db_collation="C")  # so that its index finds beginnings too
    kind = models.TextField(db_collation="C")
    customer_id = models.UUIDField(db_index=True)
    added_at = models.BigIntegerField()
    source_id = models.BigIntegerField()
    key = models.UUIDField()
    aliased = models.BooleanField(default=False)

    class Meta:
        db_table = "customers_identifier"


class Activity(models.Model):
    """What a customer does, in one narrow row that changes with nearly each interaction; apart from the profile therefore.

    It is also the lock: whoever changes a customer holds this row. `seen_minute` orders lists; it is last_seen in
    minutes, so that most changes touch no index. `consent` maps purposes to [granted, time, source, message key].
    `moved_at` is the latest transaction that placed something: pending rows of the past up to then may be this customer's.
    """

    customer_id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    merged = models.BooleanField(default=False)
    seen_minute = models.IntegerField(default=0)
    first_seen = models.BigIntegerField(default=0)
    last_seen = models.BigIntegerField(default=0)
    last_key = models.UUIDField(null=True)
    last_name = models.TextField(default="")
    interactions = models.BigIntegerField(default=0)
    channels = models.JSONField(default=dict)
    values = models.JSONField(default=dict)  # {currency: decimal as text}
    consent = models.JSONField(default=dict)
    session_id = models.UUIDField(null=True)
    session_start = models.BigIntegerField(default=0)
    session_campaign = models.TextField(default="")
    country = models.CharField(max_length=2, default="", db_default="")  # where the customer was last met
    country_time = models.BigIntegerField(default=0, db_default=0)
    moved_at = models.DateTimeField(null=True)
    parted_at = models.DateTimeField(null=True)  # when an unmerge last gave some of this customer's identifiers to another

    class Meta:
        db_table = "customers_activity"
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "seen_minute", "customer_id"],
                name="customers_activity_seen",
                condition=models.Q(merged=False),
            ),
        ]


class Mark(models.Model):
    """A customer whose sessions and previous-interaction edges are to be worked out anew, from `since` on."""

    customer_id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    since = models.BigIntegerField()
    recount = models.BooleanField(default=False)  # totals too, after a replay
    marked_at = models.DateTimeField()

    class Meta:
        db_table = "customers_mark"
        indexes: ClassVar = [models.Index(fields=["marked_at"], name="customers_mark_at")]
