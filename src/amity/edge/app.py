"""The edge's one door: finds the handler, lets other pages read the answer, answers whatever goes wrong."""

from __future__ import annotations

import structlog

from amity.edge.limits import MB
from amity.edge.metrics import REFUSED
from amity.edge.patience import Patience
from amity.edge.reply import Headers, Refused, Reply
from amity.edge.request import Budget, Handler, Request, Terms
from amity.edge.routes import Route, Routes
from amity.edge.wire.message import Broken, Gone, Message
from amity.kernel.network import Networks

log = structlog.get_logger("amity.edge")

MOST_READING = 256 * MB
ALLOWED_HEADERS = "authorization, content-type, x-retry-count"


class Edge:
    """Answers every request."""

    def __init__(self, routes: Routes, *, trusted: Networks, body_seconds: float) -> None:
        self.routes = routes
        self.terms = Terms(trusted, Patience(body_seconds), Budget(MOST_READING))

    async def handle(self, message: Message) -> None:
        """Answer one request."""
        request = Request(message, terms=self.terms)
        try:
            reply = await self._handler(message)(request)
        except Refused as refused:
            REFUSED.add(refused.code)
            reply = refused.reply()
        except Gone:
            REFUSED.add("gone")
            return
        except Broken:
            REFUSED.add("no_http")
            reply = Refused(400, "no_http", "The body breaks off: what follows is no HTTP.").reply()
        except Exception:
            log.exception("request_failed", path=_shown(message.path), method=message.method)
            REFUSED.add("internal")
            reply = Refused(500, "internal", "Amity failed at this. Send the same again; its log tells why.").reply()
        finally:
            request.close()
        origin = message.headers.get("origin")
        message.answer(Reply(reply.status, reply.headers + _cors(origin), reply.body) if origin else reply)

    def _handler(self, message: Message) -> Handler:
        route = self.routes.find(message.path)
        if route is None:
            raise Refused(404, "not_found", "There is nothing at this address; /openapi.json lists what there is.")
        handler = route.get(message.method)
        if handler is not None:
            return handler
        if message.method == "OPTIONS":
            return _preflight(route)
        allowed = ", ".join([*route, "OPTIONS"])
        raise Refused(405, "method_not_allowed", f"This address answers {allowed}.", headers=[("allow", allowed)])


def _shown(path: str) -> str:
    """Return a path without the write key that some hold."""
    parts = path.split("/")
    return (
        path if len(parts) < 4 else "/".join(["…" if len(part) > 12 and at in {2, 3} else part for at, part in enumerate(parts)])
    )


def _cors(origin: str) -> Headers:
    """Let any page read the answer: a write key is public, and no cookie means anything here."""
    return [
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "Retry-After, X-RateLimit-Reset"),
        ("vary", "Origin"),
    ]


def _preflight(route: Route) -> Handler:
    """Allow what was asked for: older clients and proxies bring headers of their own."""

    async def handle(request: Request) -> Reply:
        return Reply(
            200,
            [
                ("access-control-allow-methods", ", ".join([*route, "OPTIONS"])),
                ("access-control-allow-headers", request.header("access-control-request-headers") or ALLOWED_HEADERS),
                ("access-control-max-age", "7200"),
            ],
            b"",
        )

    return handle
