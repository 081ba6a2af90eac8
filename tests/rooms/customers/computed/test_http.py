"""Computed traits as JSON, and on the command line."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.test import Client

from amity.config.cli.trait import command
from amity.kernel.clock import DAY, now_ms
from amity.rooms.customers.actions.audiences.refresh import recompute_trait
from amity.rooms.customers.models import Activity
from amity.rooms.trust.actions.tokens import create_system_token
from tests.rooms.customers.audiences.keeping import keep
from tests.rooms.customers.audiences.test_refresh import person, row
from tests.rooms.customers.computed.test_live import SPENT
from tests.rooms.customers.people import Place


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


class Api:
    def __init__(self, here: Place, role: str) -> None:
        _, secret = create_system_token(workspace_id=here.workspace.pk, name=f"t-{role}", role=role)
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(self, method: str, rest: str = "", given: dict | None = None, *, status: int = 200):
        body = {} if given is None else {"data": json.dumps(given), "content_type": "application/json"}
        response = getattr(self.client, method)(f"/api/v1/computed-traits{rest}", **body)
        assert response.status_code == status, response.content
        return response.json()


def test_made_read_changed_archived(here):
    api = Api(here, "marketer")
    who = [keep(here.workspace.pk, person(row(at=now_ms() - DAY, value=float(n)))) for n in (10, 20, 30)]
    made = api.ask("post", "", {"name": "Spent", "definition": {"version": 1, "value": SPENT}}, status=201)
    recompute_trait(made["id"])
    assert [one["size"] for one in api.ask("get")["computed_traits"]] == [3]
    first = api.ask("get", f"/{made['id']}/values?purpose=necessary&limit=2")
    second = api.ask("get", f"/{made['id']}/values?purpose=necessary&limit=2&after={first['next']}")
    assert {v["customer_id"]: v["value"] for v in first["values"] + second["values"]} == dict(
        zip(map(str, who), (10, 20, 30), strict=True)
    )
    assert second["next"] is None
    Activity.objects.filter(customer_id=who[1]).update(consent={"analytics": [True, now_ms() - DAY, 1, str(uuid4())]})
    asked = api.ask("get", f"/{made['id']}/values?purpose=analytics")
    assert ([v["customer_id"] for v in asked["values"]], asked["withheld"]) == ([str(who[1])], 2)
    api.ask("get", f"/{made['id']}/values?purpose=fun", status=400)
    assert api.ask("get", f"/{made['id']}/values", status=400)["code"] == "purpose_missing"
    told = api.ask("get", f"/{made['id']}/why/{who[0]}")
    assert (told["value"], told["parts"][0]["number"], told["parts"][0]["interactions"][0]["name"]) == (10, 1, "Bought")
    counting = {"version": 1, "value": {"kind": "count", "event": {"name": "Bought"}}}
    changed = api.ask("patch", f"/{made['id']}", {"name": "Bought", "definition": counting})
    assert (changed["name"], changed["computed_at"]) == ("Bought", None)
    assert recompute_trait(made["id"]) == 3
    assert {v["value"] for v in api.ask("get", f"/{made['id']}/values?purpose=necessary")["values"]} == {1}
    api.ask("post", f"/{made['id']}/recompute", status=202)
    assert api.ask("delete", f"/{made['id']}")["archived_at"]
    assert api.ask("get") == {"computed_traits": []}


def test_what_is_wrong_is_said(here):
    api = Api(here, "marketer")
    for value, said in (
        ({"kind": "number", "event": {}, "take": "percentile", "of": "value"}, "needs `at`"),
        ({"kind": "number", "event": {}, "take": "sum", "of": "valeu"}, "can't be tested"),
        ({"kind": "computed", "id": 7}, "There is no computed trait 7"),
        ({"kind": "count", "event": {}, "whithin": 1}, "docs/traits.md"),
    ):
        problem = api.ask("post", "", {"name": "X", "definition": {"version": 1, "value": value}}, status=400)
        assert said in problem["message"]
    assert api.ask("get", "/schema")["title"] == "Amity computed trait, version 1"
    Api(here, "viewer").ask("post", "", {"name": "X", "definition": {"version": 1, "value": SPENT}}, status=403)


def test_the_standard_traits_are_made(here):
    api = Api(here, "marketer")
    keep(here.workspace.pk, person(row(at=now_ms() - DAY, value=10.0)))
    made = api.ask("post", "/standard", {"purchase": "Bought"})["computed_traits"]
    assert [one["name"] for one in made][:3] == ["Days since last purchase", "Days since first purchase", "Purchases"]
    assert {one["id"] for one in api.ask("post", "/standard", {"purchase": "Ordered", "typical": 9})["computed_traits"]} == {
        one["id"] for one in made
    }
    assert api.ask("post", "/standard", {"purchase": " "}, status=400)["code"] == "invalid"


def test_the_command_line(here):
    keep(here.workspace.pk, person(row(at=now_ms() - DAY, value=10.0)))
    made = Api(here, "marketer").ask("post", "", {"name": "Spent", "definition": {"version": 1, "value": SPENT}}, status=201)
    run = CliRunner().invoke
    there = ["--workspace", here.workspace.slug]
    assert "waiting" in run(command, ["list", *there]).output
    assert run(command, ["recompute", str(made["id"]), *there]).output.endswith("1 with a value; 1 changed.\n")
    shown = json.loads(run(command, ["show", str(made["id"]), "--json", *there]).output)
    assert (shown["size"], list(shown["values"].values())) == (1, [10])
    assert "the sum of value over “Bought”" in run(command, ["show", str(made["id"]), *there]).output
