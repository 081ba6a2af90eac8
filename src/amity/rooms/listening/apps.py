"""Listening: surveys, asked by link; what people answer, in the log and counted."""

from __future__ import annotations

from django.apps import AppConfig


class ListeningConfig(AppConfig):
    """The room's registration."""

    name = "amity.rooms.listening"
    label = "listening"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amity.kernel.holdings import register_holder
        from amity.shell.navigation import Command, Entry, register, register_command

        register_holder("listening", "amity.rooms.listening.actions.holdings")
        register(
            Entry(
                group="Discover", label="Surveys", icon="hear", url_name="listening:surveys", permission="surveys.read", order=28,
                key="q",
            )
        )  # fmt: skip
        register_command(
            Command(
                label="New survey", icon="hear", url_name="listening:new", permission="surveys.write",
                words="ask question nps csat ces feedback form",
            )
        )  # fmt: skip
