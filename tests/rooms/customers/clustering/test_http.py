"""Segments as JSON: asked for, read with what sets them apart, who is in for a purpose, kept as a list."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from amity.kernel.clock import now_ms
from amity.rooms.customers.actions.clustering.run import run_next_clustering
from amity.rooms.customers.models import Activity, Member
from amity.rooms.trust.actions.tokens import create_system_token
from tests.rooms.customers.clustering.test_sorting import EACH, crowd
from tests.rooms.customers.people import Place


@pytest.fixture
def here(transactional_db, past_ready, monkeypatch) -> Place:
    monkeypatch.setattr("amity.rooms.customers.actions.clustering.learning.RESAMPLES", 2)
    return Place()


class Api:
    def __init__(self, place: Place, role: str) -> None:
        _, secret = create_system_token(workspace_id=place.workspace.pk, name=f"t-{role}", role=role)
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(self, method: str, rest: str = "", given: dict | None = None, *, status: int = 200):
        body = {} if given is None else {"data": json.dumps(given), "content_type": "application/json"}
        response = getattr(self.client, method)(f"/api/v1/segments{rest}", **body)
        assert response.status_code == status, response.content
        return response.json()


def test_asked_for_read_and_kept(here):
    api, viewer = Api(here, "marketer"), Api(here, "viewer")
    callers, _ = crowd(here)
    assert api.ask("get") == {"found": None, "run": None, "lacking": ""}
    viewer.ask("post", "/runs", {}, status=403)
    run = api.ask("post", "/runs", {"number": 2}, status=202)
    assert (run["state"], run["groups"], run["least"]) == ("waiting", ["channels", "value", "service"], 5)
    assert "already" in api.ask("post", "/runs", {}, status=400)["message"]
    assert run_next_clustering(stopping=lambda: False)

    told = viewer.ask("get")["found"]
    assert told == viewer.ask("get", f"/runs/{run['id']}")
    assert (told["customers"], told["withheld"], told["chosen"]) == (2 * EACH, 6, 2)
    assert [one["size"] for one in told["segments"]] == [EACH, EACH]
    assert {one["number"] for one in told["tried"]} >= {2}
    calling = next(one for one in told["segments"] if one["name"].startswith("More phone"))
    phone = next(one for one in calling["told"] if one["label"] == "Phone a month")
    assert 0 < phone["low"] < phone["d"] < phone["high"]
    assert calling["audience_id"] is None

    at = f"/runs/{run['id']}/{calling['segment']}"
    assert viewer.ask("get", f"{at}/members", status=400)["code"] == "purpose_missing"
    first = viewer.ask("get", f"{at}/members?purpose=necessary&limit=30")
    rest = viewer.ask("get", f"{at}/members?purpose=necessary&limit=30&after={first['next']}")
    members = [*first["members"], *rest["members"]]
    assert {one["customer_id"] for one in members} == {str(one) for one in callers[:EACH]}
    assert [one["distance"] for one in members] == sorted(one["distance"] for one in members)
    assert rest["next"] is None
    # Who takes the yes to being sorted back is told of no more, whatever the purpose, before customers are sorted anew.
    Activity.objects.filter(customer_id=callers[0]).update(consent={"profiling": [False, now_ms(), 1, "0" * 32]})
    withheld = viewer.ask("get", f"{at}/members?purpose=necessary&limit=100")
    assert (len(withheld["members"]), withheld["withheld"]) == (EACH - 1, 1)
    assert viewer.ask("get", f"{at}/members?purpose=marketing_sms")["members"] == []

    viewer.ask("post", f"{at}/list", {"name": "Callers"}, status=403)
    made = api.ask("post", f"{at}/list", {"name": "Callers"}, status=201)["audience_id"]
    assert Member.objects.filter(audience_id=made, inside=True).count() == EACH
    assert (
        next(one for one in viewer.ask("get")["found"]["segments"] if one["size"] == EACH and one["audience_id"])["audience_id"]
        == made
    )
    assert "already" in api.ask("post", f"{at}/list", {"name": "Again"}, status=400)["message"]
    viewer.ask("get", f"/runs/{run['id']}/9/members?purpose=necessary", status=404)
    assert "ended" in api.ask("delete", f"/runs/{run['id']}", status=400)["message"]

    other = Api(Place(), "owner")
    other.ask("get", f"/runs/{run['id']}", status=404)
    other.ask("get", f"{at}/members?purpose=necessary", status=404)


def test_a_run_is_stopped(here):
    api = Api(here, "marketer")
    run = api.ask("post", "/runs", {"groups": ["value"]}, status=202)
    assert api.ask("delete", f"/runs/{run['id']}")["state"] == "stopped"
    assert api.ask("get", f"/runs/{run['id']}")["segments"] == []
