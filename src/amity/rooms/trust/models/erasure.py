"""Who was erased and is kept out: hashes, and how far each erasure is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from amity.kernel.ids import new_id
from amity.rooms.trust.models.workspaces import Workspace


class Suppression(models.Model):
    """An identifier of which nothing is taken any more: only its keyed hash is kept, with the kind that it was of."""

    pk = models.CompositePrimaryKey("workspace_id", "hash", "kind")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    hash = models.UUIDField()  # 128 bits of HMAC-SHA256; see rules.hashing
    kind = models.CharField(max_length=40)  # of identifier, or customer_id
    erasure_id = models.UUIDField(null=True, db_index=True)  # empty: only kept out, nothing was erased
    created_at = models.DateTimeField(db_default=Now())
    version = models.BigIntegerField(default=1)  # each change in a workspace is one more: who read one reads on from there
    before = models.BigIntegerField(null=True)  # lifted: holds only for what happened or came before this instant (ms)

    class Meta:
        db_table = "trust_suppression"
        indexes: ClassVar = [models.Index(fields=["workspace", "version"], name="trust_suppression_version")]


class Erasure(models.Model):
    """One customer erased everywhere, from the asking to the signed receipt.

    `subject` (whom it is about) is sealed, and emptied at the end. What is left tells nobody who it was.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    request_id = models.UUIDField(null=True, db_index=True)  # the request about their data that it answers
    hint = models.CharField(max_length=120)  # what was asked for, so shortened that only who asked knows it again
    subject = models.TextField(default="", blank=True)
    reason = models.CharField(max_length=500)
    asked_by = models.CharField(max_length=254)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=12)  # of rules.erasing.STATES
    suppressed_at = models.DateTimeField(null=True)
    barrier = models.BigIntegerField(default=0)  # the last batch of rows on their way to the past that may hold some of them
    log_end = models.BigIntegerField(default=0)  # the log's last entry when they were suppressed
    finished_at = models.DateTimeField(null=True)
    trouble = models.TextField(default="", blank=True)  # why it doesn't go on, empty while it does
    receipt = models.JSONField(null=True)

    class Meta:
        db_table = "trust_erasure"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-asked_at"], name="trust_erasure_latest"),
            models.Index(fields=["asked_at"], name="trust_erasure_open", condition=models.Q(finished_at=None)),
        ]


class ErasureStep(models.Model):
    """How far an erasure is in one store. `found` is written before anything is erased, so that a crash can't lose it."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="steps", db_index=False)
    store = models.CharField(max_length=60)
    found = models.BigIntegerField(default=0)
    left = models.BigIntegerField(null=True)  # counted afterwards; empty while it is being erased
    counted_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "trust_erasure_step"
        constraints: ClassVar = [models.UniqueConstraint(fields=["erasure", "store"], name="trust_erasure_step_once")]
