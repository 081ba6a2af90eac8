"""The tracking plan: what is planned now, each of its versions, and what sources may do other than the rest."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from amity.kernel.ids import new_id


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
