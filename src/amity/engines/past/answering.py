"""How a query's answer goes out: whole where it is small, in pieces where it is large, and an error at any point."""

from __future__ import annotations

import asyncio
import secrets
import string
from contextlib import suppress
from typing import Any

import msgspec

from amity.engines.past.embedded import Work
from amity.engines.past.wire import choose_packing, error_status, packer

HOLD = 4 * 2**20  # an answer up to this size is kept until it is whole, so that a late error still gets its status
Piece = bytes | Exception | None  # None: that was all

_PACK_FROM = 1024


async def send_answer(scope: Any, protocol: Any, work: Work, pieces: asyncio.Queue[Piece]) -> str:
    """Send a query's pieces as they come, and return the outcome: `ok` or the exception's code.

    The queue is read to its end whatever happens, for a thread waits at its other side.
    """
    held: list[bytes] = []
    size = 0
    while isinstance(piece := await pieces.get(), bytes):
        held.append(piece)
        size += len(piece)
        if size > HOLD:
            return await _stream(scope, protocol, work, held, pieces)
    if isinstance(piece, Exception):
        return send_error(protocol, str(piece))
    packing = _packing(scope) if size > _PACK_FROM else ""
    pack, finish = packer(packing)
    whole = pack(b"".join(held)) + finish()
    with suppress(Exception):  # the client may have gone
        protocol.response_bytes(200, _headers(work, packing), whole)
    return "ok"


def send_error(protocol: Any, text: str) -> str:
    """Answer with an error in ClickHouse's form; return its code."""
    status, code = error_status(text)
    headers = [("content-type", "text/plain; charset=utf-8"), ("x-clickhouse-exception-code", code)]
    with suppress(Exception):  # the client may have gone
        protocol.response_bytes(status, headers, text.encode("utf-8", "replace") + b"\n")
    return code


async def _stream(scope: Any, protocol: Any, work: Work, held: list[bytes], pieces: asyncio.Queue[Piece]) -> str:
    packing = _packing(scope)
    pack, finish = packer(packing)
    tag = "".join(secrets.choice(string.ascii_lowercase) for _ in range(16))
    transport = protocol.response_stream(200, [*_headers(work, packing), ("x-clickhouse-exception-tag", tag)])
    there, outcome = True, "ok"

    async def out(data: bytes) -> bool:
        try:
            if data:
                await transport.send_bytes(data)
        except Exception:  # noqa: BLE001  the client has gone
            return False
        return True

    for one in held:
        there = there and await out(pack(one))
    held.clear()
    while (piece := await pieces.get()) is not None:
        if isinstance(piece, Exception):
            outcome = error_status(str(piece))[1]
            there = there and await out(pack(tagged_error(str(piece), tag)))
            break
        there = there and await out(pack(piece))
    if there:
        await out(finish())
    return outcome


def tagged_error(text: str, tag: str) -> bytes:
    """Return an error in the form that ClickHouse writes into an answer that has begun (since 25.11)."""
    message = text.encode("utf-8", "replace") + b"\n"
    name = tag.encode()
    return (
        b"\r\n__exception__\r\n" + name + b"\r\n" + message + str(len(message)).encode() + b" " + name + b"\r\n__exception__\r\n"
    )


def _packing(scope: Any) -> str:
    if "enable_http_compression=1" not in scope.query_string:
        return ""
    return choose_packing(scope.headers.get("accept-encoding") or "")


def _headers(work: Work, packing: str) -> list[tuple[str, str]]:
    numbers = {name: str(value) for name, value in vars(work.summary).items()}
    headers = [
        ("content-type", "application/octet-stream"),
        ("x-clickhouse-summary", msgspec.json.encode(numbers).decode()),
        ("x-clickhouse-query-id", work.query_id or work.tag),
        ("x-clickhouse-timezone", "UTC"),
        ("x-clickhouse-server-display-name", "amity"),
    ]
    if work.statement.answers:
        headers.append(("x-clickhouse-format", work.statement.format or work.format))
    if packing:
        headers.append(("content-encoding", packing))
    return headers
