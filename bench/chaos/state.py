"""All that an Amity knows at one moment, present and past, as rows that can be held against another Amity's."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from bench.chaos.target import Broken, Target

Row = dict[str, Any]

# What differs between two workings of the same log without anybody being able to tell, is left out: when a row was written,
# which of a merged customer's ids a row was stored under (`interactions` reads through the merges), ids drawn from a sequence.
PRESENT = {
    "customers": (
        "SELECT id, workspace_id, created_at, traits, origins, words::text AS words, merged_into FROM customers_customer",
        ("id",),
    ),
    "identifiers": (
        "SELECT workspace_id, kind, value, customer_id, added_at, source_id, key, aliased FROM customers_identifier",
        ("workspace_id", "kind", "value"),
    ),
    "merges": (
        "SELECT workspace_id, old_id, into_id, rule, time, merged_at, source_id, key, identifiers, moved FROM customers_merge",
        ("old_id", "key"),
    ),
    "activity": (
        (
            "SELECT customer_id, workspace_id, merged, seen_minute, first_seen, last_seen, last_key, last_name, interactions, channels, "
            '"values", consent, session_id, session_start, session_campaign FROM customers_activity WHERE NOT merged'
        ),
        ("customer_id",),
    ),
    "seen": ("SELECT period, key FROM present_seen", ("period", "key")),
    "counts": (
        "SELECT workspace_id, source_id, hour, outcome, count, last_seen FROM collection_source_hour",
        ("source_id", "hour", "outcome"),
    ),
}
PAST = {
    "interactions": (
        (
            "SELECT * EXCEPT (projected_at, properties, traits), toString(properties) AS properties, toString(traits) AS traits "
            "FROM interactions"
        ),
        ("message_key",),
    ),
    "moved": (
        "SELECT workspace_id, old_id, argMax(current_id, version) AS current FROM merges GROUP BY workspace_id, old_id",
        ("workspace_id", "old_id"),
    ),
    "quarantine": ("SELECT * FROM quarantine", ("key",)),
}
_WAITING = """
    SELECT (SELECT min(seq) FROM present_position) AS seq, (SELECT max(halted) FROM present_position) AS halted,
        (SELECT count(*) FROM present_past_batch) AS batches, (SELECT count(*) FROM customers_mark) AS marks,
        (SELECT count(*) FROM present_outbox_fact) AS facts
"""


@dataclass(slots=True)
class State:
    """Tables by name: each row under its key. `doubled` are keys that more than one row has."""

    tables: dict[str, dict[tuple[Any, ...], Row]] = field(default_factory=dict)
    doubled: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, name: str, key: tuple[str, ...], rows: Iterator[Row]) -> None:
        """Take in a table."""
        table: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            at = tuple(row[one] for one in key)
            if at in table:
                self.doubled.setdefault(name, []).append(at)
            table[at] = row
        self.tables[name] = table


@contextmanager
def present(target: Target) -> Iterator[Any]:
    """A connection to the target's PostgreSQL."""
    import psycopg
    from psycopg.rows import dict_row

    with psycopg.connect(target.addresses().present, row_factory=dict_row, autocommit=True, connect_timeout=5) as connection:
        yield connection


@contextmanager
def past(target: Target) -> Iterator[Any]:
    """A client of the target's past."""
    import clickhouse_connect

    at = urlsplit(target.addresses().past)
    client = clickhouse_connect.get_client(
        host=at.hostname,
        port=at.port,
        username=unquote(at.username or ""),
        password=unquote(at.password or ""),
        database=at.path.strip("/"),
        autogenerate_session_id=False,
        tz_mode="aware",
    )
    try:
        yield client
    finally:
        client.close()


def await_settled(target: Target, *, until: int, seconds: float) -> None:
    """Wait until all up to a sequence of the log is worked, carried to the past, and in order. Raises Broken."""
    deadline = time.monotonic() + seconds
    found: dict[str, Any] = {}
    while True:
        try:
            with present(target) as connection:
                found = connection.execute(_WAITING).fetchone()
        except Exception as error:  # noqa: BLE001  an engine may still be on its way
            found = {"error": f"{type(error).__name__}: {error}"}
        else:
            if found["halted"]:
                raise Broken(f"The worker halted: {found['halted']}")
            if (found["seq"] or 0) >= until and not (found["batches"] or found["marks"] or found["facts"]):
                return
        if time.monotonic() > deadline:
            raise Broken(f"Not settled after {seconds:.0f} s: {found}; wanted is {until}")
        time.sleep(0.25)


def read_state(target: Target) -> State:
    """Return all that is compared. Nothing may be on its way."""
    state = State()
    with present(target) as connection:
        for name, (sql, key) in PRESENT.items():
            state.add(name, key, map(_plain, connection.execute(sql)))
    with past(target) as client:
        for name, (sql, key) in PAST.items():
            with client.query_row_block_stream(sql) as blocks:
                names = blocks.source.column_names
                state.add(name, key, (_plain(dict(zip(names, row, strict=True))) for block in blocks for row in block))
        stored = client.query("SELECT count() FROM interactions_raw").first_row[0]
    shown = len(state.tables["interactions"]) + len(state.doubled.get("interactions", []))
    if stored != shown:
        raise Broken(f"The past stores {stored} interactions and shows {shown}.")
    return state


def read_stored(target: Target) -> Counter[tuple[int, int, str]]:
    """Return how often the past has each message, interactions and quarantine apart from their contents."""
    found: Counter[tuple[int, int, str]] = Counter()
    with past(target) as client:
        for table in ("interactions_raw", "quarantine"):
            sql = f"SELECT workspace_id, source_id, message_id, count() FROM {table} GROUP BY 1, 2, 3"
            for workspace, source, message, number in client.query(sql).result_rows:
                found[workspace, source, message] += 1 if table == "quarantine" else number
    return found


def _plain(row: Row) -> Row:
    """Return a row with JSON read, and with what is a set in one order."""
    for name in ("properties", "traits"):
        if isinstance(row.get(name), str):
            row[name] = json.loads(row[name])
    if "moved" in row:
        row["moved"] = sorted(row["moved"])
    return row
