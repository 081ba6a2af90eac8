"""Named sets of customers, who is in them, and whom they must be looked at for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Audience(models.Model):
    """A named set of customers: by definition (`definition`, see rules.audiences.language), or a list (empty definition).

    `computed_at` is when everybody was last looked at (ms), empty until the first time; `wanted_at` that it is to be done
    again; `computing_since` that it is being done. `turns_at`: when a calendar window moves next, and with it everybody.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, default="")
    definition = models.JSONField(null=True)
    size = models.BigIntegerField(default=0)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    changed_at = models.BigIntegerField(default=0)  # when somebody last entered or left
    computed_at = models.BigIntegerField(null=True)
    wanted_at = models.BigIntegerField(null=True)
    computing_since = models.BigIntegerField(null=True)
    turns_at = models.BigIntegerField(null=True)
    trouble = models.TextField(blank=True, default="")
    archived_at = models.BigIntegerField(null=True)
    archived_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "customers_audience"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="customers_audience_once", condition=models.Q(archived_at__isnull=True)
            )
        ]


class Member(models.Model):
    """That a customer is in an audience (`inside`), or will have to be looked at at `due` (ms) because time alone may change it."""

    pk = models.CompositePrimaryKey("customer_id", "audience_id")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id = models.UUIDField()
    inside = models.BooleanField()
    since = models.BigIntegerField()
    due = models.BigIntegerField(null=True)

    class Meta:
        db_table = "customers_member"
        indexes: ClassVar = [
            models.Index(fields=["audience", "customer_id"], name="customers_member_inside", condition=models.Q(inside=True)),
            models.Index(fields=["due"], name="customers_member_due", condition=models.Q(due__isnull=False)),
        ]


class ListEntry(models.Model):
    """That a list names a customer, by an identifier as it is stored, or by its id (`kind` is `@customer`).

    `customer_id` is whose the identifier is today: it follows merges and unmerges. Members of a list are the customers of
    its entries.
    """

    pk = models.CompositePrimaryKey("audience_id", "kind", "value")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.TextField(db_collation="C")
    value = models.TextField(db_collation="C")
    customer_id = models.UUIDField(db_index=True)
    added_at = models.BigIntegerField()

    class Meta:
        db_table = "customers_list_entry"


class ListUpload(models.Model):
    """A file that was uploaded to make or change a list. It is kept at `path` until it is used, at most a day.

    `trouble` holds [line, reason] of lines that named nobody, the first ten thousand, without what stood there.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="+", null=True)
    name = models.CharField(max_length=255)
    path = models.TextField()  # empty once it was used
    size = models.BigIntegerField()
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)
    used_at = models.BigIntegerField(null=True)
    column = models.TextField(default="")
    kind = models.TextField(default="")
    mode = models.CharField(max_length=10, default="")
    counts = models.JSONField(default=dict)
    trouble = models.JSONField(default=list)

    class Meta:
        db_table = "customers_list_upload"


class AudienceSize(models.Model):
    """How large an audience was at the end of an hour (ms of its beginning) in which it changed."""

    pk = models.CompositePrimaryKey("audience_id", "hour")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="+", db_index=False)
    hour = models.BigIntegerField()
    size = models.BigIntegerField()
    entered = models.BigIntegerField()
    left = models.BigIntegerField()

    class Meta:
        db_table = "customers_audience_size"


class Touch(models.Model):
    """Customers whom a batch touched, until their audiences have been looked at. Commits with the batch's effects.

    Pairs of `customers` (16 bytes each) and `places` (2 bytes: which of `heard`). `heard` is a JSON list of `type:name` of
    interactions; an empty one stands for a change of who somebody is. Waits for `past_ids`, the batch's rows on their way.
    `done_at` (ms): looked at, but kept while an audience is being computed that began before.
    """

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    customers = models.BinaryField()
    places = models.BinaryField()
    heard = models.BinaryField()
    past_ids = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "customers_touch"
        indexes: ClassVar = [models.Index(fields=["workspace", "id"], name="customers_touch_next")]
