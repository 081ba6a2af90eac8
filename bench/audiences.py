"""How soon an event changes who is in an audience, and what sets of audiences cost against asking the past again.

Run: python -m bench.audiences latency [--customers 100000] [--each 10] [--audiences 200] [--probes 200]
     python -m bench.audiences algebra [--customers 1000000] [--each 20]

Each starts an Amity of its own in a temporary folder and fills it. `latency` keeps audiences that listen to what comes in, finds out how
many events a second the whole way carries, lets half of that come in, and meanwhile sends single events of which each lets a
customer enter: from before the request until the membership can be read. `algebra` computes audiences over 20 million interactions, then asks how many are
in two of them: by the definition, as a GROUP BY over the past, and by the sets that are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from bench.filling import customer_id, fill_customers, fill_past
from bench.profile import cpu_of as cpu_of_one
from bench.reading import Sender, find_ceiling, say
from tests.flows.running import Amity

GOAL_SECONDS, GOAL_TIMES = 5.0, 40
TURNS = 200
NAMES = [
    "Product Viewed",
    "Product Added",
    "Checkout Started",
    "Order Completed",
    "Email Opened",
    "Survey Answered",
    "Ticket Opened",
]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=["latency", "algebra"])
    options.add_argument("--customers", type=int, default=0)
    options.add_argument("--each", type=int, default=0, help="interactions of each customer, at most 20")
    options.add_argument("--audiences", type=int, default=200)
    options.add_argument("--probes", type=int, default=200)
    options.add_argument("--folder", default=None, help="where the temporary folder is made")
    chosen = options.parse_args()
    few = chosen.what == "latency"
    chosen.customers = chosen.customers or (100_000 if few else 1_000_000)
    chosen.each = chosen.each or (10 if few else 20)
    with tempfile.TemporaryDirectory(prefix="amity-audiences-", dir=chosen.folder) as folder:
        amity = Amity(Path(folder) / "home")
        amity.start()
        try:
            (latency if few else algebra)(amity, chosen)
        finally:
            amity.stop()


def filled(amity: Amity, chosen: argparse.Namespace) -> tuple[int, str]:
    """Fill a workspace; return its id and a write key."""
    made = json.loads(amity.cli("workspace", "create", "Bench", "--slug", "bench", "--json"))
    source = json.loads(amity.cli("source", "create", "Shop", "--workspace", "bench", "--json"))
    os.environ.update({name: value for name, value in amity.env.items() if name.startswith("AMITY_")})
    from amity.config.cli.setup import django_ready

    django_ready()
    say(f"filling {chosen.customers:,} customers")
    fill_customers(made["id"], chosen.customers, each=chosen.each)
    rows = fill_past(made["id"], chosen.customers, each=chosen.each, progress=say)
    print(f"{chosen.customers:,} customers, {rows:,} interactions, load {os.getloadavg()[0]:.1f}", flush=True)
    return made["id"], source["write_key"]


def keep(workspace: int, name: str, where: dict) -> int:
    """Make an audience as a person would have, and wait until it is computed."""
    from amity.kernel.clock import now_ms
    from amity.rooms.customers.models import Audience

    made = Audience.objects.create(
        workspace_id=workspace, name=name, definition={"version": 1, "where": where}, created_at=now_ms(), updated_at=now_ms(),
        wanted_at=now_ms(),
    )  # fmt: skip
    return made.pk


def did(name: str, **rest: object) -> dict:
    return {"kind": "did", "event": {"name": name}, **rest}


def latency(amity: Amity, chosen: argparse.Namespace) -> None:
    workspace, key = filled(amity, chosen)
    from amity.rooms.customers.models import Audience, Touch

    for n in range(chosen.audiences - 1):
        # Nearly half of them listen to what comes in. Each wants another number of it, as far apart as lets about one event in three
        # bring its customer into one; how many really entered is told.
        window = {"kind": "last", "amount": 120 + n, "unit": "days"}
        keep(workspace, f"Audience {n}", did(NAMES[n % 7] if n % 3 else NAMES[0], at_least=4 + n * 9 // 7, within=window))
    probed = keep(workspace, "Probed", did("Probed"))
    while Audience.objects.filter(workspace_id=workspace, computed_at=None).exists():
        time.sleep(0.5)
    say("computed")
    sender = Sender(amity.edge, key, chosen.customers)
    ceiling = find_ceiling(sender, workspace)
    while Touch.objects.filter(done_at=None).exists():
        time.sleep(0.2)
    rest = probe(amity, key, probed, range(chosen.probes // 4))
    entered = entries(workspace)
    sender.keep_up(ceiling / 2)
    time.sleep(5)
    busy = probe(amity, key, probed, range(chosen.probes // 4, chosen.probes // 4 + chosen.probes))
    sent = sender.finish()
    print(
        f"the whole way carries {ceiling:,.0f} events/s; {sent:,} came in meanwhile at half of that, and let customers enter "
        f"{entries(workspace) - entered:,} times; load {os.getloadavg()[0]:.1f}"
    )
    print(f"{chosen.audiences} live audiences, from before the request until the membership can be read, in seconds")
    for label, took in (("at rest", rest), ("at half of the ceiling", busy)):
        cut = statistics.quantiles(took, n=100, method="inclusive")
        met = "" if cut[98] <= GOAL_SECONDS else "  missed"
        print(
            f"  {label:<24} n {len(took):>4}  p50 {cut[49]:.2f}  p95 {cut[94]:.2f}  p99 {cut[98]:.2f}  goal {GOAL_SECONDS}{met}",
            flush=True,
        )


def entries(workspace: int) -> int:
    """Return how often customers have entered audiences."""
    from django.db.models import Sum

    from amity.rooms.customers.models import AudienceSize

    return AudienceSize.objects.filter(audience__workspace_id=workspace).aggregate(n=Sum("entered"))["n"] or 0


def probe(amity: Amity, key: str, audience: int, numbers: range) -> list[float]:
    """Let one customer after the other enter, and return how long each took."""
    from django.db import connection

    from amity.rooms.customers.models import Member

    took = []
    with httpx.Client(base_url=amity.edge, auth=(key, ""), timeout=30) as client:
        for n in numbers:
            who = customer_id(n)
            began = time.perf_counter()
            answer = client.post("/v1/track", json={"event": "Probed", "userId": f"user-{n}", "messageId": f"probe-{n}"})
            assert answer.status_code == 200
            while not Member.objects.filter(audience_id=audience, customer_id=who, inside=True).exists():
                assert time.perf_counter() - began < 120, "it never entered"
                time.sleep(0.01)
            took.append(time.perf_counter() - began)
            time.sleep(0.2)
    connection.close()
    return took


def algebra(amity: Amity, chosen: argparse.Namespace) -> None:
    workspace, _ = filled(amity, chosen)
    from amity.kernel.clock import now_ms
    from amity.rooms.customers.queries.audiences.evaluate import evaluate
    from amity.rooms.customers.queries.audiences.known import Kept
    from amity.rooms.customers.queries.audiences.sets import Sets

    wheres = {
        "Bought twice": did("Order Completed", at_least=2),
        "Answered": did("Survey Answered", at_least=2),
        "Wrote in": did("Ticket Opened", at_least=3),
        "Viewed often": did("Product Viewed", at_least=4),
    }
    kept = {}
    for name, where in wheres.items():
        kept[name] = keep(workspace, name, where)
    from amity.rooms.customers.models import Audience

    for name, pk in kept.items():
        began = time.perf_counter()
        while Audience.objects.filter(pk=pk, computed_at=None).exists():
            time.sleep(0.2)
        print(f"  {name}: {Audience.objects.get(pk=pk).size:,} customers, waited {time.perf_counter() - began:.1f} s", flush=True)
    names = list(kept)
    known = Kept(workspace)
    asked, cold, warm, work = [], [], [], {"asked": [], "warm": []}
    engines = [one["pid"] for one in amity.status()["processes"] if one.get("pid")]
    for first, second in ((0, 1), (1, 2), (0, 3)):
        a, b = kept[names[first]], kept[names[second]]
        from amity.rooms.customers.rules.audiences.language import All

        both = All(of=(known.conditions[a], known.conditions[b]))
        began, used = time.perf_counter(), cpu_of(engines)
        done = evaluate({0: both}, workspace=workspace, zone=known.zone, now=now_ms())
        asked.append(time.perf_counter() - began)
        work["asked"].append(cpu_of(engines) - used)
        expected = int(done.found[0].met.sum())
        sets = Sets()
        began = time.perf_counter()
        found = sets.of(workspace, [a, b]).count([a], [b])
        cold.append(time.perf_counter() - began)
        used = cpu_of(engines)
        for _ in range(TURNS):
            began = time.perf_counter()
            found = sets.of(workspace, [a, b]).count([a], [b])
            warm.append(time.perf_counter() - began)
        work["warm"].append((cpu_of(engines) - used) / TURNS)
        assert found == expected, (found, expected)
        print(f"  in {names[first]} and {names[second]}: {found:,}", flush=True)
    group_by, read, kept_ = statistics.median(asked), statistics.median(cold), statistics.median(warm)
    print(f"how many are in two audiences, load {os.getloadavg()[0]:.1f}")
    print(f"  by the definition, GROUP BY over the past  {group_by * 1_000:>10,.1f} ms")
    print(f"  by sets, members read from PostgreSQL      {read * 1_000:>10,.1f} ms  {group_by / read:,.0f} times")
    met = "" if group_by / kept_ >= GOAL_TIMES else "  missed"
    print(
        f"  by sets, kept as bits                      {kept_ * 1_000:>10,.1f} ms  {group_by / kept_:,.0f} times, goal {GOAL_TIMES}{met}"
    )
    by_definition, by_bits = statistics.median(work["asked"]), statistics.median(work["warm"])
    print(
        f"  CPU, all processes: {by_definition * 1_000:,.0f} ms by the definition, {by_bits * 1_000:,.2f} ms by bits, {by_definition / by_bits:,.0f} times"
    )


def cpu_of(processes: list[int]) -> float:
    """Return how many seconds of CPU processes and this one have taken: what a busy machine hardly changes."""
    return time.process_time() + sum(cpu_of_one(one) for one in processes)


if __name__ == "__main__":
    main()
