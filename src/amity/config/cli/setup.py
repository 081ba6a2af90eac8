"""Ready Django for a command: only with running engines, and without leaving connections behind."""

from __future__ import annotations

import atexit
import os


def django_ready() -> None:
    """Set Django up. Raises NotRunning, which says how to start Amity, where the engines' addresses are unknown."""
    from amity.engines.addresses import addresses

    addresses()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.config.settings")
    import django
    from django.apps import apps

    if apps.ready:
        return
    django.setup()
    atexit.register(_close)


def _close() -> None:
    from django.db import connections

    for one in connections.all(initialized_only=True):
        one.close()
        close_pool = getattr(one, "close_pool", None)
        if close_pool is not None:
            close_pool()
