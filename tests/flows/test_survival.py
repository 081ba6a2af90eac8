"""Every process dies at once, with -9, while clients send: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import signal
import threading
from contextlib import suppress

import httpx
import pytest

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


@pytest.mark.timeout(240)
def test_nothing_acknowledged_is_lost_or_doubled(fresh_amity):
    amity = fresh_amity
    key = json.loads(amity.cli("source", "create", "Survivor", "--json"))["write_key"]
    senders = [Sender(amity.edge, key, f"s{i}") for i in range(4)]
    for sender in senders:
        sender.start()
    wait_for(lambda: sum(len(s.acknowledged) for s in senders) > 400, seconds=60)

    pids = [p["pid"] for p in json.loads((amity.home / "run" / "processes.json").read_text()) if p["pid"]]
    for pid in [amity.process.pid, *pids]:
        with suppress(ProcessLookupError):  # it may have gone with its supervisor, a moment earlier
            os.kill(pid, signal.SIGKILL)
    amity.process.wait(10)
    before = sum(len(s.acknowledged) for s in senders)

    amity.start()
    wait_for(lambda: sum(len(s.acknowledged) for s in senders) > before + 400, seconds=90)
    for sender in senders:
        sender.stopping.set()
    for sender in senders:
        sender.join(10)
    acknowledged = set().union(*(s.acknowledged for s in senders))
    assert sum(s.failed for s in senders) > 0  # otherwise the clients never noticed, and this proved nothing

    def stored() -> list[dict] | None:
        rows = json.loads(
            amity.cli(
                "query", "select message_id, count() as n from interactions group by message_id", "--json", "--limit", "100000"
            )
        )
        return rows if acknowledged <= {r["message_id"] for r in rows} else None

    rows = wait_for(stored, seconds=60, every=1)
    assert [r for r in rows if int(r["n"]) != 1] == []
    shown = json.loads(amity.cli("customer", "show", "s0-user-0", "--json", "--limit", "1"))
    expected = sum(1 for r in rows if r["message_id"].startswith("s0-") and int(r["message_id"].rsplit("-", 1)[1]) % 3 == 0)
    assert shown["interactions"] == expected
