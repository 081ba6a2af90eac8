"""Personas as JSON: made, read with numbers, changed without overwriting a colleague, quoted for a purpose."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from amity.kernel.clock import DAY, now_ms
from amity.rooms.customers.models import Activity
from amity.rooms.trust.actions.tokens import create_system_token
from tests.rooms.customers.audiences.keeping import store
from tests.rooms.customers.audiences.test_refresh import row
from tests.rooms.customers.people import Place
from tests.rooms.customers.personas.test_pages import crowd


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


class Api:
    def __init__(self, here: Place, role: str) -> None:
        _, secret = create_system_token(workspace_id=here.workspace.pk, name=f"t-{role}", role=role)
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(self, method: str, rest: str = "", given: dict | None = None, *, status: int = 200):
        body = {} if given is None else {"data": json.dumps(given), "content_type": "application/json"}
        response = getattr(self.client, method)(f"/api/v1/personas{rest}", **body)
        assert response.status_code == status, response.content
        return response.json() if response.content else None


def test_made_read_changed_reviewed_archived(here):
    api = Api(here, "marketer")
    chosen, _ = crowd(here)
    made = api.ask("post", "", {"name": "Callers", "goals": ["Be sure"], "audience_id": chosen}, status=201)
    at = f"/{made['id']}"
    assert (made["size"], made["told"]["goals"], made["standing"]["state"]) == (40, ["Be sure"], "never")
    assert made["numbers"]["share"]["value"] == pytest.approx(0.4)
    phone = next(one for one in made["numbers"]["measures"] if one["key"] == "channel:phone")
    assert (phone["members"]["value"], phone["others"], phone["n"]) == (0.9, 0.0, 40)
    changed = api.ask("patch", at, {"number": 1, "line": "Rings"})
    assert (changed["number"], changed["told"]["goals"], changed["audience_id"]) == (2, ["Be sure"], chosen)
    assert "meanwhile" in api.ask("patch", at, {"number": 1, "line": "Late"}, status=400)["message"]
    assert api.ask("post", f"{at}/review")["standing"]["state"] == "fresh"
    assert api.ask("patch", at, {"audience_id": None})["numbers"] is None
    assert api.ask("get", at)["standing"]["state"] == "never"  # it was said of others
    assert [one["name"] for one in api.ask("get")["personas"]] == ["Callers"]
    assert api.ask("delete", at)["archived_at"]
    assert api.ask("get")["personas"] == []
    assert [one["id"] for one in api.ask("get", "?archived=true")["personas"]] == [made["id"]]


def test_quotes_are_told_for_a_purpose(here):
    api = Api(here, "marketer")
    chosen, who = crowd(here, members=2, others=0)
    made = api.ask("post", "", {"name": "Callers", "audience_id": chosen}, status=201)
    at = f"/{made['id']}/quotes"
    said = [
        {**row("Chat Message Sent", at=now_ms() - DAY), "voice": "said", "properties": {"message": f"Words {n}"}}
        for n in range(2)
    ]
    for id_, one in zip(who, said, strict=True):
        store(here.workspace.pk, id_, [one])
        api.ask("post", at, {"customer_id": str(id_), "key": str(one["key"])}, status=201)
    heard = api.ask("post", at, {"words": "Heard", "heard": "Interview 1"}, status=201)["id"]
    assert api.ask("get", at, status=400)["code"] == "purpose_missing"
    assert sorted(one["words"] for one in api.ask("get", f"{at}?purpose=necessary")["quotes"]) == ["Heard", "Words 0", "Words 1"]
    Activity.objects.filter(customer_id=who[1]).update(consent={"analytics": [True, now_ms() - DAY, 1, "0" * 32]})
    found = api.ask("get", f"{at}?purpose=analytics")
    assert (sorted(one["words"] for one in found["quotes"]), found["withheld"]) == (["Heard", "Words 1"], 1)
    api.ask("delete", f"{at}/{heard}", status=204)
    api.ask("delete", f"{at}/{heard}", status=404)


def test_who_may_not_is_refused_and_others_are_not_there(here):
    made = Api(here, "marketer").ask("post", "", {"name": "Callers"}, status=201)
    viewer = Api(here, "viewer")
    assert viewer.ask("get", f"/{made['id']}")["size"] is None
    viewer.ask("post", "", {"name": "Mine"}, status=403)
    viewer.ask("patch", f"/{made['id']}", {"name": "Mine"}, status=403)
    Api(Place(), "owner").ask("get", f"/{made['id']}", status=404)
    Api(here, "owner").ask("get", f"/{2**80}", status=404)
