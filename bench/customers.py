"""How quickly interactions are placed, and customers found. Run: python -m bench.customers [place|search] [--customers N]

Needs a PostgreSQL of its own: it makes a database `amity_bench` beside the one of AMITY_PRESENT_URL and drops it afterwards.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

from bench.filling import CITIES, FIRST, LAST, fill_customers


@contextmanager
def database():
    """A fresh, migrated database; Django is set up for it."""
    import psycopg

    from amity.engines.addresses import addresses

    admin = addresses().present
    url = urlsplit(admin)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS amity_bench WITH (FORCE)")
        connection.execute("CREATE DATABASE amity_bench")
    os.environ["AMITY_PRESENT_URL"] = url._replace(path="/amity_bench").geturl()
    addresses.cache_clear()
    from amity.kernel.settings import settings

    settings.cache_clear()
    from amity.config.cli.setup import django_ready

    django_ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        from django.db import connections

        connections.close_all()
        connections["default"].close_pool()
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("DROP DATABASE amity_bench WITH (FORCE)")


def workspace() -> int:
    from amity.rooms.trust.models import Workspace

    return Workspace.objects.create(slug="bench", name="Bench").pk


def interactions(number: int, *, customers: int, fresh: bool, at: int, workspace: int):
    from amity.kernel.ids import message_key
    from amity.rooms.customers.contracts import Incoming

    chance = random.Random(at)
    for n in range(number):
        who = at * number + n if fresh else chance.randrange(customers)
        kind = "identify" if n % 10 == 0 else "track"
        traits = (
            {
                "email": f"user{who}@example.com",
                "name": f"{FIRST[who % 26]} {LAST[who % 12]}",
                "city": CITIES[who % 8],
                "plan": "pro",
            }
            if kind == "identify"
            else {}
        )
        time_ms = 1_790_000_000_000 + at * 60_000 + n
        yield Incoming(
            workspace=workspace, source=1, key=message_key(workspace, 1, f"{at}-{n}"), kind=kind, time=time_ms,
            received_at=time_ms, name="Product Viewed", user_id=f"user-{who}" if n % 3 else None,
            anonymous_id=f"9b1deb4d-{who:08x}", traits=traits, channel="web",
            properties={"revenue": 9.5, "currency": "EUR"} if n % 50 == 0 else {"sku": "a"},
            context={"consent": {"categoryPreferences": {"marketing": True}}, "page": {"path": "/"}},
        )  # fmt: skip


def place_speed(*, batch: int = 2_000, rounds: int = 12) -> None:
    from django.db import transaction

    from amity.rooms.customers import api

    house = workspace()
    for label, fresh, customers in (
        ("new customer each", True, 0),
        ("20,000 known customers", False, 20_000),
        ("200 busy ones", False, 200),
    ):
        speeds, cpu = [], []
        for n in range(rounds):
            at = n + (0 if fresh else 1_000 + customers)
            some = list(interactions(batch, customers=customers, fresh=fresh, at=at, workspace=house))
            began, used = time.perf_counter(), time.process_time()
            with transaction.atomic():
                api.place(some)
            speeds.append(batch / (time.perf_counter() - began))
            cpu.append((time.process_time() - used) / batch * 1e6)
        print(
            f"place, {label}: median {statistics.median(speeds):,.0f}/s (from {min(speeds):,.0f} to {max(speeds):,.0f}), {statistics.median(cpu):.0f} µs of Python each"
        )


def search_speed(*, customers: int) -> None:
    from amity.rooms.customers import api

    house = workspace()
    began = time.perf_counter()
    fill_customers(house, customers)
    print(f"{customers:,} customers filled in {time.perf_counter() - began:.0f} s")
    middle = customers // 2
    for text in (
        f"user{middle}@example.com",
        f"user-{middle}",
        "zoe lovel",
        "müller",
        "ada",
        "e",
        "berlin silva",
        f"user{middle}",
        "nobody-here",
        "dan rossi oslo",
    ):
        took = []
        for _ in range(7):
            started = time.perf_counter()
            page = api.search_customers(workspace_id=house, text=text)
            took.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        if page.after:
            api.search_customers(workspace_id=house, text=text, after=page.after)
        following = (time.perf_counter() - started) * 1000
        print(
            f"search {text!r}: {page.total}{'+' if page.more else ''} found, median {statistics.median(took):.1f} ms, slowest {max(took):.1f}, next page {following:.1f}"
        )
    started = time.perf_counter()
    api.list_customers(workspace_id=house)
    print(f"list: {(time.perf_counter() - started) * 1000:.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["place", "search"], nargs="?", default="place")
    parser.add_argument("--customers", type=int, default=100_000)
    asked = parser.parse_args()
    with database():
        if asked.what == "place":
            place_speed()
        else:
            search_speed(customers=asked.customers)
