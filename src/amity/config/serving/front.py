"""What stands before Django in the console's process: health, metrics, static files, limits on bodies, a clean end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from whitenoise.middleware import WhiteNoiseMiddleware

from amity.config.serving.readiness import Readiness
from amity.config.serving.standing import Standing
from amity.rooms.customers.http.profile import Reply
from amity.rooms.customers.http.quick import QuickProfiles

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_SECONDS, BODY_BYTES = 30.0, 32 * 1024 * 1024
_TEXT = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
_JSON = [
    (b"content-type", b"application/json; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_DISCONNECT: Message = {"type": "http.disconnect"}

REGISTRY = CollectorRegistry()
REGISTRY.register(Standing())
ANSWERED = Counter("amity_console_requests", "Requests answered, by method and status.", ["method", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "amity_console_request_seconds",
    "Seconds until an answer begins.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Front:
    """Answers `/healthz`, `/readyz`, `/metrics` and `/static/…`; passes the rest to Django, and counts it.

    `quick` answers what must come within milliseconds, and leaves the rest by returning None.
    """

    def __init__(self, inner: Application, *, quick: QuickProfiles | None = None) -> None:
        self.inner = inner
        self.quick = quick
        self.readiness = Readiness()
        self.ending = asyncio.Event()
        self.open: set[object] = set()
        self._static = WhiteNoiseMiddleware(lambda _: None)

    def end(self) -> None:
        """Let requests that are still open end, as if their clients had gone."""
        self.ending.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path in {"/healthz", "/readyz", "/metrics"}:
            await self._health(path, send)
        elif (static := self._static.files.get(path)) is not None:
            await _send_file(static, scope, send)
        else:
            await self._counted(scope, receive, send)

    async def _health(self, path: str, send: Send) -> None:
        if path == "/healthz":
            await _send(send, 200, _TEXT, b"ok\n")
        elif path == "/metrics":
            kind = [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")]
            await _send(send, 200, kind, await asyncio.to_thread(generate_latest, REGISTRY))
        else:
            missing = "stopping" if self.ending.is_set() else await self.readiness.missing()
            await _send(send, 503 if missing else 200, _TEXT, f"{missing or 'ready'}\n".encode())

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, method, one = time.perf_counter(), scope["method"], object()

        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                SECONDS.observe(time.perf_counter() - begun)
                ANSWERED.labels(method if method in _METHODS else "other", message["status"]).inc()
            await send(message)

        self.open.add(one)
        try:
            reply = None if self.quick is None else await self.quick.answer(scope)
            if reply is None:
                await self.inner(scope, self._bounded(receive), counted_send)
            else:
                await _send_reply(reply, counted_send)
        finally:
            self.open.discard(one)

    def _bounded(self, receive: Receive) -> Receive:
        """Return `receive` that gives up on a body that is too slow or too large, and on everything when we end."""
        whole, size, deadline = False, 0, time.monotonic() + BODY_SECONDS

        async def bounded() -> Message:
            nonlocal whole, size
            if whole:
                return await self._until_end(receive)
            try:
                message = await asyncio.wait_for(receive(), max(deadline - time.monotonic(), 0.001))
            except TimeoutError:
                return _DISCONNECT
            size += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            return message if size <= BODY_BYTES else _DISCONNECT

        return bounded

    async def _until_end(self, receive: Receive) -> Message:
        tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(receive()), asyncio.ensure_future(self.ending.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return _DISCONNECT if tasks[1].done() else tasks[0].result()
        finally:
            for task in tasks:
                task.cancel()


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _send_reply(reply: Reply, send: Send) -> None:
    if reply.etag:
        headers = [*_JSON, (b"etag", reply.etag.encode()), (b"cache-control", b"private, no-cache")]
    else:
        headers = [*_JSON, (b"cache-control", b"no-store, private")]
    await _send(send, reply.status, headers, reply.body)


async def _send_file(static: Any, scope: Scope, send: Send) -> None:
    asked = {
        "HTTP_" + name.decode("latin-1").upper().replace("-", "_"): value.decode("latin-1") for name, value in scope["headers"]
    }
    response = static.get_response(scope["method"], asked)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    headers += [(b"x-content-type-options", b"nosniff"), (b"cross-origin-resource-policy", b"same-origin")]
    await send({"type": "http.response.start", "status": int(response.status), "headers": headers})
    body = b""
    if response.file is not None:
        with response.file:
            body = response.file.read()
    await send({"type": "http.response.body", "body": body})
