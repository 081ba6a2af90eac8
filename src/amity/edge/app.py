"""The edge as Granian calls it: a table of paths, the CORS rules, and an answer for whatever goes wrong."""

from __future__ import annotations

from typing import Any

import structlog

from amity.edge.collect import Collect, Handler
from amity.edge.desk import Desk
from amity.edge.health import Health
from amity.edge.metrics import REFUSED
from amity.edge.reply import Headers, Refused, Reply
from amity.edge.request import Request
from amity.edge.sender import Networks

log = structlog.get_logger("amity.edge")

SEGMENT_KINDS = {"track": "t", "identify": "i", "page": "p", "screen": "s", "group": "g", "alias": "a"}
ALLOWED_HEADERS = "authorization, content-type, x-retry-count"
Route = dict[str, Handler]


class Edge:
    """The RSGI application."""

    def __init__(self, desk: Desk, *, trusted: Networks = ()) -> None:
        self.desk = desk
        self.trusted = trusted
        self.routes: dict[str, Route] = {}
        collect = Collect(desk)
        for path in ("batch", "b"):
            self.routes[f"/v1/{path}"] = {"POST": collect.batch()}
        for kind, letter in SEGMENT_KINDS.items():
            self.routes[f"/v1/{kind}"] = self.routes[f"/v1/{letter}"] = {"POST": collect.single(kind)}
        health = Health(desk)
        self.routes["/healthz"] = {"GET": health.alive}
        self.routes["/readyz"] = {"GET": health.ready}
        self.routes["/metrics"] = {"GET": health.metrics}

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            return
        origin = scope.headers.get("origin")
        try:
            reply = await self._answer(scope, proto)
        except Refused as refused:
            REFUSED.labels(refused.code).inc()
            reply = refused.reply()
        except Exception:
            log.exception("request_failed", path=scope.path, method=scope.method)
            REFUSED.labels("internal").inc()
            reply = Refused(500, "internal", "Amity failed at this. Send the same again; its log tells why.").reply()
        proto.response_bytes(reply.status, reply.headers + _cors(origin) if origin else reply.headers, reply.body)

    async def _answer(self, scope: Any, proto: Any) -> Reply:
        path: str = scope.path
        route = self.routes.get(path) or self.routes.get(path.rstrip("/"))
        if scope.method == "OPTIONS":
            return _preflight(scope)
        if route is None:
            raise Refused(
                404, "not_found", "There is nothing at this address. Amity's edge collects at /v1/batch and its neighbours."
            )
        handler = route.get(scope.method) or (route.get("GET") if scope.method == "HEAD" else None)
        if handler is None:
            allowed = ", ".join([*route, "OPTIONS"])
            raise Refused(405, "method_not_allowed", f"This address answers {allowed}.", headers=[("allow", allowed)])
        return await handler(Request(scope, proto, path=path, trusted=self.trusted))


def _cors(origin: str) -> Headers:
    """Let any page read the answer: a write key is public, and no cookie means anything here."""
    return [
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "Retry-After, X-RateLimit-Reset"),
        ("vary", "Origin"),
    ]


def _preflight(scope: Any) -> Reply:
    asked = scope.headers.get("access-control-request-headers") or ALLOWED_HEADERS
    return Reply(
        200,
        [
            ("access-control-allow-methods", "GET, POST, OPTIONS"),
            ("access-control-allow-headers", asked),
            ("access-control-max-age", "7200"),
        ],
        b"",
    )
