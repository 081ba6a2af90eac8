"""Proposals over the API and on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from amity.config.cli.main import cli
from amity.rooms.customers.actions.matching.run import run_next_matching
from amity.rooms.customers.models import Apart, Customer, MatchPair, MatchRun
from tests.rooms.customers.matching.crowd import town
from tests.rooms.customers.matching.test_decide import Queue
from tests.rooms.customers.people import Place
from tests.rooms.customers.test_http import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Place:
    return Place()


@pytest.fixture
def queue(here) -> Queue:
    return Queue(here.workspace.pk)


def post(client, path: str, body: dict | None = None):
    return client.post(f"/api/v1{path}", json.dumps(body or {}), content_type="application/json")


def test_proposals_are_listed_page_by_page_and_explained(here, queue):
    queue.propose("ab", "bc", "cd")
    client = client_of(here)
    first = client.get("/api/v1/matches", {"limit": 2}).json()
    assert (first["total"], len(first["matches"]), first["next"]) == (3, 2, 2)
    assert {first["matches"][0]["first_id"], first["matches"][0]["second_id"]} == {str(queue.ids["a"]), str(queue.ids["b"])}
    assert client.get("/api/v1/matches", {"limit": 2, "after": 2}).json()["next"] is None
    assert client.get("/api/v1/matches", {"probability": 0.996}).json()["total"] == 2  # weights 9 and 8
    told = client.get(f"/api/v1/matches/{first['matches'][0]['id']}").json()
    assert [step["known"] for step in told["steps"]] == [True, True, False, True]
    assert len(told["group"]) == 4
    assert "Porto" not in json.dumps(told)
    assert client.get("/api/v1/matches/999999999").status_code == 404
    assert client.get(f"/api/v1/matches/{2**70}").status_code == 404


def test_proposals_are_decided(here, queue):
    queue.propose("ab", "cd")
    client = client_of(here)
    joined = post(client, f"/matches/{queue.id('ab')}/accept", {"reason": "Called", "also": []})
    assert (joined.status_code, joined.json()) == (201, {"customer_id": str(queue.ids["a"])})
    blocked = post(client, f"/matches/{queue.id('cd')}/block", {"reason": "Twins"})
    assert blocked.json()["state"] == "blocked"
    assert Apart.objects.get().reason == "Twins"
    assert post(client, f"/matches/{MatchPair.objects.first().pk}/reject").status_code == 404
    stranger = client_of(Place())
    queue.propose("ac")
    assert post(stranger, f"/matches/{queue.id('ac')}/reject").status_code == 404
    assert post(client, f"/matches/{queue.id('ac')}/reject").json()["state"] == "rejected"


def test_everybody_is_compared_by_the_api(here):
    town(here.workspace.pk, people=60, twice=12)
    client = client_of(here)
    assert client.get("/api/v1/matching").json() == {"schedule": "", "probability": 0.5, "lacking": "", "run": None}
    asked = post(client, "/matching/runs")
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert post(client, "/matching/runs").status_code == 400
    assert run_next_matching(stopping=lambda: False)
    done = client.get(f"/api/v1/matching/runs/{asked.json()['id']}").json()
    assert (done["state"], done["records"], done["trouble"]) == ("done", 72, "")
    assert done["proposed"] == client.get("/api/v1/matches").json()["total"] > 8
    assert client.delete(f"/api/v1/matching/runs/{done['id']}").status_code == 400
    answer = client.put(
        "/api/v1/matching", json.dumps({"schedule": "daily", "probability": 0.9}), content_type="application/json"
    )
    assert (answer.json()["schedule"], answer.json()["run"]["id"]) == ("daily", done["id"])


def test_the_command_line_lists_shows_and_decides(here, queue):
    queue.propose("ab", "cd", "ac")
    told = ["--workspace", here.workspace.slug]

    def run(*args: str) -> str:
        done = CliRunner().invoke(cli, ["matching", *args, *told], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    assert "99.8%  a and b" in run("list")
    assert len(json.loads(run("list", "--json"))) == 3
    shown = run("show", str(queue.id("ab")))
    assert "+6.6  First name: the same" in shown
    assert "+9.0  together" in shown
    assert run("accept", str(queue.id("ab")), "--reason", "Same phone").strip() == str(queue.ids["a"])
    assert Customer.objects.get(id=queue.ids["b"]).merged_into == queue.ids["a"]
    run("reject", str(queue.id("cd")))
    run("block", str(queue.id("ac")))
    assert sorted(MatchPair.objects.values_list("state", flat=True)) == ["accepted", "blocked", "rejected"]
    assert "Asked for" in run("run", "--no-wait")
    assert MatchRun.objects.get(state="waiting").person == "Command line"
