"""`python -m amity.config.serving.demo_keys`: prints the demo sources' write keys as JSON, null where the demo is gone.

A short-lived child of the trickle's, which so never holds Django and its memory.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Print the keys in the order of the demo's sources."""
    from amity.config.cli.setup import django_ready

    django_ready()
    from amity.demo.company import SOURCES
    from amity.kernel.errors import NotFound
    from amity.rooms.collection.api import list_sources
    from amity.rooms.trust.api import get_workspace

    keys: list[str] | None
    try:
        where = get_workspace("linden")
        there = {one.name: one for one in list_sources(workspace_id=where.id) if one.disabled_at is None} if where.is_demo else {}
        keys = [there[name].write_key for _, name, _ in SOURCES]
    except (NotFound, KeyError):
        keys = None
    sys.stdout.write(json.dumps(keys))


if __name__ == "__main__":
    main()
