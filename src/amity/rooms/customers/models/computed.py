"""Computed traits: what is worked out of customers' behaviour, and its value for each customer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ComputedTrait(models.Model):
    """A named value that is worked out for each customer (`definition`, see rules.computed.language).

    Times (ms) are as those of an audience. `size` is how many customers have a value; `edges` those of the scores that its own
    definition holds, by their key, as of `computed_at`. `origin` names what Amity itself made it for.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, default="")
    origin = models.CharField(max_length=40, blank=True, default="")
    definition = models.JSONField()
    edges = models.JSONField(default=dict)
    size = models.BigIntegerField(default=0)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    changed_at = models.BigIntegerField(default=0)  # when a value last changed
    computed_at = models.BigIntegerField(null=True)
    wanted_at = models.BigIntegerField(null=True)
    computing_since = models.BigIntegerField(null=True)
    turns_at = models.BigIntegerField(null=True)
    trouble = models.TextField(blank=True, default="")
    archived_at = models.BigIntegerField(null=True)
    archived_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "customers_computed_trait"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="customers_computed_trait_once", condition=models.Q(archived_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["workspace", "origin"],
                name="customers_computed_trait_origin",
                condition=models.Q(archived_at__isnull=True) & ~models.Q(origin=""),
            ),
        ]


class ComputedValue(models.Model):
    """A customer's value of a computed trait since when; `number` is the same where it is a number.

    Without a value the row is kept only because time alone may give one at `due` (ms).
    """

    pk = models.CompositePrimaryKey("customer_id", "trait_id")
    trait = models.ForeignKey(ComputedTrait, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id = models.UUIDField()
    value = models.JSONField(null=True)
    number = models.FloatField(null=True)
    since = models.BigIntegerField()
    due = models.BigIntegerField(null=True)

    class Meta:
        db_table = "customers_computed_value"
        indexes: ClassVar = [
            models.Index(fields=["trait", "customer_id"], name="customers_computed_of"),
            models.Index(fields=["due"], name="customers_computed_due", condition=models.Q(due__isnull=False)),
        ]
