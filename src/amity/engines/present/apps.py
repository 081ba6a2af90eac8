"""The present: PostgreSQL, its outboxes and the log positions that commit with every effect."""

from __future__ import annotations

from django.apps import AppConfig


class PresentConfig(AppConfig):
    """Django's handle on the engine's own tables."""

    name = "amity.engines.present"
    label = "present"
    default_auto_field = "django.db.models.BigAutoField"
