"""Checks that the supervisor makes of its children: each asks the process to do a little of its real work."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from amity.engines.disks import ENOUGH, free_on
from amity.engines.supervisor.spec import READY, Answer, Check

_LIMIT = 5.0


def http(port: int, path: str, *, host: str = "127.0.0.1") -> Check:
    """Return a check that asks `host` for `path`: 200 is ready, 503 busy with what it says, silence down."""

    async def check() -> Answer:
        try:
            async with asyncio.timeout(_LIMIT):
                status, body = await _get(host, port, path)
        except (OSError, TimeoutError, ValueError, EOFError) as error:
            return Answer("down", _said(error))
        return READY if status == 200 else Answer("busy", _told(body) or str(status))

    return check


def present(url: str) -> Check:
    """Return a check that signs in to PostgreSQL at `url` and asks it a question.

    "Starting up" and "in recovery" are busy, for as long as it takes; a connection limit reached is life, too.
    """

    async def check() -> Answer:
        import psycopg

        try:
            async with asyncio.timeout(_LIMIT), await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
                await connection.execute("SELECT 1")
        except (psycopg.errors.CannotConnectNow, psycopg.errors.TooManyConnections) as error:
            return Answer("busy", _said(error))
        except (psycopg.Error, OSError, TimeoutError) as error:
            text = _said(error)
            alive = any(part in text for part in ("starting up", "recovery", "shutting down", "too many clients"))
            return Answer("busy" if alive else "down", text)
        return READY

    return check


def log(url: str, *, data: Path) -> Check:
    """Return a check that asks a NATS server, as its system user, for its health: a failed write to disk shows there.

    After a failed write NATS stores nothing until it is started again, be there space or not. So a full disk (of `data`) is
    waited for, and then it is started again at once.
    """

    async def check() -> Answer:
        import nats

        try:
            async with asyncio.timeout(_LIMIT):
                client = await nats.connect(url, allow_reconnect=False, connect_timeout=2, error_cb=_quiet, name="supervisor")
                try:
                    reply = await client.request("$SYS.REQ.SERVER.PING.HEALTHZ", b"{}", timeout=3)
                finally:
                    await client.close()
        except (nats.errors.Error, OSError, TimeoutError) as error:
            return Answer("down", _said(error))
        health = msgspec.json.decode(reply.data)
        told = health.get("data") or {}
        if told.get("status") == "ok":
            return READY
        text = str(told.get("error") or health.get("error") or told)
        if "no space left" not in text:
            return Answer("down", text)
        return Answer("down", text, restart=True) if free_on(data) >= ENOUGH else Answer("busy", text)

    return check


async def _get(host: str, port: int, path: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.read(4096)
    finally:
        writer.close()
    return int(head.split(b" ", 2)[1]), body.decode("utf-8", "replace").strip()


def _told(body: str) -> str:
    """Return what a process says of itself: sentences of its own where it gives JSON that holds some."""
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body[:300]
    if isinstance(found, dict):
        if isinstance(problems := found.get("problems"), dict):
            return " ".join(str(one) for one in problems.values())[:600]
        return str(found.get("message") or body)[:300]
    return body[:300]


def _said(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[-1]


async def _quiet(_: Exception) -> None:
    """A failed check is an answer, not a traceback."""
