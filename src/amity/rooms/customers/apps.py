"""Customers: identity graph, profiles, timeline, consent."""

from __future__ import annotations

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """The room's registration."""

    name = "amity.rooms.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"
