"""How long the Profile API takes, beside a bare read of one row of PostgreSQL in the same run, at rest and while interactions come in.

Run: python -m bench.profile [--customers 100000] [--asks 1000] [--rate 20]. It starts an Amity of its own in a temporary folder, fills the
present, asks for profiles at a steady rate and in between for a bare row by key, finds out how many events a second the whole way
carries, and asks again while half of that comes in. `--profile FILE` writes what the console's event loop did (cProfile).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

import httpx
import psycopg

from bench.filling import customer_id, fill_customers
from bench.reading import Sender, find_ceiling
from tests.flows.running import Amity

GOAL = 10  # milliseconds, 95th percentile
PARTS = {
    "all parts": "",
    "traits": "traits",
    "audiences, consent": "audiences,consent",
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--customers", type=int, default=100_000)
    options.add_argument("--asks", type=int, default=1_000, help="of each kind, at rest and again while events come in")
    options.add_argument("--rate", type=float, default=100, help="asks a second")
    options.add_argument("--folder", default=None, help="where the temporary folder is made")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="amity-profile-", dir=chosen.folder) as folder:
        amity = Amity(Path(folder) / "home")
        amity.start()
        try:
            measure(amity, chosen)
        finally:
            amity.stop()


def measure(amity: Amity, chosen: argparse.Namespace) -> None:
    made = json.loads(amity.cli("workspace", "create", "Bench", "--slug", "bench", "--json"))
    source = json.loads(amity.cli("source", "create", "Shop", "--workspace", "bench", "--json"))
    token = json.loads(amity.cli("token", "create", "--workspace", "bench", "--role", "viewer", "--json"))["token"]
    os.environ.update({name: value for name, value in amity.env.items() if name.startswith("AMITY_")})
    from amity.config.cli.setup import django_ready
    from amity.engines.addresses import addresses

    django_ready()
    fill_customers(made["id"], chosen.customers)
    fill_audiences(made["id"], chosen.customers)
    with psycopg.connect(addresses().present, autocommit=True) as bare:
        asker = Asker(amity, token, bare, chosen)
        asker.round("warming up", 50)
        print(f"{chosen.customers:,} customers, load {os.getloadavg()[0]:.1f}")
        asker.round("at rest", chosen.asks)
        sender = Sender(amity.edge, source["write_key"], chosen.customers)
        ceiling = find_ceiling(sender, made["id"])
        print(f"\nthe whole way carries {ceiling:,.0f} events/s; {ceiling / 2:,.0f} come in now")
        sender.keep_up(ceiling / 2)
        time.sleep(3)
        asker.round("while events come in", chosen.asks)
        print(f"meanwhile {sender.finish():,} events were acknowledged; load {os.getloadavg()[0]:.1f}")


def fill_audiences(workspace: int, customers: int) -> None:
    """Three audiences of half of the customers each, and five computed traits and an answer about consent of everybody."""
    from amity.engines.present.bulk import run, uuids
    from amity.kernel.clock import now_ms
    from amity.rooms.customers.models import Audience, ComputedTrait

    now, ids = now_ms(), [customer_id(n) for n in range(customers)]
    for number in range(3):
        made = Audience.objects.create(
            workspace_id=workspace,
            name=f"Audience {number}",
            created_at=now,
            created_by="bench",
            updated_at=now,
            updated_by="bench",
        )
        run(
            "INSERT INTO customers_member (customer_id, audience_id, inside, since) SELECT i, %s, true, %s FROM unnest(%b::uuid[]) i",
            [made.pk, now, uuids(ids[number::2])],
        )
    for number in range(5):
        trait = ComputedTrait.objects.create(
            workspace_id=workspace,
            name=f"Trait {number}",
            definition={},
            created_at=now,
            created_by="bench",
            updated_at=now,
            updated_by="bench",
        )
        run(
            """INSERT INTO customers_computed_value (customer_id, trait_id, value, number, since)
            SELECT i, %s, '12.5', 12.5, %s FROM unnest(%b::uuid[]) i""",
            [trait.pk, now, uuids(ids)],
        )
    said = json.dumps({"marketing": [True, now, 1, "00"], "analytics": [False, now, 1, "00"]})
    run("UPDATE customers_activity SET consent = %s::jsonb WHERE workspace_id = %s", [said, workspace])


class Asker:
    """Asks for profiles over one connection that stays open, as an application does, and for a bare row by turns."""

    def __init__(self, amity: Amity, token: str, bare: psycopg.Connection, chosen: argparse.Namespace) -> None:
        self.client = httpx.Client(base_url=f"{amity.console}/api/v1/customers", headers={"Authorization": f"Bearer {token}"})
        self.bare, self.customers, self.pause = bare, chosen.customers, 1 / chosen.rate
        self.console = next(one["pid"] for one in amity.status()["processes"] if one["name"] == "console")
        self.dice = random.Random(7)

    def round(self, label: str, asks: int) -> None:
        tasks = {"a bare row by key": self.row, "/healthz": self.nothing}
        tasks |= {f"profile: {name}": lambda include=include: self.profile(include) for name, include in PARTS.items()}
        took = {name: [] for name in tasks}
        used, began = cpu_of(self.console), time.monotonic()
        for number in range(asks):
            for name, task in tasks.items():
                took[name].append(timed(task))
                ahead = began + (number * len(tasks) + len(took)) * self.pause / len(tasks) - time.monotonic()
                if ahead > 0:
                    time.sleep(min(ahead, self.pause))
        spent = (cpu_of(self.console) - used) / (asks * (len(PARTS) + 1)) * 1_000
        print(f"\n{label:<26} {'n':>6} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'times the row':>14}")
        row = statistics.median(took["a bare row by key"])
        for name, times in took.items():
            cuts = statistics.quantiles(times, n=100, method="inclusive")
            met = "" if "profile" not in name or cuts[94] <= GOAL else f"  missed ({GOAL})"
            print(f"  {name:<24} {len(times):>6} {cuts[49]:>8.2f} {cuts[94]:>8.2f} {cuts[98]:>8.2f} {cuts[49] / row:>14.1f}{met}")
        print(f"  CPU of the console: {spent:.2f} ms an answer", flush=True)

    def row(self) -> None:
        sql = "SELECT traits FROM customers_customer WHERE id = %s"
        assert self.bare.execute(sql, [customer_id(self.anybody())], prepare=True).fetchone()

    def nothing(self) -> None:
        assert self.client.get(str(self.client.base_url.copy_with(path="/healthz"))).status_code == 200

    def profile(self, include: str) -> None:
        n = self.anybody()
        who = self.dice.choice([str(customer_id(n)), f"email:user{n}@example.com", f"user_id:user-{n}"])
        answer = self.client.get(f"/{who}", params={"purpose": "necessary"} | ({"include": include} if include else {}))
        assert answer.json()["id"] == str(customer_id(n)), answer.text

    def anybody(self) -> int:
        return self.dice.randrange(self.customers)


def cpu_of(process: int) -> float:
    """Return how many seconds of CPU a process has taken."""
    told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def timed(task) -> float:
    began = time.perf_counter()
    task()
    return (time.perf_counter() - began) * 1_000


if __name__ == "__main__":
    main()
