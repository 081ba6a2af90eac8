"""How many interactions a second go from the log into both stores, against a plain COPY-staging upsert of the same rows.

    python -m bench.pipeline                 the ratio: backlogs through a real worker, taking turns with the plain upsert
    python -m bench.pipeline lag [--rate N]  how long an interaction takes to either store at half of what can be sustained
    python -m bench.pipeline double          how much longer twice the backlog takes
    python -m bench.pipeline steps           where the worker's time goes, step by step

Everything runs in a temporary folder: log, PostgreSQL, history and worker are processes of their own. The interactions are
those of `bench/mix.py`: visits on a website, an app and a back office, of known and new people.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from threading import Event

from bench.drain import Bench, engines


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=["ratio", "lag", "double", "steps"], nargs="?", default="ratio")
    options.add_argument("--events", type=int, default=20_000, help="events in a backlog")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--people", type=int, default=20_000, help="people known at the beginning")
    options.add_argument(
        "--rate", type=int, default=0, help="events a second for lag; without it, half of what is measured first"
    )
    options.add_argument("--whole", action="store_true", help="envelopes hold requests as they came, not single interactions")
    options.add_argument("--suppressed", type=int, default=0, help="people that the workspace keeps out, for steps")
    chosen = options.parse_args()
    with engines():
        {"ratio": ratio, "lag": lag, "double": double, "steps": steps}[chosen.what](chosen)


def ratio(chosen: argparse.Namespace) -> None:
    """Take turns: a backlog through the worker into both stores, and the same rows through COPY and upsert."""
    bench = Bench(people=chosen.people, whole=chosen.whole)
    make_flat_table()
    present, both, plain, spent, upserting = [], [], [], [], []
    for n in range(chosen.rounds + 1):  # the first round warms up
        bodies = bench.mix.bodies(chosen.events)
        committed, took, cpu = bench.drain(bodies)
        rows, before, mine = flat_rows(bodies), bench.cpu()["PostgreSQL"], time.process_time()
        upserted = upsert(rows)
        mine = time.process_time() - mine + bench.cpu()["PostgreSQL"] - before
        if n:
            present.append(chosen.events / committed)
            both.append(chosen.events / took)
            plain.append(chosen.events / upserted)
            spent.append({name: seconds / chosen.events * 1e6 for name, seconds in cpu.items()})
            upserting.append(mine / chosen.events * 1e6)
    check(bench)
    bench.close()
    print(f"{chosen.rounds} rounds of {chosen.events:,} events, load {os.getloadavg()[0]:.1f}")
    show("log to present", present)
    show("log to both stores", both)
    show("COPY-staging upsert", plain)
    for name in spent[0]:
        print(f"  CPU of {name:<12} {statistics.median(one[name] for one in spent):6.1f} µs an event")
    whole = statistics.median(sum(one.values()) for one in spent)
    print(f"  CPU in all          {whole:6.1f} µs an event; of the upsert {statistics.median(upserting):.1f} µs")
    for name, values in (("present", present), ("both stores", both)):
        ratios = [one / other for one, other in zip(values, plain, strict=True)]
        print(f"{name} to the plain upsert: {statistics.median(ratios):.0%} ({min(ratios):.0%} to {max(ratios):.0%})")


def lag(chosen: argparse.Namespace) -> None:
    """Offer a steady load for ten seconds, an envelope every 50 ms, and look when each is in either store."""
    bench = Bench(people=chosen.people, whole=chosen.whole)
    speeds = [chosen.events / bench.drain(bench.mix.bodies(chosen.events))[1] for _ in range(4)][1:]
    rate = chosen.rate or int(statistics.median(speeds) / 2)
    each = max(rate // 20, 1)
    bodies = bench.mix.bodies(each * 200, each=each)
    committed, stored = watch(bench, bodies)
    check(bench)
    bench.close()
    print(f"sustained {statistics.median(speeds):,.0f} events/s; offered {rate:,} for 10 s; load {os.getloadavg()[0]:.1f}")
    for name, lags in (("present", committed), ("both stores", stored)):
        ordered = sorted(lags)
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        print(f"lag to {name:<12} p50 {p50 * 1000:5.0f} ms   p99 {p99 * 1000:5.0f} ms   most {ordered[-1] * 1000:5.0f} ms")


def watch(bench: Bench, bodies: list[bytes]) -> tuple[list[float], list[float]]:
    """Append steadily in a thread; return each envelope's seconds from when it was sent until it was in either store."""
    from concurrent.futures import ThreadPoolExecutor

    seen: list[tuple[float, int, int]] = []  # when, the present's sequence, the past's
    with ThreadPoolExecutor(1) as thread:
        sending = thread.submit(bench.append, bodies, every=0.05)
        last = None
        while last is None or seen[-1][2] < last:
            seq, waiting = bench.standing()
            seen.append((time.monotonic(), seq, seq if waiting is None else min(seq, waiting - 1)))
            last = max(s for s, _ in sending.result()) if sending.done() else None
            time.sleep(0.01)
    found: tuple[list[float], list[float]] = ([], [])
    for seq, asked in sending.result():
        for store in (1, 2):
            found[store - 1].append(next(one[0] for one in seen if one[store] >= seq) - asked)
    return found


def double(chosen: argparse.Namespace) -> None:
    """Take turns with backlogs of one and of two times the events."""
    bench = Bench(people=chosen.people, whole=chosen.whole)
    bench.drain(bench.mix.bodies(chosen.events))
    ratios = []
    for _ in range(chosen.rounds):
        once = bench.drain(bench.mix.bodies(chosen.events))[1]
        twice = bench.drain(bench.mix.bodies(2 * chosen.events))[1]
        ratios.append(twice / once)
    check(bench)
    bench.close()
    print(
        f"twice {chosen.events:,} events took {statistics.median(ratios):.2f} times as long ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def steps(chosen: argparse.Namespace) -> None:
    """Work batches in this process, the worker's own way but one after the other, and tell what each step takes."""
    from amity.engines.log.client import Entry
    from amity.kernel.clock import now_ms
    from amity.workers import position
    from amity.workers.carrier import carry, shards_of
    from amity.workers.projector import Projector
    from amity.workers.worker import spare_the_collector

    bench = Bench(people=chosen.people, whole=chosen.whole)
    bench.close()
    spare_the_collector()
    if chosen.suppressed:
        keep_out(chosen.suppressed)
    projector = Projector(position.take_up(0, 1), stopping=Event())
    seq, spent, taken, processor, carrying = 0, {}, [], [], []
    for n in range(chosen.rounds + 1):
        bodies = bench.mix.bodies(chosen.events)
        entries = [Entry(seq := seq + 1, now_ms(), body) for body in bodies]
        began, cpu = time.perf_counter(), time.process_time()
        batch = projector.work(entries)
        took, busy = time.perf_counter() - began, time.process_time() - cpu
        began = time.perf_counter()
        carry(shards_of(0, 1))
        if n:
            taken.append(took / chosen.events * 1e6)
            processor.append(busy / chosen.events * 1e6)
            carrying.append((time.perf_counter() - began) / chosen.events * 1e6)
            for timing in batch.timings.values():
                spent.setdefault(timing.name, []).append(timing.seconds / chosen.events * 1e6)
    print(f"{chosen.rounds} batches of {chosen.events:,} events, load {os.getloadavg()[0]:.1f}; µs an event, medians")
    for name, values in [
        *spent.items(),
        ("all, to commit", taken),
        ("of it CPU of the worker", processor),
        ("carrying", carrying),
    ]:
        print(f"  {name:<24} {statistics.median(values):6.1f}")


def keep_out(people: int) -> None:
    """Keep as many people out, each by an e-mail, a user id and a browser; none of the mix's."""
    from amity.rooms.trust.actions.erasure.suppress import hashes_of, suppress
    from amity.rooms.trust.models import Workspace

    for workspace in Workspace.objects.values_list("pk", flat=True):
        names = [(kind, f"gone-{kind}-{n}") for n in range(people) for kind in ("email", "user_id", "anonymous_id")]
        suppress(workspace_id=workspace, hashes=hashes_of(workspace, names))


def make_flat_table() -> None:
    from amity.engines.present.bulk import run

    run(
        "CREATE TABLE bench_flat (key uuid PRIMARY KEY, workspace bigint, customer uuid, at bigint, name text, kind text, "
        "source bigint, ip text, agent text, properties text, context text)"
    )


def flat_rows(bodies: list[bytes]) -> list[tuple[object, ...]]:
    """Return the backlog's interactions as rows, each key once as an upsert wants it."""
    from amity.facts.envelope import decode_envelope
    from amity.kernel.ids import derived_id, message_key

    rows = {}
    for body in bodies:
        for one in decode_envelope(body).interactions:
            key = message_key(one.workspace, one.source, one.message_id)
            customer = derived_id(0, one.customer_key)
            text = bytes(one.properties).decode(), bytes(one.context).decode()
            rows[key] = (key, one.workspace, customer, one.time, one.name, one.kind, one.source, one.ip, one.user_agent, *text)
    return list(rows.values())


def upsert(rows: list[tuple[object, ...]]) -> float:
    """COPY the rows into a temporary table, upsert them from there, commit; return seconds."""
    import psycopg
    from django.db import connection, transaction

    began = time.perf_counter()
    with transaction.atomic():
        connection.ensure_connection()
        with psycopg.Cursor(connection.connection) as cursor:
            cursor.execute("CREATE TEMP TABLE staging (LIKE bench_flat) ON COMMIT DROP")
            with cursor.copy("COPY staging FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["uuid", "int8", "uuid", "int8", "text", "text", "int8", "text", "text", "text", "text"])
                for row in rows:
                    copy.write_row(row)
            cursor.execute("INSERT INTO bench_flat SELECT * FROM staging ON CONFLICT (key) DO UPDATE SET at = excluded.at")
    return time.perf_counter() - began


def check(bench: Bench) -> None:
    """Fail unless both stores hold each interaction once."""
    from amity.engines.past.client import past
    from amity.engines.present.bulk import run

    where = f"workspace_id = {bench.workspace}"
    [[rows, keys, theirs]] = (
        past()
        .query(f"SELECT count(), uniqExact(message_key), countIf(voice != 'ours') FROM interactions_raw WHERE {where}")
        .result_rows
    )
    [[counted]] = run("SELECT sum(interactions)::bigint FROM customers_activity WHERE NOT merged")
    [[taken]] = run("SELECT count(*) FROM present_seen")
    [[accepted]] = run("SELECT sum(count)::bigint FROM collection_source_hour WHERE outcome = 'accepted'")
    assert rows == keys == taken == accepted, (rows, keys, taken, accepted)
    assert theirs == counted, (theirs, counted)
    if run("SELECT to_regclass('bench_flat')")[0][0]:
        [[flat]] = run("SELECT count(*) FROM bench_flat")
        assert rows == flat, (rows, flat)


def show(name: str, values: list[float]) -> None:
    print(f"{name:<22} {statistics.median(values):8,.0f} events/s  ({min(values):,.0f} to {max(values):,.0f})")


if __name__ == "__main__":
    main()
