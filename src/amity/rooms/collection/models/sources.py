"""Places that interactions come from, their write keys, how they do, and what was sent again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from amity.kernel.ids import new_secret
from amity.rooms.collection.contracts import SOURCE_KINDS, SourceView, WriteKeyView


def new_write_key() -> str:
    """Return a write key nobody can guess."""
    return new_secret("wk_", size=18)


class SourceQuerySet(models.QuerySet["Source"]):
    """Finds sources, always within one workspace."""

    def of(self, workspace_id: int) -> SourceQuerySet:
        """Return the workspace's sources, oldest first, with their keys at hand."""
        return self.filter(workspace_id=workspace_id).order_by("id").prefetch_related("keys")


class Source(models.Model):
    """A place that interactions come from: a website, an app, a server, an import, or Amity itself."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=[(k, k) for k in SOURCE_KINDS])
    created_at = models.DateTimeField(db_default=Now())
    disabled_at = models.DateTimeField(null=True, blank=True)
    anonymise_ip = models.BooleanField(default=False)
    requests_per_second = models.PositiveIntegerField(default=1_000)  # by write key; 0 is no limit

    objects = SourceQuerySet.as_manager()

    class Meta:
        db_table = "collection_source"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name"], name="collection_source_name"),
            models.UniqueConstraint(fields=["workspace"], condition=models.Q(kind="amity"), name="collection_source_amity_once"),
        ]

    def view(self) -> SourceView:
        """Return what others may hold of it."""
        keys = sorted(self.keys.all(), key=lambda k: k.pk)
        return SourceView(
            id=self.pk,
            workspace_id=self.workspace_id,
            name=self.name,
            kind=self.kind,
            created_at=self.created_at,
            disabled_at=self.disabled_at,
            anonymise_ip=self.anonymise_ip,
            requests_per_second=self.requests_per_second,
            keys=tuple(k.view() for k in keys),
        )


class WriteKey(models.Model):
    """What a client sends to say which source it is. Several may be in force, so that one can follow another without a gap."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="keys")
    key = models.CharField(max_length=64, unique=True, default=new_write_key)
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "collection_write_key"

    def view(self) -> WriteKeyView:
        """Return what others may hold of it."""
        return WriteKeyView(id=self.pk, key=self.key, created_at=self.created_at, revoked_at=self.revoked_at)


class SourceHour(models.Model):
    """How often one outcome came from one source in one hour: `accepted`, `duplicate`, or a rejection's reason."""

    pk = models.CompositePrimaryKey("source_id", "hour", "outcome")
    source_id = models.BigIntegerField()
    hour = models.DateTimeField()
    outcome = models.CharField(max_length=64)
    workspace_id = models.BigIntegerField()
    count = models.BigIntegerField(default=0)
    last_seen = models.DateTimeField()

    class Meta:
        db_table = "collection_source_hour"
        indexes: ClassVar = [models.Index(fields=["workspace_id", "hour"], name="collection_hour_workspace")]


class QuarantineReplay(models.Model):
    """That a quarantined event was sent again, by whom and when."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()
    actor = models.CharField(max_length=254)
    replayed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "collection_quarantine_replay"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="collection_quarantine_replay_once")]
