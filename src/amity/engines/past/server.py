"""The history process: chDB behind the part of ClickHouse's HTTP interface that clickhouse-connect speaks."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from amity.engines.past.embedded import Embedded, Work
from amity.engines.past.statement import outside_word, read_statement
from amity.engines.past.wire import (
    MAX_BODY,
    TRANSPORT,
    Refused,
    bounded_unpack,
    choose_packing,
    error_status,
    form_fields,
    given_credentials,
    packer,
    same_secret,
)
from amity.kernel.ids import new_id

HOLD = 4 * 2**20  # an answer up to this size is kept until it is whole, so that a late error still gets its status
READERS, WRITERS, WAITING = 8, 4, 200
BODY_SECONDS = 120


class History:
    """The RSGI application."""

    def __init__(self, *, folder: Path, user: str, password: str) -> None:
        self._folder, self._user, self._password = folder, user, password
        self._engine: Embedded | None = None
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="write")
        self._busy = 0

    async def start(self) -> None:
        """Open the engine and warm it up; until then no request is served."""
        loop = asyncio.get_running_loop()
        self._engine = await loop.run_in_executor(self._writers, Embedded, self._folder)
        await loop.run_in_executor(self._readers, self._engine.warm_up)

    def stop(self) -> None:
        """Let running work end, then close the engine."""
        self._readers.shutdown(cancel_futures=True)
        self._writers.shutdown(cancel_futures=True)
        if self._engine:
            self._engine.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            protocol.close(400)
            return
        if scope.path in {"/ping", "/healthz", "/readyz"}:
            protocol.response_bytes(200, [("content-type", "text/plain")], b"Ok.\n")
            return
        try:
            await self._answer(scope, protocol)
        except Refused as refusal:
            _fail(protocol, str(refusal))

    async def _answer(self, scope: Any, protocol: Any) -> None:
        params = dict(parse_qsl(scope.query_string, keep_blank_values=True))
        user, password = given_credentials(lambda name: scope.headers.get(name) or "", params)
        if not (same_secret(user, self._user) & same_secret(password, self._password)):
            raise Refused(516, "AUTHENTICATION_FAILED", f"{user}: Authentication failed: password is incorrect")
        body = await _read_body(scope, protocol)
        content_type = scope.headers.get("content-type") or ""
        if content_type.startswith("multipart/form-data"):
            params.update(form_fields(body, content_type))
            body = b""
        work = _work(scope, params, body)
        if self._busy >= WAITING:
            raise Refused(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries.")
        self._busy += 1
        try:
            await self._perform(scope, protocol, work)
        finally:
            self._busy -= 1

    async def _perform(self, scope: Any, protocol: Any, work: Work) -> None:
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(2)
        engine = self._engine
        assert engine is not None  # noqa: S101

        def hand_over(piece: bytes | Exception | None) -> None:
            asyncio.run_coroutine_threadsafe(pieces.put(piece), loop).result()

        def run() -> None:
            try:
                for piece in engine.run(work):
                    hand_over(piece)
                hand_over(None)
            except Exception as error:  # noqa: BLE001
                hand_over(error)

        pool = self._readers if work.statement.reads else self._writers
        pool.submit(run)
        await _send(scope, protocol, work, pieces)


def _work(scope: Any, params: dict[str, str], body: bytes) -> Work:
    statement = read_statement(params.get("query", "").encode(), body)
    if word := outside_word(statement):
        raise Refused(291, "DATABASE_ACCESS_DENIED", f"The past gives no access to files: {word}")
    return Work(
        statement=statement,
        tag=str(new_id()),
        format=params.get("default_format") or scope.headers.get("x-clickhouse-format") or "TabSeparated",
        database=params.get("database") or scope.headers.get("x-clickhouse-database") or "",
        params={name[6:]: value for name, value in params.items() if name.startswith("param_")},
        settings={name: value for name, value in params.items() if name not in TRANSPORT and not name.startswith("param_")},
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


async def _send(scope: Any, protocol: Any, work: Work, pieces: asyncio.Queue[bytes | Exception | None]) -> None:
    held: list[bytes] = []
    size = 0
    while (piece := await pieces.get()) is not None and size + len(b"" if isinstance(piece, Exception) else piece) <= HOLD:
        if isinstance(piece, Exception):
            _fail(protocol, str(piece))
            return
        held.append(piece)
        size += len(piece)
    packing = (
        choose_packing(scope.headers.get("accept-encoding") or "") if "enable_http_compression=1" in scope.query_string else ""
    )
    headers = _headers(work)
    if piece is None:
        whole = b"".join(held)
        if packing and size > 1024:
            pack, finish = packer(packing)
            whole = pack(whole) + finish()
            headers.append(("content-encoding", packing))
        protocol.response_bytes(200, headers, whole)
        return
    if packing:
        headers.append(("content-encoding", packing))
    pack, finish = packer(packing)
    transport = protocol.response_stream(200, headers)
    for one in held:
        await transport.send_bytes(pack(one))
    while piece is not None:
        if isinstance(piece, Exception):
            await transport.send_bytes(pack(b"\r\n" + str(piece).encode()))
            break
        await transport.send_bytes(pack(piece))
        piece = await pieces.get()
    await transport.send_bytes(finish())


def _headers(work: Work) -> list[tuple[str, str]]:
    numbers = {name: str(value) for name, value in vars(work.summary).items()}
    return [
        ("content-type", "application/octet-stream"),
        ("x-clickhouse-summary", msgspec.json.encode(numbers).decode()),
        ("x-clickhouse-query-id", work.tag),
        ("x-clickhouse-timezone", "UTC"),
        ("x-clickhouse-format", work.statement.format or work.format),
    ]


def _fail(protocol: Any, text: str) -> None:
    status, code = error_status(text)
    protocol.response_bytes(
        status,
        [("content-type", "text/plain; charset=utf-8"), ("x-clickhouse-exception-code", code)],
        text.encode("utf-8", "replace"),
    )


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
        app.stop()
