"""What a workspace chose about who is who. People edit these rows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class IdentityRule(models.Model):
    """A workspace's own rule for one kind of identifier; kinds without one follow the defaults in `rules`."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    limit = models.PositiveIntegerField(null=True)  # empty: no limit
    priority = models.PositiveIntegerField()
    blocked = models.JSONField(default=list)  # values, whatever their case
    patterns = models.JSONField(default=list)  # regular expressions that a blocked value matches as a whole

    class Meta:
        db_table = "customers_identity_rule"
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "kind"], name="customers_identity_rule_once")]


class IdentitySetting(models.Model):
    """What else a workspace chose about identity. `phone_region` reads national phone numbers; empty: none are taken."""

    workspace = models.OneToOneField("trust.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    phone_region = models.CharField(max_length=2, default="", blank=True)

    class Meta:
        db_table = "customers_identity_setting"
