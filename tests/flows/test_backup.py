"""A backup is taken while clients send, and restored on an empty machine: nothing that was acknowledged before it is missing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.flows.recovering import Sender, backed_up, restored, signed_in, stored, with_password_and_code, worked
from tests.flows.running import OWNER, Amity
from tests.flows.wait import wait_for

QUIET = {"quiet-1", "quiet-2"}


@dataclass
class Story:
    """An Amity that was backed up while two clients sent, went on, and stands still now."""

    amity: Amity
    path: Path
    key: str
    token: str
    shown: str  # a customer who did nothing meanwhile
    head: str
    before: set[str]  # acknowledged before the backup began
    after: set[str]  # acknowledged before `instant`
    instant: str


def event(name: str, **more) -> dict:
    return {"type": "track", "event": "Step Taken", "messageId": name, "userId": "quiet", **more}


def field_keys(amity: Amity) -> dict[str, str]:
    return {path.name: path.read_text() for path in (amity.home / "secrets").glob("field-keys-*.json")}


def once(found: dict[str, int]) -> bool:
    return set(found.values()) == {1}


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Story:
    folder = tmp_path_factory.mktemp("backup")
    amity, path = Amity(folder / "home"), folder / "a.amity"
    amity.start()
    try:
        key = json.loads(amity.cli("source", "create", "Shop", "--json"))["write_key"]
        token = json.loads(amity.cli("token", "create", "--role", "viewer", "--json"))["token"]
        amity.cli("key", "rotate")
        amity.cli("key", "rotate")
        with_password_and_code(amity, OWNER)
        amity.send(key, event("quiet-1", properties={"total": 12.5, "tags": ["a", 1, None], "deep": {"ü": True}}))
        amity.send(key, event("quiet-2"))
        worked(amity, QUIET)
        shown = amity.cli("customer", "show", "quiet", "--json")
        before, after, head = _backed_up_while_sending(amity, key, path)
        instant = datetime.now(UTC).isoformat()
        amity.send(key, event("too-late"))
        worked(amity, after | {"too-late"})
    finally:
        amity.stop()
    return Story(amity, path, key, token, shown, head, before, after, instant)


def _backed_up_while_sending(amity: Amity, key: str, path: Path) -> tuple[set[str], set[str], str]:
    senders = [Sender(amity, key, f"s{i}") for i in range(2)]
    for sender in senders:
        sender.start()
    wait_for(lambda: all(len(s.acknowledged) > 100 for s in senders))
    before = set().union(*(set(s.acknowledged) for s in senders))
    made = backed_up(amity, path)
    chain = json.loads(amity.cli("audit", "verify", "--json", "--head", made["audit"]))
    assert chain["ok"]
    assert chain["rows"] == int(made["audit"].partition(":")[0]) + 1  # that the backup was made stands behind it
    wait_for(lambda: sum(len(s.acknowledged) for s in senders) > len(before) + 100)
    for sender in senders:
        sender.stopping.set()
    for sender in senders:
        sender.join(10)
    return before, set().union(*(s.acknowledged for s in senders)), made["audit"]


@pytest.mark.timeout(400)
def test_a_restored_amity_is_the_one_that_was_backed_up(story, tmp_path):
    assert story.path.stat().st_mode & 0o777 == 0o600
    copy = restored(story.path, tmp_path / "copy")  # which compares counts and the audit chain's head
    copy.start()
    try:
        found = worked(copy, story.before | QUIET)
        assert once(found)
        assert found.keys() <= story.after | QUIET
        assert json.loads(copy.cli("audit", "verify", "--json", "--head", story.head))["ok"]
        assert copy.cli("customer", "show", "quiet", "--json") == story.shown
        assert json.loads(copy.cli("key", "list", "--json")) == {"current": 2, "keys": [1, 2]}
        assert field_keys(copy) == field_keys(story.amity)
        assert "Customers" in signed_in(copy, OWNER)
        asked = httpx.get(
            f"{copy.console}/api/v1/customers?purpose=necessary", headers={"Authorization": f"Bearer {story.token}"}
        )
        assert asked.status_code == 200, asked.text

        again = sorted(story.before)[:40]
        copy.send(story.key, *(event(name) for name in again), event("new-one"))
        assert once(worked(copy, {"new-one"}))
    finally:
        copy.stop()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_what_followed_comes_from_the_log_that_outlived_the_rest(story, tmp_path):
    later = restored(story.path, tmp_path / "later", "--log", str(story.amity.home), "--until", story.instant)
    later.start()
    try:
        assert once(worked(later, story.after))
        assert "too-late" not in stored(later)
    finally:
        later.stop()


@pytest.mark.timeout(200)
def test_an_amity_that_is_not_running_is_backed_up_whole(story, tmp_path):
    made = backed_up(story.amity, tmp_path / "idle.amity")
    assert made["rows"]["past/interactions_raw"] == len(story.after | QUIET | {"too-late"})
    assert made["rows"]["log/entries"] == 0
    assert not (story.amity.home / "run" / "endpoints.json").exists()
    told = json.loads(story.amity.cli("restore", str(tmp_path / "idle.amity"), "--check", "--json"))
    assert (told["rows"], told["audit"]) == (made["rows"], made["audit"])
    assert "is whole: of 20" in story.amity.cli("restore", str(tmp_path / "idle.amity"), "--check")
