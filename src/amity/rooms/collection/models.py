"""Sources, their write keys, how they do, imports, the tracking plan, and what was seen of interactions."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, cast

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from amity.kernel.ids import new_id, new_secret
from amity.rooms.collection.contracts import IMPORT_STATES, SOURCE_KINDS, ImportState, ImportView, SourceView, WriteKeyView
from amity.rooms.collection.rules.plan.shapes import TYPES

QUIET_AFTER = timedelta(seconds=20)
"""An import that nobody has told of for so long is worked by nobody: whoever did, crashed."""


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


class Plan(models.Model):
    """What a workspace does with what no plan names. `stamp` changes with every change of anything that the check reads."""

    workspace = models.OneToOneField("trust.Workspace", primary_key=True, on_delete=models.CASCADE, related_name="+")
    stamp = models.UUIDField(default=new_id)
    unplanned = models.CharField(max_length=10, default="allow")

    class Meta:
        db_table = "collection_plan"


class SourcePolicy(models.Model):
    """What one source may do other than the rest; an empty choice follows the workspace or the interaction's own plan."""

    source = models.OneToOneField("collection.Source", primary_key=True, on_delete=models.CASCADE, related_name="+")
    workspace_id = models.BigIntegerField(db_index=True)
    unplanned = models.CharField(max_length=10, default="", blank=True)
    on_violation = models.CharField(max_length=10, default="", blank=True)

    class Meta:
        db_table = "collection_source_policy"


class PlannedInteraction(models.Model):
    """One interaction of the plan as it is now; `document` is what a file of it holds."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    document = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=254)

    class Meta:
        db_table = "collection_planned_interaction"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "kind", "name"], name="collection_planned_interaction_once"),
        ]


class PlanVersion(models.Model):
    """One change of one planned interaction: the document after it, or none where it was taken out."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    document = models.JSONField(null=True)
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.CharField(max_length=254)

    class Meta:
        db_table = "collection_plan_version"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "kind", "name", "version"], name="collection_plan_version_once"),
        ]


class SeenInteraction(models.Model):
    """An interaction that flows: accepted, or turned away by the plan. The one of kind `other` stands for all beyond the limit."""

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    accepted = models.BigIntegerField()
    turned = models.BigIntegerField()

    class Meta:
        db_table = "collection_seen_interaction"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace_id", "kind", "name"], name="collection_seen_interaction_once"),
        ]


class SeenHour(models.Model):
    """How many of one interaction one source brought in one hour."""

    pk = models.CompositePrimaryKey("interaction_id", "source_id", "hour")
    interaction_id = models.BigIntegerField()
    source_id = models.BigIntegerField()
    hour = models.DateTimeField(db_index=True)
    accepted = models.BigIntegerField()
    turned = models.BigIntegerField()

    class Meta:
        db_table = "collection_seen_hour"


class SeenSender(models.Model):
    """Who sends an interaction: source, client library with its version, channel."""

    pk = models.CompositePrimaryKey("interaction_id", "source_id", "channel", "library")
    interaction_id = models.BigIntegerField()
    source_id = models.BigIntegerField()
    channel = models.CharField(max_length=40)
    library = models.CharField(max_length=80)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "collection_seen_sender"


class SeenProperty(models.Model):
    """A property or trait of an interaction, and how often it came as which type. `*` stands for all beyond the limit."""

    pk = models.CompositePrimaryKey("interaction_id", "place", "name")
    interaction_id = models.BigIntegerField()
    place = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    string = models.BigIntegerField()
    integer = models.BigIntegerField()
    number = models.BigIntegerField()
    boolean = models.BigIntegerField()
    object = models.BigIntegerField()
    array = models.BigIntegerField()
    null = models.BigIntegerField()

    class Meta:
        db_table = "collection_seen_property"

    def counts(self) -> dict[str, int]:
        """Return how often it came as each type, most often first."""
        found = {name: int(getattr(self, name)) for name in TYPES}
        return dict(sorted(((k, n) for k, n in found.items() if n), key=lambda pair: -pair[1]))


class Violation(models.Model):
    """How often one rule of the plan was broken in one way on one day, by one source's library; `keys` are a few of them."""

    pk = models.CompositePrimaryKey("interaction_id", "day", "source_id", "library", "path", "code")
    interaction_id = models.BigIntegerField()
    day = models.DateField()
    source_id = models.BigIntegerField()
    library = models.CharField(max_length=80)
    path = models.CharField(max_length=220)
    code = models.CharField(max_length=20)
    action = models.CharField(max_length=10)
    count = models.BigIntegerField()
    last_seen = models.DateTimeField()
    keys = models.JSONField(default=list)

    class Meta:
        db_table = "collection_violation"
        indexes: ClassVar = [models.Index(fields=["day"], name="collection_violation_day")]
