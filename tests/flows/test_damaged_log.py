"""A bit of the log's file really flips: the worker stops, everyone is told, and a person decides; or the file comes back."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import httpx
import pytest

from amity.engines.supervisor.records import started
from tests.damage import flip_bit
from tests.flows.running import Amity
from tests.flows.wait import wait_for

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.slow,
]  # 45 s; its parts: tests/engines/log/test_damage.py, tests/workers/test_worker.py


class Damaged:
    """An Amity whose log is damaged while its worker stands still."""

    def __init__(self, amity: Amity) -> None:
        self.amity = amity
        self.key = json.loads(amity.cli("source", "create", "Shop", "--json"))["write_key"]

    def pid(self, name: str) -> int:
        found = json.loads((self.amity.home / "run" / "processes.json").read_bytes())
        return next(one["pid"] for one in found if one["name"] == name and one["state"] == "ready")

    def send(self, *names: str) -> None:
        for name in names:
            events = [{"type": "track", "event": "E", "messageId": f"{name}-{n}", "userId": "u"} for n in range(10)]
            self.amity.send(self.key, *events)

    def flip(self, name: str) -> None:
        flip_bit(sorted(self.stream.rglob("*.blk")), f'"{name}-0"'.encode(), offset=1)

    def restart_log(self, sign: signal.Signals) -> None:
        old = self.pid("nats")
        os.kill(old, sign)
        wait_for(lambda: self.up("nats") and self.pid("nats") != old)

    def copy(self) -> None:
        """Copy the stream's folder, as a backup would hold it."""
        shutil.copytree(self.stream, self.amity.home / "copy")

    def put_back(self) -> None:
        """Put the copy back while the log is ended and the supervisor, standing still, can't start it."""
        old = self.pid("nats")
        os.kill(self.amity.process.pid, signal.SIGSTOP)
        os.kill(old, signal.SIGTERM)
        wait_for(lambda: not started(old))
        shutil.rmtree(self.stream)
        shutil.copytree(self.amity.home / "copy", self.stream)
        os.kill(self.amity.process.pid, signal.SIGCONT)
        wait_for(lambda: self.up("nats") and self.pid("nats") != old)

    @property
    def stream(self) -> Path:
        return self.amity.home / "log" / "jetstream" / "AMITY" / "streams" / "AMITY"

    def up(self, name: str) -> bool:
        found = json.loads((self.amity.home / "run" / "processes.json").read_bytes())
        return any(one["name"] == name and one["state"] == "ready" for one in found)

    def halted(self) -> str:
        readers = (self.amity.status()["pipeline"] or {"readers": []})["readers"]
        return next((one["halted"] for one in readers if one["halted"]), "")

    def stored(self) -> set[str]:
        sql = "select message_id from interactions"
        return {
            row["message_id"].rpartition("-")[0] for row in json.loads(self.amity.cli("query", sql, "--json", "--limit", "10000"))
        }

    def metrics(self) -> str:
        return httpx.get(f"{self.amity.console}/metrics", timeout=20).text


def test_a_flipped_bit(fresh_amity, browser):
    one = Damaged(fresh_amity)
    one.send("before")
    wait_for(lambda: "before" in one.stored())
    worker = one.pid("worker-0")
    os.kill(worker, signal.SIGSTOP)
    one.send("first", "hit", "last")
    one.copy()
    one.flip("hit")
    one.restart_log(signal.SIGTERM)
    os.kill(worker, signal.SIGCONT)

    said = wait_for(one.halted)
    assert "Entry 3 is missing in the log" in said
    status = one.amity.status()
    assert status["verdict"] == "degraded"
    assert any("worker-0-of-1 has stopped" in problem for problem in status["problems"])
    wait_for(lambda: 'amity_reader_halted{reader="worker-0-of-1"} 1.0' in one.metrics())
    page = browser.new_page(base_url=one.amity.console)
    one.amity.sign_in(page)
    page.get_by_text("The pipeline has stopped reading the log.").wait_for()
    assert one.stored() == {"before", "first"}

    one.put_back()
    wait_for(lambda: one.stored() == {"before", "first", "hit", "last"})
    assert one.halted() == ""

    os.kill(one.pid("worker-0"), signal.SIGSTOP)
    one.send("sure", "gone", "also gone")
    one.flip("gone")
    one.restart_log(signal.SIGKILL)  # now the rest of the file is dropped, and its numbers are given again
    one.send("new", "newer", "newest")
    os.kill(one.pid("worker-0") if one.up("worker-0") else worker, signal.SIGCONT)
    assert "Entries 6 to 7 were in the log once and are lost" in wait_for(one.halted)
    [gap] = json.loads(one.amity.cli("log", "gaps", "--json"))["open"]
    assert (gap["first"], gap["last"], gap["interactions"], gap["on_after"]) == (6, 7, 20, 5)
    told = one.amity.cli("log", "pass-gap", "--yes", "--by", "Nadia", "--reason", "No backup has them")
    assert "worker-0-of-1 goes on behind entry 5" in told
    wait_for(lambda: one.stored() >= {"new", "newer", "newest"})
    assert one.stored() == {"before", "first", "hit", "last", "sure", "new", "newer", "newest"}
    [damage] = one.amity.status()["pipeline"]["damages"]
    assert (damage["outcome"], damage["by"], damage["reason"]) == ("passed", "Nadia", "No backup has them")
    page.goto(f"{page.url.split('/w/')[0]}/w/your-company/system/")
    page.get_by_text("No backup has them").wait_for()
    page.close()
    assert "Nadia passed entries 6 to 7, about 20 interactions: No backup has them" in one.amity.cli("log", "gaps")
