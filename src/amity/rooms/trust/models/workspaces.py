"""Workspaces: the row that every other is limited to."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from amity.rooms.trust.contracts import WorkspaceInfo


class Workspace(models.Model):
    """One company, or one part of it that shares nothing with the others."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())
    is_demo = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    retention_days = models.PositiveIntegerField(null=True, blank=True)  # of the past; empty keeps everything
    sessions_end_at_midnight = models.BooleanField(default=False)

    class Meta:
        db_table = "trust_workspace"

    def info(self) -> WorkspaceInfo:
        """Return this row as others may hold it."""
        return WorkspaceInfo(
            id=self.pk,
            slug=self.slug,
            name=self.name,
            is_demo=self.is_demo,
            time_zone=self.time_zone,
            currency=self.currency,
            retention_days=self.retention_days,
            sessions_end_at_midnight=self.sessions_end_at_midnight,
        )
