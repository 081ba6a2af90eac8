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
