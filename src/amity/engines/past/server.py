"""The history process: chDB behind the part of ClickHouse's HTTP interface that clickhouse-connect speaks."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from amity.engines.past.answering import Piece, send_answer, send_error
from amity.engines.past.embedded import Embedded, Work
from amity.engines.past.statement import outside_word, read_statement
from amity.engines.past.wire import MAX_BODY, TRANSPORT, Refused, bounded_unpack, form_fields, given_credentials, same_secret
from amity.kernel.ids import new_id

READERS, ASKERS, WRITERS, WAITING = 8, 2, 4, 200
BODY_SECONDS = 120
STOP_SECONDS = 8
_TEXT = [("content-type", "text/plain; charset=utf-8")]


class Meters:
    """What `/metrics` tells."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.queries = Counter(
            "amity_history_queries", "Statements by verb and outcome.", ["verb", "outcome"], registry=self.registry
        )
        self.seconds = Histogram("amity_history_seconds", "How long statements took.", ["verb"], registry=self.registry)
        self.running = Gauge("amity_history_running", "Statements being worked on or waiting.", registry=self.registry)
        self.written = Counter("amity_history_written_rows", "Rows inserted.", registry=self.registry)


class History:
    """The RSGI application."""

    def __init__(self, *, folder: Path, user: str, password: str) -> None:
        self._folder, self._user, self._password = folder, user, password
        self._engine: Embedded | None = None
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        # People's own SQL, which runs read-only: a function that never ends can't be stopped, and must not hold up our pages.
        self._askers = ThreadPoolExecutor(ASKERS, thread_name_prefix="ask")
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="write")
        self._control = ThreadPoolExecutor(1, thread_name_prefix="control")
        self._running: dict[str, Work] = {}
        self.meters = Meters()

    async def start(self) -> None:
        """Open the engine and warm it up; until then no request is served."""
        loop = asyncio.get_running_loop()
        self._engine = await loop.run_in_executor(self._control, Embedded, self._folder)
        await loop.run_in_executor(self._readers, self._engine.warm_up)

    async def stop(self) -> None:
        """Give up reads, let writes end, close the engine. After some seconds the process ends anyway: a crash loses nothing."""
        loop = asyncio.get_running_loop()
        for work in list(self._running.values()):
            work.abandoned = True
            if work.statement.reads:
                await loop.run_in_executor(self._control, self.engine.stop, work.tag)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                while self._running:  # noqa: ASYNC110  at the very end, and only then
                    await asyncio.sleep(0.02)
                await loop.run_in_executor(self._control, self.engine.close)
        except TimeoutError:
            os._exit(1)

    @property
    def engine(self) -> Embedded:
        """The engine, once started."""
        if self._engine is None:
            raise Refused(1002, "NOT_STARTED", "The past is starting.")
        return self._engine

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            protocol.close(400)
            return
        try:
            match scope.path:
                case "/ping" | "/healthz":
                    protocol.response_bytes(200, _TEXT, b"Ok.\n")
                case "/readyz":
                    await self._ready(protocol)
                case "/metrics":
                    protocol.response_bytes(
                        200, [("content-type", "text/plain; version=0.0.4")], generate_latest(self.meters.registry)
                    )
                case _:
                    await self._answer(scope, protocol)
        except Refused as refusal:
            send_error(protocol, str(refusal))

    async def _ready(self, protocol: Any) -> None:
        try:
            async with asyncio.timeout(5):
                await asyncio.get_running_loop().run_in_executor(self._control, self.engine.command, "SELECT 1")
        except (TimeoutError, RuntimeError):
            protocol.response_bytes(503, _TEXT, b"The engine does not answer.\n")
        else:
            protocol.response_bytes(200, _TEXT, b"ready\n")

    async def _answer(self, scope: Any, protocol: Any) -> None:
        params = dict(parse_qsl(scope.query_string, keep_blank_values=True))
        user, password = given_credentials(lambda name: scope.headers.get(name) or "", params)
        if not (same_secret(user, self._user) & same_secret(password, self._password)):
            raise Refused(516, "AUTHENTICATION_FAILED", "Authentication failed: password is incorrect, or there is no such user.")
        body = await _read_body(scope, protocol)
        content_type = scope.headers.get("content-type") or ""
        if content_type.startswith("multipart/form-data"):
            params.update(form_fields(body, content_type))
            body = b""
        work = _work(scope, params, body)
        if len(self._running) >= WAITING:
            raise Refused(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries.")
        await self._perform(scope, protocol, work)

    async def _perform(self, scope: Any, protocol: Any, work: Work) -> None:
        began = time.monotonic()
        self._running[work.tag] = work
        self.meters.running.set(len(self._running))
        pieces: asyncio.Queue[Piece] = asyncio.Queue(2)
        self._threads(work).submit(_run, self.engine, work, pieces, asyncio.get_running_loop())
        watch = asyncio.create_task(self._stop_when_gone(protocol, work))
        try:
            outcome = await send_answer(scope, protocol, work, pieces)
        finally:
            watch.cancel()
            del self._running[work.tag]
            self.meters.running.set(len(self._running))
        verb = work.statement.verb if work.statement.verb in {"SELECT", "WITH", "INSERT"} else "OTHER"
        self.meters.queries.labels(verb, outcome).inc()
        self.meters.seconds.labels(verb).observe(time.monotonic() - began)
        self.meters.written.inc(work.summary.written_rows)

    def _threads(self, work: Work) -> ThreadPoolExecutor:
        if not work.statement.reads:
            return self._writers
        return self._askers if work.settings.get("readonly") == "1" else self._readers

    async def _stop_when_gone(self, protocol: Any, work: Work) -> None:
        """When the client goes away, stop its read; a write is finished, for its client will ask again and find it done."""
        await protocol.client_disconnect()
        if work.statement.reads:
            work.abandoned = True
            await asyncio.get_running_loop().run_in_executor(self._control, self.engine.stop, work.tag)


def _run(engine: Embedded, work: Work, pieces: asyncio.Queue[Piece], loop: asyncio.AbstractEventLoop) -> None:
    """Work off one request in a thread; what comes out waits for the client to take it."""

    def hand_over(piece: Piece) -> None:
        asyncio.run_coroutine_threadsafe(pieces.put(piece), loop).result()

    try:
        _check_wanted(work)
        for piece in engine.run(work):
            hand_over(piece)
            _check_wanted(work)
    except Exception as error:  # noqa: BLE001  every error is the client's to know
        hand_over(error)
    else:
        hand_over(None)


def _check_wanted(work: Work) -> None:
    if work.abandoned:
        raise Refused(394, "QUERY_WAS_CANCELLED", "Query was cancelled.")


def _work(scope: Any, params: dict[str, str], body: bytes) -> Work:
    statement = read_statement(params.get("query", "").encode(), body)
    if word := outside_word(statement):
        raise Refused(291, "DATABASE_ACCESS_DENIED", f"The past gives no access to files: {word}")
    settings = {name: value for name, value in params.items() if name not in TRANSPORT and not name.startswith("param_")}
    if scope.method in {"GET", "HEAD"}:
        settings.setdefault("readonly", "2")  # as ClickHouse does it: a link can't write
    return Work(
        statement=statement,
        tag=str(new_id()),
        format=params.get("default_format") or scope.headers.get("x-clickhouse-format") or "TabSeparated",
        database=params.get("database") or scope.headers.get("x-clickhouse-database") or "",
        params={name[6:]: value for name, value in params.items() if name.startswith("param_")},
        settings=settings,
        query_id=params.get("query_id", ""),
    )


async def _read_body(scope: Any, protocol: Any) -> bytes:
    pieces, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in protocol:
                size += len(piece)
                if size > MAX_BODY:
                    raise Refused(299, "QUERY_IS_TOO_LARGE", f"The body is larger than {MAX_BODY} bytes.")
                pieces.append(piece)
    except TimeoutError:
        raise Refused(209, "SOCKET_TIMEOUT", "The body did not arrive in time.") from None
    return bounded_unpack(b"".join(pieces), (scope.headers.get("content-encoding") or "").lower())


async def serve(*, folder: Path, url: str) -> None:
    """Run the history process until SIGTERM or SIGINT. `url` says where to listen and with which user and password."""
    from granian.server.embed import Server

    at = urlsplit(url)
    app = History(folder=folder, user=unquote(at.username or "default"), password=unquote(at.password or ""))
    await app.start()
    server = Server(
        app,
        address=at.hostname or "127.0.0.1",
        port=at.port or 8123,
        interface="rsgi",
        websockets=False,
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, server.stop)
    try:
        await server.serve()
    finally:
        await app.stop()
