"""Metrics: definitions that are contracts, their figures, and how sure they are."""

from __future__ import annotations

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """The room's registration."""

    name = "amity.rooms.metrics"
    label = "metrics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amity.kernel.holdings import register_holder
        from amity.shell.navigation import Command, Entry, register, register_command

        register_holder("metrics", "amity.rooms.metrics.actions.holdings")
        register(
            Entry(
                group="Discover", label="Metrics", icon="chart", url_name="metrics:list", permission="metrics.read", order=30,
                key="m",
            )
        )  # fmt: skip
        register(
            Entry(
                group="Discover", label="Dashboards", icon="table", url_name="metrics:dashboards", permission="metrics.read", order=31,
                key="d",
            )
        )  # fmt: skip
        register(
            Entry(
                group="Discover", label="Alerts", icon="bell", url_name="metrics:alerts", permission="metrics.read", order=32,
            )
        )  # fmt: skip
        register(
            Entry(
                group="Discover", label="Checks", icon="globe", url_name="metrics:checks", permission="metrics.read", order=33,
            )
        )  # fmt: skip
        register_command(
            Command(
                label="New check", icon="globe", url_name="metrics:new_check", permission="checks.write",
                words="synthetic monitoring uptime availability http probe",
            )
        )  # fmt: skip
        register_command(
            Command(
                label="Annotations", icon="pen", url_name="metrics:annotations", permission="metrics.read",
                words="release incident campaign what happened chart note",
            )
        )  # fmt: skip
        register_command(
            Command(
                label="New metric", icon="chart", url_name="metrics:new", permission="metrics.write",
                words="kpi measure nps csat ces revenue retention",
            )
        )  # fmt: skip
