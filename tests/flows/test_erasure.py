"""A customer is erased while interactions of theirs keep coming, then all is replayed, killed, restored from before: never again."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.flows.recovering import backed_up, restored, run, stored, worked
from tests.flows.running import Amity
from tests.flows.wait import wait_for

EMAIL, USER, BROWSER, PHONE = "eve.adler@mail.example", "eve-4711", "browser-eve-9c1", "+4930901820"
TEXTS = [EMAIL, USER, BROWSER, PHONE, "Eve Adler"]
SWEEP = (
    "import json, sys; from amity.config.cli.setup import django_ready; django_ready()\n"
    "from tests.sweep import found_anywhere; print(json.dumps(found_anywhere(sys.argv[1:])))"
)


def swept(amity: Amity, *texts: str) -> dict[str, int]:
    """Return in which tables of present and past one of the texts stands."""
    done = subprocess.run([sys.executable, "-c", SWEEP, *texts], env=amity.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lying_about(home: Path, *texts: str) -> list[str]:
    """Return files beside the engines' own in which one of the texts stands."""
    engines = {"log", "present", "past"}
    files = [p for p in home.rglob("*") if p.is_file() and p.relative_to(home).parts[0] not in engines]
    return [str(p) for p in files if any(text.encode() in p.read_bytes() for text in texts)]


def hers(number: int) -> list[dict]:
    who = {"userId": USER, "anonymousId": BROWSER}
    return [
        {
            "type": "identify",
            "messageId": f"eve-i{number}",
            **who,
            "traits": {"email": EMAIL, "phone": PHONE, "name": "Eve Adler"},
        },
        {"type": "track", "event": "Order Completed", "messageId": f"eve-t{number}", **who, "properties": {"total": 9}},
        {"type": "track", "event": "Page Seen", "messageId": f"eve-b{number}", "anonymousId": BROWSER},
        {"type": "track", "messageId": f"eve-q{number}", "userId": USER, "event": ""},  # turned away
        {"type": "track", "event": "Order Completed", "messageId": f"ben-{number}", "userId": "ben"},
    ]


class Flowing(threading.Thread):
    """Sends of Eve and of Ben until stopped."""

    def __init__(self, edge: str, key: str) -> None:
        super().__init__(daemon=True)
        self.edge, self.key, self.stopping, self.sent = edge, key, threading.Event(), 0

    def run(self) -> None:
        with httpx.Client(timeout=10, auth=(self.key, "")) as client:
            for number in itertools.count(1):
                if self.stopping.is_set():
                    return
                assert client.post(f"{self.edge}/v1/batch", json={"batch": hers(number)}).status_code == 200
                self.sent = number
                self.stopping.wait(0.05)  # each request is an entry of the log, which is replayed below

    def stop(self) -> int:
        self.stopping.set()
        self.join(10)
        return self.sent


@dataclass
class Story:
    """An Amity with a backup from when Eve was there, in which she was erased since. It stands still."""

    amity: Amity
    backup: Path
    receipt: dict
    file: str
    key: str
    seen: dict[str, int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Story:
    folder = tmp_path_factory.mktemp("erasure")
    amity, backup = Amity(folder / "home"), folder / "kept" / "before.amity"
    backup.parent.mkdir()
    amity.start()
    try:
        key = json.loads(amity.cli("source", "create", "Shop", "--json"))["write_key"]
        flowing = Flowing(amity.edge, key)
        flowing.start()
        wait_for(lambda: flowing.sent > 20)
        wait_for(lambda: USER in amity.cli("query", "select user_id from interactions limit 50", "--json"), every=0.5)
        texts = [*TEXTS, json.loads(amity.cli("customer", "show", EMAIL, "--json"))["customer_id"]]
        assert swept(amity, *texts).keys() >= {"past.interactions_raw", "past.quarantine", "customers_identifier"}
        backed_up(amity, backup)

        asked = subprocess.Popen(
            [sys.executable, "-m", "amity.config.cli", "erase", "email", EMAIL.upper(), "--reason", "Asked by letter", "--json"],
            env=amity.env, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        for _ in range(3):  # whatever it is at
            wait_for(lambda: kill_worker(amity), every=0.5)
        found = json.loads(asked.communicate(timeout=200)[0])
        assert found["finished_at"], found
        sent = flowing.stop()
        seen = worked(amity, {f"ben-{sent}"})
        file = folder / "receipt.json"
        file.write_text(amity.cli("erasure", "receipt", found["id"]))
        receipt = json.loads(file.read_text())
        assert found["id"] in (backup.parent / "erased.jsonl").read_text()  # beside the backup that will need it
        yield Story(amity, backup, receipt, str(file), key, seen, texts)
    finally:
        amity.stop()


def kill_worker(amity: Amity) -> bool:
    """Kill a worker that is ready with signal 9."""
    found = json.loads((amity.home / "run" / "processes.json").read_bytes())
    [pid] = [one["pid"] for one in found if one["name"] == "worker-0" and one["state"] == "ready"] or [None]
    if pid:
        os.kill(pid, signal.SIGKILL)
    return bool(pid)


@pytest.mark.timeout(400)
def test_nothing_is_left_of_her_and_nothing_of_others_is_missing(story):
    assert swept(story.amity, *story.texts) == {}
    assert lying_about(story.amity.home, *story.texts) == []
    bens = {name: n for name, n in story.seen.items() if name.startswith("ben-")}
    assert set(bens.values()) == {1}
    assert len(bens) == len(story.seen)
    stores = {one["store"]: one for one in story.receipt["stores"]}
    assert {one["left"] for one in stores.values()} == {0}
    assert stores["customers.interactions"]["found"] > 0
    assert stores["collection.quarantine"]["found"] > 0


@pytest.mark.timeout(400)
def test_the_receipt_is_genuine_and_a_changed_one_is_not(story, tmp_path):
    assert story.amity.cli("erasure", "verify", story.file).startswith("Genuine")
    public = story.amity.cli("erasure", "key").strip()
    assert story.amity.cli("erasure", "verify", story.file, "--key", public).startswith("Genuine")
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(story.receipt | {"erased": story.receipt["erased"] + 1}))
    assert run(story.amity, "erasure", "verify", str(changed)).returncode == 1
    assert [one["what"] for one in story.receipt["by_age"]] == [
        "The log of interactions as they came",
        "Backups that were made before",
    ]
    assert not [text for text in story.texts if text in json.dumps(story.receipt)]


@pytest.mark.timeout(400)
def test_a_replay_brings_nothing_back(story):
    story.amity.cli("replay", "--from", "2020-01-01", "--to", "2100-01-01", timeout=200)
    assert swept(story.amity, *story.texts) == {}
    assert stored(story.amity) == story.seen


@pytest.mark.timeout(400)
def test_an_import_brings_nothing_back(story, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text(
        f"messageId,timestamp,userId,event\nold-1,2026-01-05T10:00:00Z,{USER},Old\nold-2,2026-01-05T10:00:00Z,dora,Old\n"
    )
    story.amity.cli("import", str(file), timeout=200)
    seen = wait_for(lambda: (found := stored(story.amity)) and len(found) > len(story.seen) and found, every=0.5)
    assert len(seen) == len(story.seen) + 1
    story.seen = seen
    assert swept(story.amity, *story.texts) == {}


@pytest.mark.timeout(400)
def test_a_restored_amity_has_erased_her_before_anybody_looks(story, tmp_path):
    story.amity.stop()
    later = restored(story.backup, tmp_path / "later", "--log", str(story.amity.home))
    later.start()
    try:
        token = json.loads(later.cli("token", "create", "--role", "viewer", "--json"))["token"]
        found = httpx.get(
            f"{later.console}/api/v1/customers?q={USER}&purpose=necessary", headers={"Authorization": f"Bearer {token}"}
        ).json()
        assert not [one for one in found["customers"] if EMAIL in json.dumps(one)]
        bens = {name for name in story.seen if name.startswith("ben-")}
        assert worked(later, bens).keys() >= bens
        wait_for(lambda: "Done" in later.cli("erasure", "list"), every=1)
        assert swept(later, *story.texts) == {}
        assert lying_about(later.home, *story.texts) == []
        later.cli("replay", "--from", "2020-01-01", "--to", "2100-01-01", timeout=200)
        assert swept(later, *story.texts) == {}
    finally:
        later.stop()
        story.amity.start()


@pytest.mark.timeout(400)
def test_who_comes_back_is_taken_on_again_from_then_on(story):
    story.amity.cli("erasure", "let-back", "email", EMAIL, "--reason", "Signed up anew")
    story.amity.send(story.key, {"type": "track", "event": "Signed Up", "messageId": "eve-new", "userId": USER})
    worked(story.amity, {"eve-new"})
    story.amity.cli("replay", "--from", "2020-01-01", "--to", "2100-01-01", timeout=200)
    assert stored(story.amity) == story.seen | {"eve-new": 1}
