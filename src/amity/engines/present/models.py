"""Tables that tie the three engines together: what is committed here decides what happened."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Position(models.Model):
    """How far a reader has come in the log. Moves in the same transaction as the effects of what was read."""

    reader = models.CharField(max_length=64, primary_key=True)
    seq = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(db_default=Now())
    halted = models.TextField(blank=True, default="")  # why the reader stopped for good, empty while it runs

    class Meta:
        db_table = "present_position"


class OutboxFact(models.Model):
    """A fact of Amity's own, on its way to the log. Deleted once the log has confirmed it."""

    message_id = models.CharField(max_length=100, unique=True)
    workspace_id = models.BigIntegerField()
    body = models.BinaryField()  # one encoded Interaction (JSON)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "present_outbox_fact"


class PastBatch(models.Model):
    """Rows on their way to the past, committed together with the effects they tell of.

    `token` makes a repeated insert harmless. `body` is zstd-compressed JSONEachRow. Deleted once the past has confirmed it.
    """

    token = models.CharField(max_length=80, unique=True)
    shard = models.IntegerField(default=0)
    table = models.CharField(max_length=64)
    rows = models.IntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "present_past_batch"
