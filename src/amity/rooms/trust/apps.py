"""Trust: workspaces, people, roles, keys, audit."""

from __future__ import annotations

from django.apps import AppConfig


class TrustConfig(AppConfig):
    """The room's registration."""

    name = "amity.rooms.trust"
    label = "trust"
    default_auto_field = "django.db.models.BigAutoField"
