"""Identity rules as people change them: the draft, the versions that were in force, and the runs that try or apply them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class IdentityDraft(models.Model):
    """A workspace's rules as somebody is changing them; nothing follows them until they are applied."""

    workspace = models.OneToOneField("trust.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    rules = models.JSONField()  # as `rules.ruleset.plain` writes them
    by = models.TextField()
    by_id = models.TextField()
    changed_at = models.BigIntegerField()

    class Meta:
        db_table = "customers_identity_draft"


class IdentityVersion(models.Model):
    """Rules that were put in force, with who and why. What held before the first is the defaults."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    number = models.IntegerField()
    rules = models.JSONField()
    by = models.TextField()
    by_id = models.TextField()
    note = models.TextField(default="")
    made_at = models.BigIntegerField()

    class Meta:
        db_table = "customers_identity_version"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "number"], name="customers_identity_version_once")]


class IdentityRun(models.Model):
    """That rules are tried over history, or applied to it (then with the version). One of a workspace goes on at a time.

    `found` counts: `merges`, `splits`, `customers`, `refused` and `taken` by kind.
    `unmerge` is the run that the ledger's merges which no longer hold name.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(IdentityVersion, on_delete=models.CASCADE, null=True, related_name="runs")
    rules = models.JSONField()
    by = models.TextField()
    by_id = models.TextField()
    asked_at = models.BigIntegerField()
    phase = models.TextField(default="reading")  # reading, comparing, applying
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    found = models.JSONField(default=dict)
    unmerge = models.BigIntegerField(null=True)
    finished_at = models.BigIntegerField(null=True)
    stopped = models.BooleanField(default=False)
    trouble = models.TextField(default="")

    class Meta:
        db_table = "customers_identity_run"
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="customers_identity_run_ws")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], condition=models.Q(finished_at=None), name="customers_identity_run_one")
        ]


class IdentityGroup(models.Model):
    """Customers who change together under a run's rules and wait to be changed; or whom a run tells of.

    `taken` are [kind, value] that become theirs though nobody has them. `told` is what an example shows, or how large one is.
    """

    run = models.ForeignKey(IdentityRun, on_delete=models.CASCADE, related_name="groups")
    customers = ArrayField(models.UUIDField())
    taken = models.JSONField(default=list)
    waits = models.BooleanField(default=False)
    told = models.JSONField(default=dict)

    class Meta:
        db_table = "customers_identity_group"
        indexes: ClassVar = [
            models.Index(fields=["run", "id"], name="customers_identity_group_wait", condition=models.Q(waits=True)),
        ]
