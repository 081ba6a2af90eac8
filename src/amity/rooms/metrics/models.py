"""Metrics: what they are called, and each version of what they are."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Metric(models.Model):
    """A named metric. `version` is the one in force; `origin` names the shipped definition that it was made of.

    Times are ms since 1970. `owner` is whoever answers for it, by name: a colleague or a team.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, default="")
    owner = models.CharField(max_length=120, blank=True, default="")
    origin = models.CharField(max_length=60, blank=True, default="")
    version = models.IntegerField(default=1)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    archived_at = models.BigIntegerField(null=True)
    archived_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "metrics_metric"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="metrics_metric_once", condition=models.Q(archived_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["workspace", "origin"],
                name="metrics_metric_origin",
                condition=models.Q(archived_at__isnull=True) & ~models.Q(origin=""),
            ),
        ]


class MetricVersion(models.Model):
    """One version of a metric's definition (rules.language). It is never changed: a change makes the next one."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.IntegerField()
    definition = models.JSONField()
    note = models.CharField(max_length=500, blank=True, default="")
    made_at = models.BigIntegerField()
    made_by = models.CharField(max_length=254)

    class Meta:
        db_table = "metrics_version"
        constraints: ClassVar = [models.UniqueConstraint(fields=["metric", "number"], name="metrics_version_once")]


class Dashboard(models.Model):
    """Metrics side by side (`tiles`, see rules.tiles). `shared_digest`: SHA-256 of the secret part of its read-only link, empty without one."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, default="")
    tiles = models.JSONField(default=list)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    archived_at = models.BigIntegerField(null=True)
    shared_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    shared_at = models.BigIntegerField(null=True)
    shared_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "metrics_dashboard"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="metrics_dashboard_once", condition=models.Q(archived_at__isnull=True)
            )
        ]


class AlertRule(models.Model):
    """What is watched for on a metric (rules.watching.Watch), who is told, and where that stands.

    `owner` and `second` are ids of people; the second is told where nobody answers within `escalate_after` minutes. `hook` is an
    address that is told, too, signed with `hook_secrets` (sealed JSON of [secret, until when in ms]). `breakdowns` is what an alert is
    explained by. Steps up to `checked_to` (ms) are judged; `out` and `calm` of them, in a row, were so.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="+")
    step = models.CharField(max_length=10)
    side = models.CharField(max_length=10)
    limit = models.FloatField(null=True)
    back = models.FloatField(null=True)
    sure = models.BooleanField(default=False)
    chance = models.FloatField(default=0.01)
    row = models.IntegerField(default=1)
    breakdowns = models.JSONField(default=list)
    owner = models.CharField(max_length=40, blank=True, default="")
    second = models.CharField(max_length=40, blank=True, default="")
    escalate_after = models.IntegerField(default=0)
    hook = models.CharField(max_length=2_000, blank=True, default="")
    hook_secrets = models.TextField(blank=True, default="")
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    archived_at = models.BigIntegerField(null=True)
    checked_to = models.BigIntegerField(default=0)
    out = models.IntegerField(default=0)
    calm = models.IntegerField(default=0)
    next_at = models.BigIntegerField(default=0, db_index=True)
    trouble = models.TextField(blank=True, default="")

    class Meta:
        db_table = "metrics_alert_rule"


class Alert(models.Model):
    """One episode of a rule: from the step that began at `first` to the last one that was out (ms), told by the one furthest out.

    `why` are the segments that explain most of the change (rules.explaining), as they were found last.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.IntegerField()
    side = models.CharField(max_length=10)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    steps = models.IntegerField(default=1)
    worst_first = models.BigIntegerField()
    worst_last = models.BigIntegerField()
    value = models.FloatField()
    expected = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    far = models.FloatField(default=0)
    events = models.BigIntegerField()
    customers = models.BigIntegerField()
    why = models.JSONField(default=dict)
    opened_at = models.BigIntegerField()
    closed_at = models.BigIntegerField(null=True)
    acknowledged_at = models.BigIntegerField(null=True)
    acknowledged_by = models.CharField(max_length=254, blank=True, default="")
    snoozed_until = models.BigIntegerField(null=True)
    snoozed_by = models.CharField(max_length=254, blank=True, default="")
    escalated_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "metrics_alert"
        indexes: ClassVar = [models.Index(fields=["workspace", "-opened_at"], name="metrics_alert_newest")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule"], name="metrics_alert_open_once", condition=models.Q(closed_at__isnull=True)),
            models.UniqueConstraint(fields=["rule", "first"], name="metrics_alert_episode_once"),
        ]

    @property
    def state(self) -> str:
        """One word: `closed`, `acknowledged` or `open`."""
        return "closed" if self.closed_at is not None else "acknowledged" if self.acknowledged_at is not None else "open"


class AlertNotice(models.Model):
    """That somebody is told of an alert: that it opened, went to them, or is over. `due_at` is when it is tried (again), none once done.

    `person` is a colleague's id, or empty for the rule's webhook.
    """

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="+", db_index=False)
    what = models.CharField(max_length=10)
    person = models.CharField(max_length=40)
    made_at = models.BigIntegerField()
    due_at = models.BigIntegerField(null=True, db_index=True)
    attempts = models.IntegerField(default=0)
    sent_at = models.BigIntegerField(null=True)
    trouble = models.TextField(blank=True, default="")

    class Meta:
        db_table = "metrics_alert_notice"
        constraints: ClassVar = [models.UniqueConstraint(fields=["alert", "what", "person"], name="metrics_alert_notice_once")]


class Annotation(models.Model):
    """What happened when, for charts: a release, an incident, a campaign. From `first` to `last` (ms), or at once where there is none."""

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    text = models.CharField(max_length=300)
    first = models.BigIntegerField()
    last = models.BigIntegerField(null=True)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)

    class Meta:
        db_table = "metrics_annotation"
        indexes: ClassVar = [models.Index(fields=["workspace", "first"], name="metrics_annotation_when")]


class Check(models.Model):
    """A synthetic check: requests that Amity makes `every` so many minutes as a customer's program would (`steps`, rules.checks.language).

    `seconds` bound a run of it. `secrets` is sealed JSON by name, empty without any. Times in ms; it is due at `next_at`.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    steps = models.JSONField(default=list)
    secrets = models.TextField(blank=True, default="")
    every = models.IntegerField(default=5)
    seconds = models.IntegerField(default=15)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    updated_at = models.BigIntegerField()
    updated_by = models.CharField(max_length=254)
    paused_at = models.BigIntegerField(null=True)
    paused_by = models.CharField(max_length=254, blank=True, default="")
    archived_at = models.BigIntegerField(null=True)
    next_at = models.BigIntegerField(default=0, db_index=True)

    class Meta:
        db_table = "metrics_check"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="metrics_check_once", condition=models.Q(archived_at__isnull=True)
            )
        ]


class CheckRun(models.Model):
    """One run of a check: whether all was as it must be, `ms` that its answers took, and at which `step` (from 1) it failed why.

    `answers` are [status, ms] of each step that was answered; `excerpt` begins the answer that failed, without secrets.
    """

    of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="runs", db_index=False)
    started_at = models.BigIntegerField()
    ok = models.BooleanField()
    ms = models.IntegerField()
    answers = models.JSONField(default=list)
    step = models.IntegerField(default=0)
    reason = models.CharField(max_length=20, blank=True, default="")
    said = models.CharField(max_length=500, blank=True, default="")
    excerpt = models.TextField(blank=True, default="")

    class Meta:
        db_table = "metrics_check_run"
        indexes: ClassVar = [
            models.Index(fields=["of", "-started_at"], name="metrics_check_run_newest"),
            models.Index(fields=["started_at"], name="metrics_check_run_oldest"),
        ]


class DashboardLetter(models.Model):
    """That a dashboard goes to colleagues by e-mail: at `hour` of the workspace's time zone, daily, or on `weekday` (0 is Monday).

    `people` are ids of colleagues. `owner` is the id of who set it up: without the permission to see dashboards, nothing is sent any
    more, and `stopped` says why. Times in ms; the next is due at `next_at`.
    """

    workspace = models.ForeignKey("trust.Workspace", on_delete=models.CASCADE, related_name="+")
    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="+")
    weekday = models.IntegerField(null=True)
    hour = models.IntegerField()
    people = models.JSONField(default=list)
    owner = models.CharField(max_length=40)
    created_at = models.BigIntegerField()
    created_by = models.CharField(max_length=254)
    next_at = models.BigIntegerField(db_index=True)
    stopped = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "metrics_dashboard_letter"


class DashboardPost(models.Model):
    """One letter to one colleague of one turn (`slot`, ms). It is taken before it is sent, so that it goes out once at most.

    `due_at` is when it is tried (again), none once it is taken or done; `sent_at` that the mail server took it.
    """

    letter = models.ForeignKey(DashboardLetter, on_delete=models.CASCADE, related_name="+", db_index=False)
    slot = models.BigIntegerField()
    person = models.CharField(max_length=40)
    due_at = models.BigIntegerField(null=True, db_index=True)
    attempts = models.IntegerField(default=0)
    taken_at = models.BigIntegerField(null=True)
    sent_at = models.BigIntegerField(null=True)
    trouble = models.TextField(blank=True, default="")

    class Meta:
        db_table = "metrics_dashboard_post"
        constraints: ClassVar = [models.UniqueConstraint(fields=["letter", "slot", "person"], name="metrics_dashboard_post_once")]
