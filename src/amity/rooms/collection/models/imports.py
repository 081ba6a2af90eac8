"""Files on their way into the log."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, cast

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from amity.kernel.ids import new_id
from amity.rooms.collection.contracts import IMPORT_STATES, ImportState, ImportView
from amity.rooms.collection.models.sources import Source

QUIET_AFTER = timedelta(seconds=20)
"""An import that nobody has told of for so long is worked by nobody: whoever did, crashed."""


class Import(models.Model):
    """A file on its way into the log: where it lies, how it is read, and how far it has come.

    `claim` names who works it: whoever finds another name there stops. `stored` counts, in the order in which the file and its
    map make them, the interactions that are on disk; who goes on makes them again and leaves that many out.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, null=True, on_delete=models.SET_NULL, related_name="imports")
    name = models.CharField(max_length=200)
    path = models.TextField()
    own_file = models.BooleanField(default=False)  # an upload, which is ours to delete
    size = models.BigIntegerField()
    digest = models.CharField(max_length=32)
    prefix = models.CharField(max_length=40)  # of its message ids
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=[(s, s) for s in IMPORT_STATES])
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=254)
    started_at = models.DateTimeField(null=True)  # when its interactions were received, also after going on
    finished_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    cancel_asked_by = models.CharField(max_length=254, default="")
    claim = models.CharField(max_length=32, default="")
    run_began_at = models.DateTimeField(null=True)
    run_began_with = models.BigIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    left_out = models.BigIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    share = models.FloatField(default=0.0)
    trouble = models.TextField(default="")
    report = models.TextField(default="")  # path of the rejected rows

    class Meta:
        db_table = "collection_import"
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at"], name="collection_import_latest")]

    def view(self) -> ImportView:
        """Return what others may hold of it."""
        took = (self.told_at - self.run_began_at).total_seconds() if self.told_at and self.run_began_at else 0.0
        running = self.state == "running"
        quiet = running and (self.told_at is None or timezone.now() - self.told_at > QUIET_AFTER)
        left = took / self.share * (1 - self.share) if running and self.share > 0 and took > 1 else None
        return ImportView(
            id=self.pk, workspace_id=self.workspace_id, source_id=self.source_id, name=self.name, size=self.size,
            state=cast("ImportState", self.state), mapping=self.mapping, created_at=self.created_at, started_at=self.started_at,
            finished_at=self.finished_at, by=self.created_by, rows=self.rows, stored=self.stored, rejected=self.rejected,
            left_out=self.left_out, reasons=self.reasons, share=self.share,
            rate=(self.stored - self.run_began_with) / took if took > 0 else 0.0, seconds_left=left, trouble=self.trouble,
            cancelling=running and self.cancel_asked_at is not None, quiet=quiet, has_report=bool(self.report),
        )  # fmt: skip
