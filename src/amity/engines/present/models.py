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
    inherited = models.JSONField(default=list)  # how far earlier sets of readers came, where this one began behind them
    entry_print = models.CharField(
        max_length=32, blank=True, default=""
    )  # fingerprint of entry `seq`, by which it is known again
    entry_at = models.BigIntegerField(default=0)  # when the log stored it, ms since 1970

    class Meta:
        db_table = "present_position"


class LogDamage(models.Model):
    """Entries that the log lost. `passed`: a person decided to go on without them. `rescued`: another replica had them.

    `before_at` and `after_at` are when the log stored the entries before and behind; `interactions` is an estimate.
    """

    PASSED, RESCUED = "passed", "rescued"

    outcome = models.CharField(max_length=16)
    first_seq = models.BigIntegerField()
    last_seq = (
        models.BigIntegerField()
    )  # below `first_seq` where another log took this one's place and nothing is known to be lost
    said = models.TextField(blank=True, default="")  # why the reader had stopped
    before_at = models.DateTimeField(null=True)
    after_at = models.DateTimeField(null=True)
    interactions = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=254, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "present_log_damage"


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
    carried_as = models.CharField(max_length=100, default="")  # the token under which it goes together with others
    shard = models.IntegerField(default=0)
    table = models.CharField(max_length=64)
    rows = models.IntegerField()
    body = models.BinaryField()
    replaces = models.JSONField(null=True)  # a replay's: what to delete first; see amity.workers.past
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "present_past_batch"


class SeenMessage(models.Model):
    """That an interaction was taken, so that the same one sent again is known. Kept for three periods of four days.

    A table in partitions by period (made and dropped by `amity.engines.present.seen`), so forgetting costs nothing.
    """

    pk = models.CompositePrimaryKey("period", "key")
    period = models.IntegerField()  # days since 1970 of when it was received, divided by 4
    key = models.UUIDField()  # amity.kernel.ids.message_key

    class Meta:
        db_table = "present_seen"
        managed = False  # Django can't make partitioned tables: a migration of its own SQL does


class Replay(models.Model):
    """A span of the log that was, or is being, worked again. Moves on in the same transaction as its effects."""

    from_time = models.DateTimeField()
    to_time = models.DateTimeField()
    workspace_id = models.BigIntegerField(null=True)  # empty: all of them
    muted = models.BooleanField(default=False)
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    seq = models.BigIntegerField()  # worked up to and including
    interactions = models.BigIntegerField(default=0)
    asked_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "present_replay"
