"""Segments by behaviour: that customers were sorted, what was learned, and who is in which."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from amity.rooms.customers.models.matching import WAITING


class ClusterRun(models.Model):
    """That a workspace's customers are sorted by behaviour, or were. Whoever works it holds its `claim` and tells of itself at `told_at`.

    `wanted`: by which groups of features, how many segments (0: as the data say), from how many interactions on. `model` is what was
    learned (rules.clustering.model.Model): it sorts new customers by the same definition. `lists`: which list each segment is kept
    in, once somebody wanted that; then it is sorted anew every day.
    """

    workspace = models.ForeignKey(
        "trust.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    state = models.CharField(max_length=8, default=WAITING)
    person = models.TextField(default="")
    person_id = models.TextField(default="")
    asked_at = models.BigIntegerField()
    started_at = models.BigIntegerField(null=True)
    finished_at = models.BigIntegerField(null=True)
    claim = models.CharField(max_length=32, default="")
    told_at = models.DateTimeField(db_default=Now())
    stop_asked = models.BooleanField(default=False)
    doing = models.TextField(default="")
    share = models.FloatField(default=0.0)  # of the work that is done, 0 to 1
    wanted = models.JSONField()
    sorted_customers = models.BigIntegerField(default=0)
    withheld = models.BigIntegerField(default=0)  # who may not be profiled
    few = models.BigIntegerField(default=0)  # who did too little
    model = models.JSONField(default=dict)
    lists = models.JSONField(default=dict)
    sorted_at = models.BigIntegerField(null=True)  # when members were last sorted
    trouble = models.TextField(default="")

    class Meta:
        db_table = "customers_cluster_run"
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="customers_cluster_run_ws")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(state__in=["waiting", "running"]), name="customers_cluster_run_once"
            )
        ]


class ClusterMember(models.Model):
    """In which segment of a run a customer is, and how far from its centre. The newest runs are kept, so that they can be compared."""

    pk = models.CompositePrimaryKey("run_id", "customer_id")
    run = models.ForeignKey(ClusterRun, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id = models.UUIDField(db_index=True)
    segment = models.SmallIntegerField()
    distance = models.FloatField()

    class Meta:
        db_table = "customers_cluster_member"
        indexes: ClassVar = [models.Index(fields=["run", "segment", "distance"], name="customers_cluster_nearest")]
