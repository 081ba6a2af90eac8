"""Ready Django for a command: only with running engines, and without leaving connections behind."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amity.rooms.trust.contracts import WorkspaceInfo


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


def print_json(value: object) -> None:
    """Print a value as JSON that a person can read too; times and ids as text."""
    import json

    import click

    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def chosen_workspace(slug: str | None) -> WorkspaceInfo:
    """Return the workspace that `--workspace` names, else the default one. Raises NotFound."""
    from amity.rooms.trust.api import default_workspace, get_workspace

    return get_workspace(slug) if slug else default_workspace()


def _close() -> None:
    from django.db import connections

    for one in connections.all(initialized_only=True):
        one.close()
        close_pool = getattr(one, "close_pool", None)
        if close_pool is not None:
            close_pool()
