"""Two workspaces of one Amity that live through the same: in one, customers are joined and parted again; in the other, never joined."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg

from tests.flows.running import Amity
from tests.flows.wait import wait_for

BEGINNING = datetime.now(UTC).replace(microsecond=0) - timedelta(days=6)
VICTIMS = ("worker-0", "postgresql", "history")
_TOLD = """
import json, sys
from amity.config.cli.setup import django_ready
django_ready()
from tests.rooms.customers.histories import snapshot
FACT = "Customers unmerged"  # the one thing that only who was joined has
told = []
for (names, held), state in snapshot(int(sys.argv[1])).items():
    state["story"] = [one for one in state["story"] if one[0] != FACT]
    told.append([str([name for name in names if name != FACT]), str(held), *(f"{part}: {said}" for part, said in sorted(state.items()))])
print(json.dumps(sorted(told)))
"""


@dataclass
class House:
    """One workspace, with what may be asked of it."""

    amity: Amity
    slug: str
    id: int = 0
    key: str = ""
    client: httpx.Client = field(default_factory=httpx.Client)
    sent: int = 0

    @classmethod
    def made(cls, amity: Amity, slug: str) -> House:
        made = json.loads(amity.cli("workspace", "create", slug.title(), "--slug", slug, "--json"))
        source = json.loads(amity.cli("source", "create", "Shop", "--workspace", slug, "--json"))
        token = json.loads(amity.cli("token", "create", "--workspace", slug, "--role", "admin", "--json"))["token"]
        client = httpx.Client(base_url=f"{amity.console}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60)
        return cls(amity=amity, slug=slug, id=made["id"], key=source["write_key"], client=client)

    def send(self, events: list[dict[str, Any]]) -> None:
        """Send events in their order, and again what wasn't acknowledged."""
        for start in range(0, len(events), 200):
            batch = {"batch": events[start : start + 200]}

            def acknowledged(batch: dict[str, Any] = batch) -> bool:
                with suppress(httpx.HTTPError):
                    return (
                        httpx.post(f"{self.amity.edge}/v1/batch", json=batch, auth=(self.key, ""), timeout=20).status_code == 200
                    )
                return False

            wait_for(acknowledged)
        self.sent += len(events)

    def rest(self, *, facts: int = 0) -> None:
        """Wait until everything that was sent is in the past, once, and nothing is left to be done."""

        def at_rest() -> bool:
            with suppress(httpx.HTTPError, psycopg.Error):
                sql = "SELECT countIf(voice != 'ours') AS n, uniqExactIf(message_id, voice != 'ours') AS once, countIf(voice = 'ours') AS facts FROM interactions"
                answer = self.client.post("/query", json={"sql": sql})
                if answer.status_code == 200 and answer.json()["rows"] == [[self.sent, self.sent, facts]]:
                    return not any(waiting(self.amity).values())
            return False

        wait_for(at_rest, seconds=150, every=0.3)

    def who(self, identifier: str) -> str:
        return str(self.client.get(f"/customers/{identifier}", params={"purpose": "necessary"}).json()["id"])

    def told(self) -> list[list[str]]:
        """Return all that present and past tell of each customer, by names instead of ids."""
        done = subprocess.run(
            [sys.executable, "-c", _TOLD, str(self.id)],
            env=self.amity.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)


def waiting(amity: Amity) -> dict[str, int]:
    """Return how much is still to be done, by table."""
    tables = ("present_past_batch", "present_outbox_fact", "customers_mark", "customers_unmerge")
    url = json.loads((amity.home / "run" / "endpoints.json").read_bytes())["present"]
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        found = {one: connection.execute(f"SELECT count(*) FROM {one}").fetchone() for one in tables}
    return {name: row[0] for name, row in found.items() if row}


def strike(amity: Amity, victim: str) -> bool:
    """Kill one process of this Amity at once; False where it isn't running just now."""
    states = json.loads((amity.home / "run" / "processes.json").read_bytes())
    pid = next((one["pid"] for one in states if one["name"] == victim and one["state"] == "ready"), None)
    if not pid:
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def strikes_until(
    amity: Amity, ended: Callable[[], bool], *, seed: int, most: int, victims: Sequence[str] = VICTIMS
) -> list[str]:
    """Kill worker, PostgreSQL and history by turns at odd moments until it has ended; return whom."""
    dice, turns, began = random.Random(seed), itertools.cycle(victims), time.monotonic()
    struck: list[str] = []
    while not ended() and time.monotonic() - began < 200:
        time.sleep(dice.uniform(0.05, 1.5))
        if len(struck) < most and not ended():
            victim = next(turns)
            wait_for(lambda victim=victim: strike(amity, victim))
            struck.append(victim)
    return struck


class Families:
    """In each, somebody's tablet and somebody else, who signed in on it once. The first of them did a great deal since."""

    def __init__(self, number: int, *, great: int) -> None:
        self.number, self.great, self.clock, self.made = number, great, 0, 0
        self.dice = random.Random(number)

    def apart(self) -> list[dict[str, Any]]:
        """What both did before."""
        told = []
        for n in range(self.number):
            told += [
                self.event(
                    f"tablet began {n}", anonymousId=f"t{n}", type="identify", traits={"city": f"Porto {n}", "plan": "free"}
                ),
                self.event(f"tablet bought {n}", anonymousId=f"t{n}", properties={"revenue": 5 + n, "currency": "EUR"}),
                self.event(f"user began {n}", userId=f"u{n}", type="identify", traits={"plan": "paid", "email": f"u{n}@x.org"}),
                self.event(f"user allowed {n}", userId=f"u{n}", consent={"marketing": n % 2 == 0}),
            ]
        return told

    def joined(self) -> list[dict[str, Any]]:
        """That each signed in on the other's tablet."""
        return [self.event(f"signed in {n}", userId=f"u{n}", anonymousId=f"t{n}") for n in range(self.number)]

    def since(self) -> list[dict[str, Any]]:
        """What both did since, each by themselves, and on the tablet together."""
        told = [self.event(f"great {n}", userId="u0") for n in range(self.great)]
        for n in range(self.number):
            told += [
                self.event(f"user bought {n}", userId=f"u{n}", properties={"revenue": 50 + n, "currency": "EUR"}),
                self.event(f"tablet moved {n}", anonymousId=f"t{n}", type="identify", traits={"city": f"Faro {n}"}),
                self.event(f"tablet refused {n}", anonymousId=f"t{n}", consent={"marketing": False}),
                self.event(f"both {n}", userId=f"u{n}", anonymousId=f"t{n}"),
            ]
        return told

    def meanwhile(self) -> list[dict[str, Any]]:
        """What both do while others work at who they are."""
        told = []
        for n in range(self.number):
            told += [
                self.event(f"user later {n}", userId=f"u{n}", type="identify", traits={"plan": f"gold {n}"}),
                self.event(f"tablet later {n}", anonymousId=f"t{n}", properties={"revenue": 1, "currency": "EUR"}),
            ]
        return told

    def event(self, name: str, **given: Any) -> dict[str, Any]:
        self.clock += self.dice.choice((5, 60, 2_400)) if self.great < 100 or not name.startswith("great") else 1
        self.made += 1
        context = {"consent": {"categoryPreferences": given.pop("consent")}} if "consent" in given else {}
        plain = {"type": "track", "event": name, "messageId": f"m-{self.made}", "context": context}
        return {**plain, "timestamp": (BEGINNING + timedelta(seconds=self.clock)).isoformat(), **given}
