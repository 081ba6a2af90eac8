"""The connectors there are. A new one is a class in a module beside this one, and a line here; see docs/connectors.md."""

from __future__ import annotations

from collections.abc import Mapping

from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.sync.connectors.folder import Folder
from amity.rooms.customers.actions.sync.connectors.s3 import Bucket
from amity.rooms.customers.actions.sync.connectors.webhook import Webhook
from amity.rooms.customers.rules.sync.connector import Connector

CONNECTORS: Mapping[str, Connector] = {one.kind: one for one in (Webhook(), Folder(), Bucket())}


def connector_of(kind: str) -> Connector:
    """Return a connector. Raises Invalid, which lists the kinds there are."""
    if kind not in CONNECTORS:
        raise Invalid(f"There is no kind of destination {kind!r}; there are {', '.join(CONNECTORS)}.")
    return CONNECTORS[kind]
