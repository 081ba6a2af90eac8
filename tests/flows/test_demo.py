"""The demo company from its command to the customer's page: loaded in bulk, nothing doubled, its truth written, going on live."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from amity.config.linden.audiences import AUDIENCES
from amity.demo.company import found, tell
from amity.demo.record import Story, remember_lives, remember_story
from amity.kernel.clock import DAY, now_ms
from tests.flows.running import Amity
from tests.flows.wait import wait_for

CUSTOMERS = "60"


def ask(amity: Amity, sql: str) -> list[dict]:
    return json.loads(amity.cli("query", "--workspace", "linden", sql, "--json"))


def stored(amity: Amity) -> dict:
    return ask(amity, "select count() as rows, uniqExact(message_id) as ids from interactions")[0]


def test_the_demo_is_loaded_known_and_goes_on(fresh_amity: Amity, tmp_path: Path) -> None:
    amity = fresh_amity
    said = amity.cli("demo", "--customers", CUSTOMERS, "--seed", "3", "--wait")
    assert "were made for Linden" in said
    made = amity.cli("audience", "list", "--workspace", "linden")
    assert all(name in made for name in AUDIENCES)
    amity.cli("demo", "truth", str(tmp_path / "truth.json"))
    truth = json.loads((tmp_path / "truth.json").read_bytes())
    number = truth["story"]["interactions"]
    assert number > 2_000
    wait_for(lambda: stored(amity)["rows"] == number)

    assert "were made for Linden" not in amity.cli("demo", "--customers", CUSTOMERS, "--seed", "3")
    _as_if_loaded_two_days_ago(amity)
    live = subprocess.Popen([sys.executable, "-m", "amity.config.cli", "demo", "live"], env=amity.env)
    try:
        _disable_when_it_flows(amity, number)
        assert live.wait(60) == 0  # it ends by itself
    finally:
        if live.poll() is None:
            live.send_signal(signal.SIGKILL)
            live.wait()
    assert stored(amity)["rows"] == stored(amity)["ids"] >= number
    _one_customer_is_found_by_every_identifier(amity, truth)


def _as_if_loaded_two_days_ago(amity: Amity) -> None:
    """Sixty customers do little in a minute: let there be something to catch up with."""
    story = Story(customers=int(CUSTOMERS), seed=6, end=now_ms() - 2 * DAY)
    company = found(customers=story.customers, seed=story.seed, end=story.end)
    for _ in tell(company):
        pass
    remember_story(amity.home / "cache", story)
    remember_lives(amity.home / "cache", company, story)


def _disable_when_it_flows(amity: Amity, number: int) -> None:
    sent = amity.home / "cache" / "demo-sent.json"
    wait_for(sent.exists)
    wait_for(lambda: stored(amity)["rows"] > number)
    for source in json.loads(amity.cli("source", "list", "--workspace", "linden", "--json")):
        amity.cli("source", "disable", str(source["id"]), "--workspace", "linden")


def _one_customer_is_found_by_every_identifier(amity: Amity, truth: dict) -> None:
    """Someone changed their address: their account's number and both addresses lead to one customer."""
    owned: defaultdict[int, dict[str, list[str]]] = defaultdict(lambda: {"user_ids": [], "emails": []})
    for kind in ("user_ids", "emails"):
        for value, who in truth["identities"][kind].items():
            owned[who[0]][kind].append(value)
    mine = next(ids for ids in owned.values() if len(ids["user_ids"]) == 1 and len(ids["emails"]) > 1)
    shown = {
        json.loads(amity.cli("customer", "show", value, "--workspace", "linden", "--json"))["customer_id"]
        for value in mine["user_ids"] + mine["emails"]
    }
    assert len(shown) == 1
