"""Audiences as JSON, and on the command line."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.test import Client

from amity.config.cli.audience import command
from amity.kernel.clock import DAY, now_ms
from amity.rooms.customers.actions.audiences.refresh import recompute
from amity.rooms.customers.models import Activity, Audience
from amity.rooms.trust.actions.tokens import create_system_token
from tests.rooms.customers.audiences.keeping import keep
from tests.rooms.customers.audiences.test_refresh import BOUGHT, audience, person, row
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
        response = getattr(self.client, method)(f"/api/v1/audiences{rest}", **body)
        assert response.status_code == status, response.content
        return response.json()


def test_made_read_changed_archived(here):
    api = Api(here, "marketer")
    who = [keep(here.workspace.pk, person(row(at=now_ms() - n * DAY))) for n in range(3)]
    made = api.ask("post", "", {"name": "Buyers", "definition": {"version": 1, "where": BOUGHT}}, status=201)
    recompute(made["id"])
    assert [one["size"] for one in api.ask("get")["audiences"]] == [3]
    first = api.ask("get", f"/{made['id']}/members?purpose=necessary&limit=2")
    second = api.ask("get", f"/{made['id']}/members?purpose=necessary&limit=2&after={first['next']}")
    assert [m["customer_id"] for m in first["members"] + second["members"]] == sorted(map(str, who))
    assert second["next"] is None
    Activity.objects.filter(customer_id=who[1]).update(consent={"analytics": [True, now_ms() - DAY, 1, str(uuid4())]})
    asked = api.ask("get", f"/{made['id']}/members?purpose=analytics")
    assert ([m["customer_id"] for m in asked["members"]], asked["withheld"]) == ([str(who[1])], 2)
    assert "purpose" in api.ask("get", f"/{made['id']}/members?purpose=fun", status=400)["message"]
    assert api.ask("get", f"/{made['id']}/members", status=400)["code"] == "purpose_missing"
    told = api.ask("get", f"/{made['id']}/why/{who[0]}")
    assert (told["inside"], told["reasons"][0]["number"], told["reasons"][0]["met"]) == (True, 1, True)
    assert told["reasons"][0]["interactions"][0]["name"] == "Bought"
    changed = api.ask(
        "patch", f"/{made['id']}", {"name": "Buyers of late", "definition": {"version": 1, "where": {"kind": "all", "of": []}}}
    )
    assert (changed["name"], changed["computed_at"]) == ("Buyers of late", None)
    assert api.ask("delete", f"/{made['id']}")["archived_at"] is not None
    assert api.ask("get")["audiences"] == []


def test_what_is_wrong_is_explained(here):
    api = Api(here, "marketer")
    said = api.ask(
        "post", "", {"name": "X", "definition": {"version": 1, "where": {"kind": "did", "event": {"nam": "x"}}}}, status=400
    )
    assert "unknown field `nam`" in said["message"]
    said = api.ask(
        "post",
        "",
        {"name": "X", "definition": {"where": {"kind": "did", "event": {"where": [{"of": "colour", "is": "present"}]}}}},
        status=400,
    )
    assert "write properties.<name>" in said["message"]
    said = api.ask(
        "post", "", {"name": "X", "definition": {"where": {"kind": "trait", "name": "a\0b", "is": "present"}}}, status=400
    )
    assert "NUL" in said["message"]
    assert api.ask("get", "/schema")["title"] == "Amity audience definition, version 1"
    assert api.ask("get", f"/{2**70}", status=404)["code"] == "not_found"


def test_who_may_only_read_changes_nothing_and_others_see_nothing(here):
    made = audience(here.workspace.pk, BOUGHT, name="Buyers")
    Api(here, "viewer").ask("delete", f"/{made.pk}", status=403)
    other = Api(Place(), "owner")
    for method, rest in (("get", f"/{made.pk}"), ("get", f"/{made.pk}/members?purpose=necessary"), ("delete", f"/{made.pk}")):
        other.ask(method, rest, status=404)
    assert Audience.objects.get(pk=made.pk).archived_at is None


def test_the_command_line_lists_shows_and_computes(here):
    made = audience(here.workspace.pk, BOUGHT, name="Buyers\x1b[31m")
    ada = keep(here.workspace.pk, person(row(at=now_ms() - DAY)))
    run = CliRunner().invoke
    workspace = ["--workspace", here.workspace.slug]
    assert "1 customers; 1 entered, 0 left." in run(command, ["recompute", str(made.pk), *workspace]).output
    shown = run(command, ["show", str(made.pk), *workspace]).output
    assert "did “Bought” in the last 30 days" in shown
    assert str(ada) in shown
    assert "\x1b" not in run(command, ["list", *workspace]).output
