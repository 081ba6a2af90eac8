"""What only RudderStack's clients ask for: pixels, beacons and the source's configuration."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from amity.edge import segment
from amity.edge.desk import Desk
from amity.edge.limits import RUDDERSTACK
from amity.edge.reply import Refused, Reply, json_reply
from amity.edge.request import Handler, Request
from amity.facts.interaction import Kind

_GIF = Reply(
    200,
    [("content-type", "image/gif"), ("cache-control", "no-store")],
    base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
)
_encode = msgspec.json.Encoder().encode


class Rudder:
    """Handlers of `/pixel/v1/…` and `/sourceConfig`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def pixel(self, kind: Kind) -> Handler:
        """Return the handler of a pixel: the event's fields stand in the query, `properties.price=3` names one inside."""

        async def handle(request: Request) -> Reply:
            source = await self.desk.source(request)
            event = _encode(_fields(request.query))
            read = segment.read(event, batch=False)
            intake = self.desk.open(request, source, dialect="rudderstack")
            if read is None or len(event) > RUDDERSTACK.event:
                raise Refused(400, "not_json", "The query does not make an event.")
            segment.judge(intake, read, kind=kind)
            await self.desk.store(intake)
            return _GIF

        return handle

    async def source_config(self, request: Request) -> Reply:
        """Answer what RudderStack's browser client needs to start: a source without any destination of its own."""
        source = await self.desk.source(request)
        quiet = {"errors": {"enabled": False}, "metrics": {"enabled": False}}
        return json_reply(
            {
                "source": {
                    "id": f"amity-{source.source}",
                    "name": source.name,
                    "writeKey": source.write_key,
                    "enabled": True,
                    "workspaceId": f"amity-{source.workspace}",
                    "config": {"statsCollection": quiet},
                    "destinations": [],
                },
                "updatedAt": None,
            }
        )


def _fields(query: dict[str, str]) -> dict[str, Any]:
    """Return an event from a query. A pixel is often written by hand, so quotes around an anonymousId are forgiven."""
    event: dict[str, Any] = {"channel": "web"}
    for name, value in query.items():
        if name == "writeKey":
            continue
        inner = event
        *path, last = name.split(".", 8)
        for step in path:
            below = inner.setdefault(step, {})
            if not isinstance(below, dict):
                break
            inner = below
        inner[last] = value
    if isinstance(event.get("anonymousId"), str):
        event["anonymousId"] = event["anonymousId"].strip('"')
    return event
