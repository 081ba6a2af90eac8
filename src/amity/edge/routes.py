"""Every address of the edge."""

from __future__ import annotations

from amity.edge.boot import Boot
from amity.edge.collect import Collect
from amity.edge.desk import Desk
from amity.edge.health import Health
from amity.edge.hog import Hog
from amity.edge.limits import POSTHOG_BATCH, POSTHOG_EVENT
from amity.edge.openapi import document
from amity.edge.reply import Reply, json_reply
from amity.edge.request import Handler, Request
from amity.edge.rudder import Rudder
from amity.edge.snippet import serve
from amity.facts.interaction import Kind

Route = dict[str, Handler]

LETTERS: dict[Kind, str] = {"track": "t", "identify": "i", "page": "p", "screen": "s", "group": "g", "alias": "a"}


class Routes:
    """Finds handlers: exact paths in a dictionary, with or without a slash at the end, and two shapes with a key inside."""

    def __init__(self, desk: Desk, *, public_url: str) -> None:
        boot, hog, rudder, health = Boot(desk, public_url=public_url), Hog(desk), Rudder(desk), Health(desk)
        self._settings: Route = {"GET": boot.settings, "HEAD": boot.settings}
        self._array: Route = {"GET": boot.array, "HEAD": boot.array}
        self._exact: dict[str, Route] = {
            **_segment(Collect(desk)),
            "/amity.js": {"GET": serve, "HEAD": serve},
            "/v1/m": {"POST": boot.metrics},
            **{f"/pixel/v1/{kind}": {"GET": rudder.pixel(kind)} for kind in ("track", "page")},
            "/sourceConfig": {"GET": rudder.source_config},
            **{path: _both(hog.capture(POSTHOG_EVENT)) for path in ("/e", "/capture", "/i/v0/e")},
            **{path: _both(hog.capture(POSTHOG_BATCH)) for path in ("/batch", "/i/v0/ai/batch")},
            "/i/v1/analytics/events": {"POST": hog.capture_v1},
            **{path: _both(hog.flags) for path in ("/flags", "/decide")},
            "/s": {"POST": hog.recording},
            "/healthz": {"GET": health.alive, "HEAD": health.alive},
            "/readyz": {"GET": health.ready, "HEAD": health.ready},
            "/metrics": {"GET": health.metrics},
            "/openapi.json": {"GET": _openapi(document(public_url))},
        }

    def addresses(self) -> list[tuple[str, Route]]:
        """Return every path, those with a key inside as templates."""
        array = [(f"/array/{{token}}/{name}", self._array) for name in ("config", "config.js")]
        return [*self._exact.items(), ("/v1/projects/{writeKey}/settings", self._settings), *array]

    def find(self, path: str) -> Route | None:
        """Return the methods of a path, None where there is nothing."""
        route = self._exact.get(path)
        if route is not None or path == "/":
            return route
        if path[-1:] == "/":  # it is empty in a CONNECT
            return self._exact.get(path[:-1])
        parts = path.split("/")
        if len(parts) == 5 and parts[1] == "v1" and parts[2] == "projects" and parts[4] == "settings":
            return self._settings
        if len(parts) == 4 and parts[1] == "array" and parts[3] in {"config", "config.js"}:
            return self._array
        return None


def _segment(collect: Collect) -> dict[str, Route]:
    batches = ("/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch")
    routes: dict[str, Route] = {path: {"POST": collect.batch()} for path in batches}
    for kind, letter in LETTERS.items():
        routes[f"/v1/{kind}"] = routes[f"/v1/{letter}"] = {"POST": collect.single(kind)}
    return routes


def _both(handler: Handler) -> Route:
    return {"POST": handler, "GET": handler}


def _openapi(contents: dict[str, object]) -> Handler:
    answer = json_reply(contents)

    async def handle(request: Request) -> Reply:
        del request
        return answer

    return handle
