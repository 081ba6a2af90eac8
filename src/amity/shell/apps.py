"""The shell: the frame that every page of the console stands in."""

from __future__ import annotations

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """The frame's registration."""

    name = "amity.shell"
    label = "shell"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amity.shell.logs import keep_links_out

        keep_links_out()
