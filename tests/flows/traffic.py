"""Clients that send to an edge without a pause, and what became of what was acknowledged."""

from __future__ import annotations

import json
import threading

import httpx

from tests.flows.running import Amity
from tests.flows.wait import wait_for


class Sender(threading.Thread):
    """Sends small batches one after the other, retries what was not acknowledged, and remembers what was."""

    def __init__(self, edge: str, write_key: str, name: str) -> None:
        super().__init__(daemon=True)
        self.edge, self.write_key, self.prefix = edge, write_key, name
        self.acknowledged: set[str] = set()
        self.stopping = threading.Event()
        self.failed = 0

    def run(self) -> None:
        n = 0
        with httpx.Client(timeout=5, auth=(self.write_key, "")) as client:
            while not self.stopping.is_set():
                ids = [f"{self.prefix}-{n}-{i}" for i in range(10)]
                n += 1
                batch = [
                    {"type": "track", "event": "Step Taken", "messageId": m, "userId": f"{self.prefix}-user-{i % 3}"}
                    for i, m in enumerate(ids)
                ]
                sent = False
                while not sent and not self.stopping.is_set():
                    sent = self.send(client, batch)
                    if not sent:
                        self.stopping.wait(0.2)
                if sent:
                    self.acknowledged.update(ids)

    def send(self, client: httpx.Client, batch: list[dict]) -> bool:
        try:
            return client.post(f"{self.edge}/v1/batch", json={"batch": batch}).status_code == 200
        except httpx.HTTPError:
            self.failed += 1
            return False


class Traffic:
    """Clients that send without a pause, and what became of what was acknowledged."""

    def __init__(self, amity: Amity) -> None:
        self.amity = amity
        key = json.loads(amity.cli("source", "create", "Shop", "--json"))["write_key"]
        self.senders = [Sender(amity.edge, key, f"s{i}") for i in range(3)]
        for one in self.senders:
            one.start()

    def count(self) -> int:
        return sum(len(one.acknowledged) for one in self.senders)

    def more(self, count: int = 200) -> None:
        goal = self.count() + count
        wait_for(lambda: self.count() >= goal)

    def end(self) -> None:
        """Stop sending; all that was acknowledged is in the past, once."""
        for one in self.senders:
            one.stopping.set()
        for one in self.senders:
            one.join(20)
        acknowledged = set().union(*(one.acknowledged for one in self.senders))
        sql = "select message_id, count() as n from interactions group by message_id"

        def stored() -> dict[str, int] | None:
            rows = json.loads(self.amity.cli("query", sql, "--json", "--limit", "100000"))
            found = {row["message_id"]: int(row["n"]) for row in rows}
            return found if acknowledged <= found.keys() else None

        assert set(wait_for(stored, every=0.5).values()) == {1}
