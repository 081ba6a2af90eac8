"""How customers came to be one or to be kept apart: merges, refusals, and what people decided."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Value


class Merge(models.Model):
    """That one customer became part of another, and the evidence. `id` is the version in the past's table of merges.

    `rule` is `shared_identifiers`, `alias` or `people`; the last has `person` and `reason` in place of an interaction.
    `kept` holds the survivor's traits and answers that the other's newer ones replaced. `undone` tells which unmerge took
    it back; the row stays as history.
    """

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    old_id = models.UUIDField(db_index=True)
    into_id = models.UUIDField(db_index=True)
    rule = models.TextField()
    time = models.BigIntegerField()  # of the interaction that showed it
    merged_at = models.BigIntegerField()  # when that interaction was received
    source_id = models.BigIntegerField()
    key = models.UUIDField()
    identifiers = models.JSONField()  # [[kind, value, customer it had belonged to or null], ...]
    moved = models.JSONField()  # [[kind, value], ...]
    kept = models.JSONField(
        default=dict, db_default=Value({}, models.JSONField())
    )  # {"traits": {name: [value, origin]}, "consent": {…}}
    person = models.TextField(default="", db_default="")
    person_id = models.TextField(default="", db_default="")
    reason = models.TextField(default="", db_default="")
    undone = models.BigIntegerField(null=True, db_index=True)
    version = models.IntegerField(null=True)  # of the identity rules that were applied to history, where that showed it

    class Meta:
        db_table = "customers_merge"


class Refusal(models.Model):
    """An identifier that a customer's interaction carried and that was left out: the first time, not each time.

    `reason`: `limit`, `apart` (its owner and this customer are kept apart), `blocked`, `invalid`, `too_long`.
    """

    pk = models.CompositePrimaryKey("customer_id", "kind", "value", "reason")
    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    customer_id = models.UUIDField()
    kind = models.TextField(db_collation="C")
    value = models.TextField(db_collation="C")
    reason = models.TextField(db_collation="C")
    time = models.BigIntegerField()
    received_at = models.BigIntegerField()
    source_id = models.BigIntegerField()
    key = models.UUIDField()

    class Meta:
        db_table = "customers_refusal"


class Apart(models.Model):
    """That two customers are different people: no evidence joins them, only a person can.

    `first_now` and `second_now` are the customers that the two are part of today.
    """

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    first_id = models.UUIDField()
    second_id = models.UUIDField()
    first_now = models.UUIDField(db_index=True)
    second_now = models.UUIDField(db_index=True)
    person = models.TextField()
    person_id = models.TextField()
    reason = models.TextField(default="")
    made_at = models.BigIntegerField()

    class Meta:
        db_table = "customers_apart"
        constraints: ClassVar = [models.UniqueConstraint(fields=["first_id", "second_id"], name="customers_apart_once")]


class UnmergeRun(models.Model):
    """That a person asked to take merges back: one, or all of a query. `moved` counts rows of the past that changed hands."""

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    wanted = models.JSONField()  # the query, or {"merge": id}
    person = models.TextField()
    person_id = models.TextField()
    reason = models.TextField(default="")
    asked_at = models.BigIntegerField()
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    moved = models.BigIntegerField(default=0)
    finished_at = models.BigIntegerField(null=True)
    stopped = models.BooleanField(default=False)

    class Meta:
        db_table = "customers_unmerge_run"
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="customers_unmerge_run_ws")]


class Unmerge(models.Model):
    """One merge to be taken back, waiting for its turn; its row goes when that is done."""

    run = models.ForeignKey(UnmergeRun, on_delete=models.CASCADE, related_name="waiting")
    merge = models.OneToOneField(Merge, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "customers_unmerge"
