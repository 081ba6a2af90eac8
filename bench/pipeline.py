"""How many interactions a second go through the pipeline, against a plain COPY-staging upsert of the same rows.

Run: python -m bench.pipeline [--events 2000] [--rounds 5] [--customers 2000]. It starts engines of its own in a temporary
folder, takes turns between the two, and prints medians, their spread, seconds of CPU, each step's share, and the ratio.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from threading import Event
from types import SimpleNamespace

import msgspec

NAMES = [
    "Product Viewed",
    "Product Added",
    "Checkout Started",
    "Order Completed",
    "Email Opened",
    "Page Loaded",
    "Survey Answered",
]
AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--events", type=int, default=2_000, help="events in a batch")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--customers", type=int, default=2_000)
    chosen = options.parse_args()
    from tests import plugin

    plugin.pytest_sessionstart(SimpleNamespace(config=SimpleNamespace(option=SimpleNamespace(collectonly=False))))
    try:
        measure(chosen)
    finally:
        plugin.pytest_unconfigure()


def measure(chosen: argparse.Namespace) -> None:
    make_database()
    from django.db import connections

    from amity.engines.past.migrate import migrate_past
    from amity.rooms.collection.models import Source
    from amity.rooms.trust.models import Workspace
    from amity.workers import position
    from amity.workers.carrier import carry, shards_of
    from amity.workers.projector import Projector

    migrate_past()
    workspace = Workspace.objects.create(slug="bench", name="Bench").pk
    source = Source.objects.create(workspace_id=workspace, name="Web", kind="website").pk
    make_flat_table()
    projector = Projector(position.take_up(0, 1), stopping=Event())
    dice = random.Random(1)
    pipeline, carrying, plain, processor, steps = [], [], [], [], {}
    for n in range(chosen.rounds + 1):  # the first round warms up
        entry = make_entry(n + 1, workspace, source, dice, chosen)
        began, cpu = time.perf_counter(), time.process_time()
        batch = projector.work([entry])
        took, busy = time.perf_counter() - began, time.process_time() - cpu
        began = time.perf_counter()
        carry(shards_of(0, 1))
        carried = time.perf_counter() - began
        rows = [item.row for item in batch.items if item.row is not None]
        assert len(rows) == chosen.events, "the pipeline dropped something"
        upserted = upsert(rows)
        if n:
            pipeline.append(chosen.events / took)
            processor.append(busy / chosen.events * 1e6)
            carrying.append(chosen.events / carried)
            plain.append(chosen.events / upserted)
            for timing in batch.timings.values():
                steps.setdefault(timing.name, []).append(timing.seconds)
    check(workspace, chosen)
    load = os.getloadavg()[0]
    print(f"{chosen.rounds} rounds of {chosen.events:,} events, {chosen.customers:,} customers, load {load:.1f}")
    show("pipeline to commit", pipeline)
    show("carrying to the past", carrying)
    show("COPY-staging upsert", plain)
    print(f"{'CPU of the worker':<22} {statistics.median(processor):8.1f} µs an event")
    whole = sum(statistics.median(seconds) for seconds in steps.values())
    for name, seconds in steps.items():
        print(
            f"  {name:<20} {statistics.median(seconds) / chosen.events * 1e6:8.1f} µs an event  {statistics.median(seconds) / whole:5.0%}"
        )
    print(f"ratio to the plain upsert: {statistics.median(p / q for p, q in zip(pipeline, plain, strict=True)):.0%}  (goal: 75%)")
    connections.close_all()
    connections["default"].close_pool()


def make_database() -> None:
    import psycopg

    from amity.engines.addresses import addresses

    with psycopg.connect(addresses().present.rpartition("/")[0] + "/postgres", autocommit=True) as admin:
        admin.execute("CREATE DATABASE amity")
    from amity.config.cli.setup import django_ready

    django_ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def make_entry(seq: int, workspace: int, source: int, dice: random.Random, chosen: argparse.Namespace):
    """One envelope of events as a shop's website sends them: most from known people, a tenth that say who they are."""
    from amity.engines.log.client import Entry
    from amity.facts.interaction import Envelope, Interaction, encode_envelope
    from amity.kernel.clock import now_ms

    start = now_ms() - 600_000
    made = []
    for n in range(chosen.events):
        person = dice.randrange(chosen.customers)
        identify = n % 10 == 0
        made.append(
            Interaction(
                workspace=workspace,
                source=source,
                message_id=f"ajs-next-{seq}-{n}-{dice.getrandbits(64):x}",
                kind="identify" if identify else "track",
                name="" if identify else NAMES[n % len(NAMES)],
                time=start + n * 100,
                received_at=start + n * 100 + 50,
                sent_at=start + n * 100,
                user_id=f"user-{person}",
                anonymous_id=f"browser-{person}",
                traits=msgspec.Raw(b'{"plan":"team","seats":%d,"city":"Berlin"}' % n) if identify else msgspec.Raw(b"{}"),
                properties=msgspec.Raw(
                    b'{"product_id":"p-%d","price":%d.5,"currency":"EUR","quantity":2,"category":"Shoes"}' % (n % 300, n % 90)
                ),
                context=msgspec.Raw(
                    b'{"page":{"url":"https://shop.example/p/%d?utm_source=mail","path":"/p/%d"},"library":{"name":"analytics.js"}}'
                    % (n, n)
                ),
                user_agent=AGENTS[n % 2],
                ip="203.0.113.7",
            )
        )
    return Entry(seq, now_ms(), encode_envelope(Envelope(interactions=tuple(made))))


def make_flat_table() -> None:
    from amity.engines.present.bulk import run

    run(
        "CREATE TABLE bench_flat (key uuid PRIMARY KEY, workspace bigint, customer uuid, at double precision, name text, channel text, "
        "session uuid, url text, browser text, properties text, context text)"
    )


def upsert(rows) -> float:
    """COPY the rows into a temporary table, upsert them from there, commit; return seconds."""
    import psycopg
    from django.db import connection, transaction

    began = time.perf_counter()
    values = [
        (r.message_key, r.workspace_id, r.customer_id, r.time, r.name, r.channel, r.session_id, r.url, r.browser,
         bytes(r.properties).decode(), bytes(r.context).decode())
        for r in rows
    ]  # fmt: skip
    with transaction.atomic():
        connection.ensure_connection()
        with psycopg.Cursor(connection.connection) as cursor:
            cursor.execute("CREATE TEMP TABLE staging (LIKE bench_flat) ON COMMIT DROP")
            with cursor.copy("COPY staging FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["uuid", "int8", "uuid", "float8", "text", "text", "uuid", "text", "text", "text", "text"])
                for value in values:
                    copy.write_row(value)
            cursor.execute("INSERT INTO bench_flat SELECT * FROM staging ON CONFLICT (key) DO UPDATE SET at = excluded.at")
    return time.perf_counter() - began


def check(workspace: int, chosen: argparse.Namespace) -> None:
    """Fail if the two don't hold the same."""
    from amity.engines.past.client import past
    from amity.engines.present.bulk import run

    [[flat]] = run("SELECT count(*) FROM bench_flat")
    [[stored]] = past().query(f"SELECT count() FROM interactions_raw WHERE workspace_id = {workspace}").result_rows
    assert flat == stored == (chosen.rounds + 1) * chosen.events, (flat, stored)


def show(name: str, values: list[float]) -> None:
    print(f"{name:<22} {statistics.median(values):8,.0f} events/s  ({min(values):,.0f} to {max(values):,.0f})")


if __name__ == "__main__":
    main()
