"""Each engine's disk fills up while clients send: 503 or kept, never a false 200, and all goes on by itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import httpx
import psycopg
import pytest

from amity.engines.present import server as present_server
from tests.flows.running import Amity
from tests.flows.wait import wait_for

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]  # 45 s; each engine alone: tests/engines and tests/edge


class Crammed:
    """An Amity whose engines each have a small disk of their own."""

    def __init__(self, amity: Amity, disks: dict) -> None:
        self.amity, self.disks = amity, disks
        self.acknowledged: set[str] = set()
        self.sent = 0

    def send(self, *, bulk: int = 500) -> httpx.Response:
        """Send ten events, and remember them where they were acknowledged."""
        self.sent += 1
        ids = [f"m{self.sent}-{n}" for n in range(10)]
        batch = [{"type": "track", "event": "E", "messageId": one, "userId": "u", "properties": {"x": "y" * bulk}} for one in ids]
        answer = httpx.post(f"{self.amity.edge}/v1/batch", json={"batch": batch}, auth=(self.key, ""), timeout=30)
        if answer.status_code == 200:
            self.acknowledged.update(ids)
        return answer

    def start(self) -> None:
        self.amity.start()
        self.key = json.loads(self.amity.cli("source", "create", "Shop", "--json"))["write_key"]

    def status(self) -> dict:
        done = subprocess.run(
            [sys.executable, "-m", "amity.config.cli", "status", "--json"],
            env=self.amity.env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return json.loads(done.stdout)

    def tells(self, text: str) -> bool:
        """Whether status says it, and nobody could think that all is well."""
        status = self.status()
        return status["verdict"] == "down" and any(text in problem for problem in status["problems"])

    def panic(self) -> None:
        """Make PostgreSQL write its own log, into files of 16 MB that it has made before, until there is none left."""
        endpoints = json.loads((self.amity.home / "run" / "endpoints.json").read_text())
        with psycopg.connect(endpoints["present"], autocommit=True) as connection:
            for _ in range(20):
                connection.execute("SELECT pg_logical_emit_message(true, 'fill', repeat(gen_random_uuid()::text, 100000))")

    def stored(self) -> bool:
        """Whether all that was acknowledged is in the past, and nothing twice."""
        sql = "select count() as n, uniqExact(message_id) as ids from interactions"
        [row] = json.loads(self.amity.cli("query", sql, "--json"))
        assert int(row["n"]) == int(row["ids"])
        assert int(row["n"]) <= len(self.acknowledged) + 10 * self.unsure
        return int(row["n"]) >= len(self.acknowledged)

    unsure = 0


@pytest.fixture
def crammed(tmp_path, volume):
    home = tmp_path / "amity"
    (home / "secrets").mkdir(parents=True)
    (home / "secrets" / "present-password").write_text("for-tests-only")
    present_server.make_cluster(home / "seed", "for-tests-only")
    disks = {name: volume(home / name, megabytes=size) for name, size in (("log", 80), ("present", 160), ("past", 100))}
    shutil.copytree(home / "seed", home / "present", symlinks=True, dirs_exist_ok=True)
    (home / "present").chmod(0o700)
    one = Crammed(Amity(home), disks)
    one.amity.env["AMITY_DISK_RESERVE"] = "0"
    one.start()
    yield one
    one.amity.stop()


def test_each_engine_meets_the_end_of_its_disk(crammed):
    log, present, past = (crammed.disks[name] for name in ("log", "present", "past"))
    log.fill()
    refused = wait_for(lambda: (answer := crammed.send()).status_code == 503 and answer)
    crammed.unsure += 1
    assert int(refused.headers["retry-after"]) >= 1
    assert crammed.tells("No space left for NATS")
    assert crammed.send().status_code == 503
    log.empty()
    wait_for(lambda: crammed.send().status_code == 200)

    present.fill()
    with pytest.raises(psycopg.Error):
        crammed.panic()
    assert all(crammed.send().status_code == 200 for _ in range(5))
    assert crammed.tells("No space left for PostgreSQL")
    present.empty()
    wait_for(crammed.stored)

    past.fill()
    assert all(crammed.send(bulk=5_000).status_code == 200 for _ in range(5))
    assert crammed.tells("No space left for ClickHouse")
    wait_for(lambda: crammed.status()["pipeline"]["pending_batches"])
    past.empty()
    wait_for(crammed.stored)
    assert crammed.status()["verdict"] != "down"
