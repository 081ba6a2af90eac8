"""Whether work waits, for all who look for some: many sets are asked about in one statement, of which each is a column.

A condition is compiled once. What hangs on time asks PostgreSQL's own clock, so that the statement stays the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from django.db.models import BigIntegerField, Func, QuerySet


class NowMs(Func):
    """PostgreSQL's clock in ms since 1970."""

    template = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint"
    arity = 0
    output_field = BigIntegerField()


@dataclass(frozen=True, slots=True)
class Condition:
    """That at least one of these sets has a row: a subquery for each, and what it binds."""

    sql: tuple[str, ...]
    params: tuple[Any, ...]


def any_of(*sets: QuerySet[Any, Any]) -> Condition:
    """Return the condition that one of the sets isn't empty."""
    made = [one.order_by().values("pk").query.sql_with_params() for one in sets]
    return Condition(tuple(sql for sql, _ in made), tuple(value for _, params in made for value in params))


class Question:
    """Asks about all conditions at once, over a connection of the caller's own."""

    def __init__(self, conditions: Mapping[str, Condition]) -> None:
        self.names = tuple(conditions)
        columns = (" OR ".join(f"EXISTS ({sql})" for sql in one.sql) for one in conditions.values())
        self._sql = f"SELECT {', '.join(columns)}"  # only what Django compiled: values are bound
        self._params = [value for one in conditions.values() for value in one.params]

    def ask(self, to: psycopg.Connection[Any]) -> frozenset[str]:
        """Return the names of the conditions that hold. Raises psycopg's errors."""
        row = to.execute(cast("Any", self._sql), self._params, prepare=True).fetchone() or ()
        return frozenset(name for name, holds in zip(self.names, row, strict=True) if holds)
