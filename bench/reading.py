"""How long people wait for a timeline, a search and each page, with a large company in the engines, at rest and while events come in.

Run: python -m bench.reading [--customers 1000000] [--each 20] [--asks 200]. It starts an Amity of its own in a temporary folder, fills
it (20 million interactions take some minutes and about 4 GB), reads at rest, finds out how many events a second the whole way from
edge to past carries, and reads again while half of that comes in. Each figure is a 95th percentile with its number of asks.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from bench.filling import FIRST, LAST, customer_id, fill_customers, fill_past
from tests.flows.running import Amity
from tests.flows.wait import wait_for

PASSWORD = "a long sentence for benchmarks"
GOALS = {"timeline": 30, "search": 50, "page": 150}  # milliseconds, 95th percentile
BURST = 40_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--each", type=int, default=20, help="interactions of each customer")
    options.add_argument("--asks", type=int, default=200)
    options.add_argument("--folder", default=None, help="where the temporary folder is made")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="amity-reading-", dir=chosen.folder) as folder:
        amity = Amity(Path(folder) / "home")
        amity.start()
        try:
            measure(amity, chosen)
        finally:
            amity.stop()


def measure(amity: Amity, chosen: argparse.Namespace) -> None:
    made = json.loads(amity.cli("workspace", "create", "Bench", "--slug", "bench", "--json"))
    source = json.loads(amity.cli("source", "create", "Shop", "--workspace", "bench", "--json"))
    os.environ.update({name: value for name, value in amity.env.items() if name.startswith("AMITY_")})
    from amity.config.cli.setup import django_ready

    django_ready()
    say(f"filling {chosen.customers:,} customers")
    fill_customers(made["id"], chosen.customers, each=chosen.each)
    rows = fill_past(made["id"], chosen.customers, each=chosen.each, progress=say)
    say(f"{rows:,} interactions filled")
    reader = Reader(amity, made["id"], chosen)
    reader.sign_in()
    reader.round("warming up", 20)
    print(f"{chosen.customers:,} customers, {rows:,} interactions, load {os.getloadavg()[0]:.1f}")
    reader.round("at rest", chosen.asks)
    sender = Sender(amity.edge, source["write_key"], chosen.customers)
    ceiling = find_ceiling(sender, made["id"])
    print(f"the whole way carries {ceiling:,.0f} events/s; {ceiling / 2:,.0f} come in now")
    sender.keep_up(ceiling / 2)
    time.sleep(5)
    reader.round("while events come in", chosen.asks)
    sent = sender.finish()
    print(f"meanwhile {sent:,} events were acknowledged")


class Reader:
    """Asks as pages do, and notes how long each answer took."""

    def __init__(self, amity: Amity, workspace: int, chosen: argparse.Namespace) -> None:
        self.amity, self.workspace, self.customers = amity, workspace, chosen.customers
        self.dice = random.Random(7)
        self.browser = httpx.Client(base_url=amity.console, timeout=30, follow_redirects=True)

    def sign_in(self) -> None:
        person = json.loads(
            self.amity.cli(
                "person", "create", "ana@bench.example", "--name", "Ana", "--role", "owner", "--workspace", "bench", "--json"
            )
        )
        form = self.browser.get(person["link"]).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        fields = {"csrfmiddlewaretoken": token[1], "name": "Ana", "password": PASSWORD}
        answer = self.browser.post(person["link"], data=fields, headers={"Referer": person["link"]})
        assert "/w/bench/" in str(answer.url), f"not signed in: {answer.url}"

    def round(self, label: str, asks: int) -> None:
        from amity.rooms.customers import api

        def timeline() -> None:
            story = api.timeline(workspace_id=self.workspace, customer_ids=[customer_id(self.anybody())])
            assert len(story.moments) >= 2, "the story is empty"

        def search() -> None:
            n = self.anybody()
            text = self.dice.choice(
                [f"user{n}@example.com", f"user-{n}", f"{FIRST[n % 26]} {LAST[n % 12]}", LAST[n % 12], FIRST[n % 26][:2]]
            )
            assert api.search_customers(workspace_id=self.workspace, text=text).total

        tasks = {"timeline": (timeline, "timeline"), "search": (search, "search")}
        for name, path in self.pages().items():
            tasks[name] = (lambda path=path: self.open(path()), "page")
        print(f"\n{label:<24} {'n':>5} {'p50 ms':>8} {'p95 ms':>8} {'goal':>6}")
        for name, (task, goal) in tasks.items():
            took = [timed(task) for _ in range(asks if goal != "page" else max(asks // 3, 10))]
            p95 = statistics.quantiles(took, n=20, method="inclusive")[-1]
            met = "" if p95 <= GOALS[goal] else "  missed"
            print(f"  {name:<22} {len(took):>5} {statistics.median(took):>8.1f} {p95:>8.1f} {GOALS[goal]:>6}{met}", flush=True)

    def pages(self):
        return {
            "page: customers": lambda: "/w/bench/customers/",
            "page: customers, found": lambda: f"/w/bench/customers/?q={LAST[self.anybody() % 12]}",
            "page: customer": lambda: f"/w/bench/customers/{customer_id(self.anybody())}/",
            "page: identity": lambda: f"/w/bench/customers/{customer_id(self.anybody())}/identity/",
            "page: live": lambda: "/w/bench/live/",
            "page: sources": lambda: "/w/bench/sources/",
            "page: people": lambda: "/w/bench/people/",
            "page: audit": lambda: "/w/bench/audit/",
            "page: system": lambda: "/w/bench/system/",
        }

    def open(self, path: str) -> None:
        answer = self.browser.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"

    def anybody(self) -> int:
        return self.dice.randrange(self.customers)


class Sender:
    """A process of its own that sends batches of 100 events of known customers, all at once or at a steady rate."""

    def __init__(self, edge: str, key: str, customers: int) -> None:
        self.edge, self.key, self.customers = edge, key, customers
        self.process: subprocess.Popen[str]

    def start(self, *, rate: float, most: int) -> None:
        command = [sys.executable, "-m", "bench.reading", "send", self.edge, self.key, str(self.customers), str(rate), str(most)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def burst(self, events: int) -> None:
        self.start(rate=0, most=events)
        out, _ = self.process.communicate()
        assert int(out) == events, "the edge refused some"

    def keep_up(self, rate: float) -> None:
        self.start(rate=rate, most=10**9)

    def finish(self) -> int:
        out, _ = self.process.communicate("stop\n")
        return int(out)


def find_ceiling(sender: Sender, workspace: int) -> float:
    """Events a second from the first request until the last row is in the past."""
    from amity.engines.past.client import past

    def held() -> int:
        return int(past().command("SELECT count() FROM interactions_raw WHERE workspace_id = %(w)s", parameters={"w": workspace}))

    before, began = held(), time.perf_counter()
    sender.burst(BURST)
    wait_for(lambda: held() - before >= BURST, seconds=300, every=0.2)
    return BURST / (time.perf_counter() - began)


def send(edge: str, key: str, customers: int, rate: float, most: int) -> None:
    """Send until `most` events are acknowledged or a line comes in; print how many were."""
    stopping = threading.Event()
    if most >= 10**9:
        threading.Thread(target=lambda: (sys.stdin.readline(), stopping.set()), daemon=True).start()
    dice, sent, began = random.Random(os.getpid()), 0, time.monotonic()
    with httpx.Client(base_url=edge, auth=(key, ""), timeout=30) as client:
        while sent < most and not stopping.is_set():
            batch = [
                {
                    "type": "track", "event": "Product Viewed", "userId": f"user-{dice.randrange(customers)}",
                    "messageId": f"{os.getpid()}-{sent + i}", "properties": {"sku": f"S{i}", "price": 12.5},
                    "context": {"library": {"name": "analytics.js"}, "page": {"path": "/products/oak-table"}},
                }
                for i in range(100)
            ]  # fmt: skip
            answer = client.post("/v1/batch", json={"batch": batch})
            if answer.status_code == 200:
                sent += 100
            if rate and (ahead := sent / rate - (time.monotonic() - began)) > 0:
                stopping.wait(ahead)
    print(sent)


def timed(task) -> float:
    began = time.perf_counter()
    task()
    return (time.perf_counter() - began) * 1_000


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["send"]:
        send(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6]))
    else:
        main()
