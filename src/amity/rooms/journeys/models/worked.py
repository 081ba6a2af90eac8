"""What the worker works out in the background, and keeps."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"


class Worked(models.Model):
    """That something is worked out, or was: as of when (ms), by which seed. `result` holds figures, no customers.

    Whoever works it holds its `claim` and tells of itself at `told_at`.
    """

    as_of = models.BigIntegerField()
    seed = models.BigIntegerField()
    state = models.CharField(max_length=8, default=WAITING)
    claim = models.CharField(max_length=32, blank=True, default="")
    told_at = models.DateTimeField(db_default=Now())
    doing = models.CharField(max_length=120, blank=True, default="")
    share = models.FloatField(default=0.0)
    result = models.JSONField(null=True)
    trouble = models.TextField(blank=True, default="")
    asked_at = models.BigIntegerField()
    asked_by = models.CharField(max_length=254)
    finished_at = models.BigIntegerField(null=True)

    class Meta:
        abstract = True
