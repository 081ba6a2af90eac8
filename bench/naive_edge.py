"""What Amity's edge is held against: FastAPI, a pydantic model of a batch, asyncpg, one transaction a request.

    NAIVE_KEY=… NAIVE_DATABASE=postgresql://… NAIVE_STORE=copy granian --interface asgi bench.naive_edge:app

A plain implementation as a competent team writes it in a day: models check each event, 200 comes after the commit (synchronous_commit is
on, as PostgreSQL has it). With NAIVE_STORE=insert an event that is sent twice is stored once, by the table's key, as Amity's pipeline
does; with NAIVE_STORE=copy a batch is copied into a table without any index, which is as fast as PostgreSQL gets and leaves doubles to
somebody else. It has no dialects, no quarantine and no clock correction. Without NAIVE_DATABASE it stores nothing: reading and checking
alone.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from json import dumps
from typing import Any, Literal

import asyncpg
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

KEY = os.environ["NAIVE_KEY"]
STORE = os.environ.get("NAIVE_STORE", "copy")
DATABASE = os.environ.get("NAIVE_DATABASE", "")
COLUMNS = [
    "message_id",
    "kind",
    "at",
    "received_at",
    "name",
    "user_id",
    "anonymous_id",
    "properties",
    "context",
    "ip",
    "user_agent",
]
TABLE = f"""CREATE TABLE IF NOT EXISTS interactions (message_id text {"" if STORE == "copy" else "PRIMARY KEY"}, kind text, at timestamptz, received_at timestamptz, name text, user_id text,
anonymous_id text, properties jsonb, context jsonb, ip text, user_agent text)"""
INSERT = f"INSERT INTO interactions VALUES ({', '.join(f'${n}' for n in range(1, len(COLUMNS) + 1))}){'' if STORE == 'copy' else ' ON CONFLICT DO NOTHING'}"


class Event(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    type: Literal["track", "identify", "page", "screen", "group", "alias"] = "track"
    message_id: str = Field(max_length=100)
    timestamp: datetime
    event: str | None = Field(None, max_length=500)
    user_id: str | None = Field(None, max_length=500)
    anonymous_id: str | None = Field(None, max_length=500)
    properties: dict[str, Any] = {}
    context: dict[str, Any] = {}


class Single(Event):
    write_key: str


class Batch(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    write_key: str
    batch: list[Event] = Field(max_length=2_500)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    if not DATABASE:
        yield
        return
    async with asyncpg.create_pool(DATABASE, min_size=16, max_size=16) as pool:
        await pool.execute(TABLE)
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/v1/batch")
async def batch(given: Batch, request: Request) -> dict[str, bool]:
    rows = rows_of(given.write_key, given.batch, request)
    if DATABASE:
        async with app.state.pool.acquire() as connection, connection.transaction():
            if STORE == "copy":
                await connection.copy_records_to_table("interactions", records=rows, columns=COLUMNS)
            else:
                await connection.executemany(INSERT, rows)
    return {"success": True}


@app.post("/v1/t")
async def track(given: Single, request: Request) -> dict[str, bool]:
    (row,) = rows_of(given.write_key, [given], request)
    if DATABASE:
        async with app.state.pool.acquire() as connection:
            await connection.execute(INSERT, *row)
    return {"success": True}


def rows_of(key: str, events: list[Event], request: Request) -> list[tuple[object, ...]]:
    if key != KEY:
        raise HTTPException(401, "This write key is not known.")
    if any(one.user_id is None and one.anonymous_id is None for one in events):
        raise HTTPException(400, "An event has neither userId nor anonymousId.")
    now, ip, agent = datetime.now(UTC), request.client.host if request.client else "", request.headers.get("user-agent", "")
    return [
        (
            one.message_id, one.type, one.timestamp, now, one.event, one.user_id, one.anonymous_id,
            dumps(one.properties), dumps(one.context), ip, agent,
        )
        for one in events
    ]  # fmt: skip
