"""Which customers may be the same person: what was compared, what was found, and what people said of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

OPEN, ACCEPTED, REJECTED, BLOCKED = "open", "accepted", "rejected", "blocked"
WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
DAYS = {"": 0, "daily": 1, "weekly": 7}


class MatchSetting(models.Model):
    """What a workspace chose: how often everybody is compared (empty: when asked), and how probable a proposal is at least."""

    workspace = models.OneToOneField("trust.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    schedule = models.CharField(max_length=8, default="", blank=True)
    probability = models.FloatField()

    class Meta:
        db_table = "customers_match_setting"


class MatchRun(models.Model):
    """That everybody of a workspace is compared, or was. Whoever works it holds its `claim` and tells of itself at `told_at`.

    `model` is what was learned: the prior, and for each comparison its levels with m and u.
    """

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    state = models.CharField(max_length=8, default=WAITING)
    person = models.TextField(default="")  # empty: the schedule
    person_id = models.TextField(default="")
    asked_at = models.BigIntegerField()
    started_at = models.BigIntegerField(null=True)
    finished_at = models.BigIntegerField(null=True)
    claim = models.CharField(max_length=32, default="")
    told_at = models.DateTimeField(db_default=Now())
    stop_asked = models.BooleanField(default=False)
    doing = models.TextField(default="")
    share = models.FloatField(default=0.0)  # of the work that is done, 0 to 1
    probability = models.FloatField()  # from which on a pair is proposed
    records = models.BigIntegerField(default=0)  # of customers that were compared
    pairs = models.BigIntegerField(default=0)  # that were compared
    found = models.BigIntegerField(default=0)  # that are probable enough
    proposed = models.BigIntegerField(default=0)  # of those, the ones nobody had decided about
    model = models.JSONField(default=dict)
    trouble = models.TextField(default="")

    class Meta:
        db_table = "customers_match_run"
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="customers_match_run_ws")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(state__in=["waiting", "running"]), name="customers_match_run_once"
            )
        ]


class MatchPair(models.Model):
    """That two customers may be the same person, why, and what became of it.

    The ids are those of the time, the smaller first; reads go on to who they are now, so that an unmerge needs nothing here.
    `parts` is the waterfall. `marks` tell what both were compared by when somebody said "not now": once one of them changes,
    they may be proposed again.
    """

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    first_id = models.UUIDField()
    second_id = models.UUIDField(db_index=True)
    run_id = models.BigIntegerField()
    found_at = models.BigIntegerField()
    weight = models.FloatField()  # log2 of the odds
    probability = models.FloatField()
    prior = models.FloatField()  # the weight that every pair begins with
    parts = models.JSONField()
    state = models.CharField(max_length=8, default=OPEN)
    marks = models.JSONField(default=list)
    decided_at = models.BigIntegerField(null=True)
    person = models.TextField(default="")
    person_id = models.TextField(default="")
    reason = models.TextField(default="")

    class Meta:
        db_table = "customers_match_pair"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-weight"], name="customers_match_pair_open", condition=models.Q(state="open"))
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["first_id", "second_id"], name="customers_match_pair_once")]
