"""Reads of the present that know how many trips to PostgreSQL they take, whoever makes them.

Such a read is a generator: it yields the questions of one trip and gets their rows. All questions of a trip go as one statement,
since what a short read costs is the way there and back. Django's views make the trips on their own connection (`here`); what must
answer within milliseconds makes them without Django and without a thread (`Travelling`).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from amity.engines.present.bulk import run
from amity.kernel.errors import NotRunning

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg_pool import AsyncConnectionPool

Rows = list[dict[str, Any]]
"""Rows by the names of their columns, each value as JSON has it: ids, times and the like are text."""
Question = tuple[str, Sequence[Any]]
"""A SELECT, always a constant of the room that asks, of which no two columns have one name; and its parameters."""
Result = TypeVar("Result")
Other = TypeVar("Other")
Trips = Generator[list[Question], list[Rows], Result]
_PATIENCE = 2.0  # seconds for a connection to come free, or up again
_MOST = 8  # connections; each is busy for a millisecond or two of a read


def here(trips: Trips[Result]) -> Result:
    """Make the trips on Django's connection, in its transaction, and return what came of them."""
    try:
        asked = next(trips)
        while True:
            (row,) = run(*_together(asked))
            asked = trips.send(_rows(row))
    except StopIteration as end:
        return cast("Result", end.value)


def side_by_side(first: Trips[Result], second: Trips[Other]) -> Trips[tuple[Result, Other]]:
    """Make two reads in the same trips, and return what came of both."""
    results: dict[int, Any] = {}
    reads: dict[int, Trips[Any]] = {0: first, 1: second}
    given: dict[int, Any] = {0: None, 1: None}
    while reads:
        asked: dict[int, list[Question]] = {}
        for number, read in list(reads.items()):
            try:
                asked[number] = read.send(given[number])
            except StopIteration as end:
                results[number] = end.value
                del reads[number]
        if asked:
            answers = iter((yield [question for questions in asked.values() for question in questions]))
            given = {number: [next(answers) for _ in questions] for number, questions in asked.items()}
    return results[0], results[1]


class Travelling:
    """Connections of one event loop. They are opened when first needed; a broken one is replaced by the next read."""

    def __init__(self) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] | None = None

    async def make(self, trips: Trips[Result]) -> Result:
        """Make the trips and return what came of them. Raises NotRunning where PostgreSQL doesn't answer."""
        import psycopg

        try:
            async with (await self._opened()).connection(timeout=_PATIENCE) as connection:
                return await _follow(connection, trips)
        except psycopg.Error as error:
            raise NotRunning(f"The present does not answer: {type(error).__name__}") from error

    async def close(self) -> None:
        """Give the connections back."""
        if self._pool is not None:
            await self._pool.close()

    async def _opened(self) -> AsyncConnectionPool[AsyncConnection[Any]]:
        if self._pool is None:
            from django.db import connection
            from psycopg_pool import AsyncConnectionPool

            where = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
            given = {name: connection.settings_dict[key] for name, key in where.items() if connection.settings_dict[key]}
            self._pool = AsyncConnectionPool(
                min_size=0, max_size=_MOST, open=False, reconnect_timeout=5, kwargs={**given, "autocommit": True}
            )
            await self._pool.open()  # waits for nothing
        return self._pool


async def _follow(connection: AsyncConnection[Any], trips: Trips[Result]) -> Result:
    try:
        asked = next(trips)
        while True:
            sql, params = _together(asked)
            cursor = await connection.execute(cast("Any", sql), params, prepare=True)
            asked = trips.send(_rows((await cursor.fetchall())[0]))
    except StopIteration as end:
        return cast("Result", end.value)


def _together(asked: Sequence[Question]) -> Question:
    return _one(tuple(sql for sql, _ in asked)), [value for _, params in asked for value in params]


@lru_cache(maxsize=100)
def _one(questions: tuple[str, ...]) -> str:
    return "SELECT " + ", ".join(f"(SELECT json_agg(q) FROM ({sql}) q)::text" for sql in questions)  # noqa: S608  rooms' own text


def _rows(row: Sequence[str | None]) -> list[Rows]:
    return [json.loads(one) if one else [] for one in row]
