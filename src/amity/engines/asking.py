"""Asks each engine how it is, with one short-lived connection and a few seconds of patience."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from amity.engines.log.client import STREAM, Log
from amity.kernel.errors import NotRunning

OLDEST = {"log": (2, 11), "present": (15,), "past": (25, 3)}
_PATIENCE = 8.0  # seconds: a machine under load answers late, and late is not down

_PRESENT_SQL = """
SELECT current_setting('server_version'), pg_database_size(current_database()),
       extract(epoch FROM clock_timestamp())::float8, to_regclass('present_position') IS NOT NULL,
       to_regclass('present_log_damage') IS NOT NULL
"""
_READERS_SQL = "SELECT reader, seq, halted FROM present_position ORDER BY reader"
_PENDING_SQL = """
SELECT (SELECT count(*) FROM present_past_batch), (SELECT coalesce(sum(rows), 0) FROM present_past_batch),
       (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM present_past_batch),
       (SELECT count(*) FROM present_outbox_fact)
"""
_DAMAGE_SQL = """
SELECT outcome, first_seq, last_seq, interactions, decided_by, reason, extract(epoch FROM created_at)::float8
FROM present_log_damage WHERE created_at > now() - interval '30 days' ORDER BY id DESC LIMIT 20
"""
_PAST_SQL = """
SELECT version() AS version, (SELECT sum(bytes_on_disk) FROM system.parts WHERE active) AS bytes,
       (SELECT max(last_error_message) FROM system.errors WHERE name IN ('CHECKSUM_DOESNT_MATCH', 'CORRUPTED_DATA')) AS damage
FORMAT JSONEachRow
"""


@dataclass(frozen=True, kw_only=True)
class EngineHealth:
    """One engine. `error` is empty when it answers. `clock_skew`: its clock minus ours in seconds, where it tells.

    `damage`: what it met in its own files since it started, where it tells.
    """

    name: str
    kind: str
    error: str = ""
    embedded: bool = False
    version: str = ""
    latency_ms: float | None = None
    bytes: int | None = None
    clock_skew: float | None = None
    damage: str = ""

    @property
    def reachable(self) -> bool:
        """Whether it answered."""
        return not self.error

    @property
    def too_old(self) -> str:
        """The oldest version that Amity can use, where this one is older; else empty."""
        oldest = OLDEST[self.name]
        found = tuple(int(part) for part in self.version.split("-", maxsplit=1)[0].split(".")[:3] if part.isdigit())
        return ".".join(map(str, oldest)) if found and found < oldest else ""


@dataclass(frozen=True, kw_only=True)
class ReaderHealth:
    """How far one reader has come; `halted` tells why it stopped for good."""

    reader: str
    seq: int
    behind: int
    halted: str


@dataclass(frozen=True, kw_only=True)
class DamageHealth:
    """Entries that the log lost in the last 30 days. `outcome`: a person `passed` them, or another replica had them (`rescued`).

    `at`: seconds since 1970. `interactions` is an estimate, None where there is none.
    """

    outcome: str
    first: int
    last: int
    interactions: int | None
    by: str
    reason: str
    at: float

    @property
    def which(self) -> str:
        """The entries in words."""
        if self.last < self.first:
            return "Another log in its place"
        return f"Entries {self.first:,} to {self.last:,}" if self.last > self.first else f"Entry {self.first:,}"

    @property
    def when(self) -> datetime:
        """When it was noticed or decided."""
        return datetime.fromtimestamp(self.at, UTC)


@dataclass(frozen=True, kw_only=True)
class PipelineHealth:
    """From the log to present and past. `seconds_behind`: age of the oldest entry that is not worked yet."""

    first_seq: int
    last_seq: int
    entries: int
    entries_behind: int
    seconds_behind: float
    readers: tuple[ReaderHealth, ...]
    pending_batches: int
    pending_rows: int
    pending_seconds: float
    outbox: int
    damages: tuple[DamageHealth, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Readers:
    """What the present tells of readers (name, position, why halted) and of what waits (batches, rows, seconds, facts)."""

    positions: tuple[tuple[str, int, str], ...]
    waiting: tuple[int, int, float, int]
    damages: tuple[DamageHealth, ...] = ()


async def ask_present(url: str) -> tuple[EngineHealth, Readers | None]:
    """Ask PostgreSQL; what it tells of readers is None where it doesn't answer or has no tables yet."""
    import psycopg

    begun = time.monotonic()
    try:
        async with asyncio.timeout(_PATIENCE), await psycopg.AsyncConnection.connect(url, connect_timeout=8) as connection:
            row = await _one(connection, _PRESENT_SQL)
            latency = (time.monotonic() - begun) * 1000
            readers = await _readers(connection, damages=row[4]) if row[3] else None
    except (psycopg.Error, OSError, TimeoutError) as error:
        return EngineHealth(name="present", kind="PostgreSQL", error=_said(error)), None
    health = EngineHealth(
        name="present",
        kind="PostgreSQL",
        version=row[0].split()[0],
        latency_ms=latency,
        bytes=row[1],
        clock_skew=row[2] - time.time(),
    )
    return health, readers


async def ask_log(url: str, readers: Awaitable[Readers | None]) -> tuple[EngineHealth, PipelineHealth | None]:
    """Ask NATS, and compare with how far the readers are; None where one of the two can't be told.

    `readers` has its own patience: a present that answers late takes none of the log's.
    """
    from nats.errors import Error as NatsError
    from nats.js.errors import NotFoundError

    log = None
    try:
        async with asyncio.timeout(_PATIENCE):
            log = await Log.connect(url, name="health", wait=_PATIENCE - 0.5)
            at = log.client.connected_server_version
            begun = time.monotonic()
            state = (await log.js.stream_info(STREAM)).state
            latency = (time.monotonic() - begun) * 1000
        known = await readers
        async with asyncio.timeout(_PATIENCE):
            pipeline = await _pipeline(log, state, known) if known else None
    except NotFoundError:
        return EngineHealth(name="log", kind="NATS", error="the stream is missing: amity serve makes it"), None
    except (NotRunning, NatsError, OSError, TimeoutError) as error:
        return EngineHealth(name="log", kind="NATS", error=_said(error)), None
    finally:
        if log is not None:
            await log.client.close()
    version = f"{at.major}.{at.minor}.{at.patch}"
    return EngineHealth(name="log", kind="NATS", version=version, latency_ms=latency, bytes=state.bytes), pipeline


async def ask_past(url: str) -> EngineHealth:
    """Ask ClickHouse, or our history process that speaks for it."""
    import httpx

    parts = urlsplit(url)
    server = parts._replace(netloc=parts.netloc.rpartition("@")[2], path="/", query="", fragment="").geturl()
    user = (unquote(parts.username or "default"), unquote(parts.password or ""))
    begun = time.monotonic()
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE, auth=user, trust_env=False) as client:
            answer = await client.post(server, content=_PAST_SQL)
        if answer.status_code != 200:
            return EngineHealth(name="past", kind="ClickHouse", error=answer.text.strip()[:300] or f"HTTP {answer.status_code}")
        row = json.loads(answer.text)
    except (httpx.HTTPError, OSError, ValueError) as error:
        return EngineHealth(name="past", kind="ClickHouse", error=_said(error))
    latency = (time.monotonic() - begun) * 1000
    return EngineHealth(
        name="past",
        kind="ClickHouse",
        version=row["version"],
        latency_ms=latency,
        bytes=int(row["bytes"] or 0),
        damage=str(row["damage"] or "")[:400],
    )


async def _readers(connection: Any, *, damages: bool) -> Readers:
    cursor = await connection.execute(_READERS_SQL)
    positions = tuple((str(name), int(seq), str(halted)) for name, seq, halted in await cursor.fetchall())
    batches, rows, seconds, facts = await _one(connection, _PENDING_SQL)
    found = await (await connection.execute(_DAMAGE_SQL)).fetchall() if damages else []
    names = ("outcome", "first", "last", "interactions", "by", "reason", "at")
    known = tuple(DamageHealth(**dict(zip(names, row, strict=True))) for row in found)
    return Readers(positions=positions, waiting=(int(batches), int(rows), float(seconds), int(facts)), damages=known)


async def _one(connection: Any, sql: str) -> Any:
    return await (await connection.execute(sql)).fetchone()


async def _pipeline(log: Log, state: Any, readers: Readers) -> PipelineHealth:
    slowest = min((seq for _, seq, _ in readers.positions), default=0)
    behind = max(0, state.last_seq - slowest)
    batches, rows, seconds, facts = readers.waiting
    return PipelineHealth(
        first_seq=state.first_seq,
        last_seq=state.last_seq,
        entries=state.messages,
        entries_behind=behind,
        seconds_behind=await _age(log, max(slowest + 1, state.first_seq)) if behind and state.messages else 0.0,
        readers=tuple(
            ReaderHealth(reader=name, seq=seq, behind=max(0, state.last_seq - seq), halted=halted)
            for name, seq, halted in readers.positions
        ),
        pending_batches=batches,
        pending_rows=rows,
        pending_seconds=seconds,
        outbox=facts,
        damages=readers.damages,
    )


async def _age(log: Log, seq: int) -> float:
    """Return how many seconds ago entry `seq` was stored."""
    from nats.js.errors import APIError

    try:
        entry = await log.js.get_msg(STREAM, seq)
    except APIError:
        return 0.0
    return max(0.0, time.time() - entry.time.timestamp()) if entry.time else 0.0


def _said(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[-1]
