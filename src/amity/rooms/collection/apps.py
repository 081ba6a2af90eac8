"""Collection: sources, write keys, quarantine, health."""

from __future__ import annotations

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    """The room's registration."""

    name = "amity.rooms.collection"
    label = "collection"
    default_auto_field = "django.db.models.BigAutoField"
