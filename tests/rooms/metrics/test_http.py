"""Metrics as JSON: made, changed into a version, measured, with the customers behind."""

from __future__ import annotations

import json
from random import Random

import pytest
from django.test import Client

from amity.kernel.clock import DAY, now_ms
from amity.rooms.metrics.api import measure
from amity.rooms.trust.actions.tokens import create_system_token
from tests.rooms.metrics.telling import person, place, tell

COUNT = {"kind": "count", "event": {"name": "Bought"}}
NPS = {"kind": "nps", "event": {"name": "Scored"}}


class Api:
    def __init__(self, workspace: int, role: str) -> None:
        _, secret = create_system_token(workspace_id=workspace, name=f"t-{role}", role=role)
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(self, method: str, rest: str = "", given: dict | None = None, *, status: int = 200):
        body = {} if given is None else {"data": json.dumps(given), "content_type": "application/json"}
        response = getattr(self.client, method)(f"/api/v1/metrics{rest}", **body)
        assert response.status_code == status, response.content
        return response.json()


@pytest.fixture
def workspace(transactional_db, past_ready):
    return place()


def answered(workspace: int, scores: list[int]) -> list:
    dice, who = Random(1), [person(workspace) for _ in scores]
    tell(workspace, [
        {"who": one, "t": now_ms() - dice.randrange(DAY, 20 * DAY), "name": "Scored", "score": score, "channel": "app"}
        for one, score in zip(who, scores, strict=True)
    ])  # fmt: skip
    return who


def test_made_measured_changed(workspace):
    api = Api(workspace.pk, "marketer")
    answered(workspace.pk, [10] * 50 + [8] * 30 + [2] * 20)
    made = api.ask("post", "", {"name": "NPS", "definition": {"version": 1, "measure": NPS}}, status=201)
    assert (made["version"], made["sentence"][:18]) == (1, "Net Promoter Score")
    found = api.ask("get", f"/{made['id']}/measure?by=week&breakdown=channel")
    figure = found["figure"]
    assert (figure["value"], figure["events"], figure["customers"], figure["method"]) == (30, 100, 100, "adjusted Wald")
    assert (round(figure["low"], 1), round(figure["high"], 1)) == (14.1, 44.2)  # 29.13 ± 15.05, as published
    assert sum(point["figure"]["events"] for point in found["series"]) == 100
    assert [(one["value"], one["figure"]["value"]) for one in found["segments"]] == [("app", 30)]
    assert measure(workspace_id=workspace.pk, time_zone="UTC", metric_id=made["id"]).figure.value == 30  # the same door
    again = api.ask("patch", f"/{made['id']}", {"definition": {"version": 1, "measure": COUNT}, "note": "we count now"})
    assert again["version"] == 2
    versions = api.ask("get", f"/{made['id']}/versions")["versions"]
    assert [(one["number"], one["note"]) for one in versions] == [(2, "we count now"), (1, "")]
    assert api.ask("get", f"/{made['id']}/measure?version=1")["figure"]["value"] == 30
    assert api.ask("get", f"/{made['id']}/measure")["figure"]["value"] == 0
    same = api.ask("patch", f"/{made['id']}", {"definition": {"version": 1, "measure": COUNT}, "name": "Orders"})
    assert (same["version"], same["name"]) == (2, "Orders")  # nothing new is no version
    assert api.ask("delete", f"/{made['id']}")["archived_at"]
    assert api.ask("get") == {"metrics": []}
    api.ask("patch", f"/{made['id']}", {"name": "X"}, status=400)


def test_the_customers_behind_name_their_purpose(workspace):
    api = Api(workspace.pk, "viewer")
    who = answered(workspace.pk, [10] * 3 + [2] * 2)
    made = Api(workspace.pk, "analyst").ask("post", "", {"name": "NPS", "definition": {"version": 1, "measure": NPS}}, status=201)
    first = api.ask("get", f"/{made['id']}/customers?purpose=necessary&limit=3")
    rest = api.ask("get", f"/{made['id']}/customers?purpose=necessary&limit=3&after={first['next']}")
    assert {one["customer_id"] for one in first["customers"] + rest["customers"]} == set(map(str, who))
    assert (first["total"], rest["next"], first["withheld"]) == (5, None, 0)
    assert api.ask("get", f"/{made['id']}/customers?purpose=necessary&side=minus")["total"] == 2
    assert api.ask("get", f"/{made['id']}/customers?purpose=analytics")["withheld"] == 5
    assert api.ask("get", f"/{made['id']}/customers", status=400)["code"] == "purpose_missing"


def test_what_is_wrong_is_said(workspace):
    api = Api(workspace.pk, "analyst")
    for definition, said in (
        ({"measure": {"kind": "sum", "event": {}, "of": "valeu"}}, "can't be tested"),
        ({"measure": {"kind": "sums", "event": {}}}, "Measures are: ces, count"),
        ({"measure": COUNT, "windows": 1}, "docs/metrics.md"),
        ({"measure": COUNT, "zone": "Mars/Olympus"}, "no time zone"),
        ({"measure": {"kind": "ratio", "over": {"event": {}, "take": "sum"}, "under": {"event": {}}}}, "needs `of`"),
        ({"measure": COUNT, "among": {"kind": "audience", "id": 99}}, "99"),
        ({"measure": COUNT, "among": {"kind": "trait", "nome": "x"}}, "unknown field"),
    ):
        problem = api.ask("post", "", {"name": "X", "definition": {"version": 1, **definition}}, status=400)
        assert said in problem["message"]
    assert api.ask("get", "/schema")["title"] == "Amity metric, version 1"
    api.ask("post", "", {"name": " ", "definition": {"version": 1, "measure": COUNT}}, status=400)
    made = api.ask("post", "", {"name": "X", "definition": {"version": 1, "measure": COUNT}}, status=201)
    assert "already" in api.ask("post", "", {"name": "X", "definition": {"version": 1, "measure": COUNT}}, status=400)["message"]
    assert "no window" in api.ask("get", f"/{made['id']}/measure?within=x", status=400)["message"]
    api.ask("get", "/999999/measure", status=404)
    Api(place("Elsewhere").pk, "owner").ask("get", f"/{made['id']}", status=404)
    Api(workspace.pk, "viewer").ask("post", "", {"name": "Y", "definition": {"version": 1, "measure": COUNT}}, status=403)


def test_shipped_are_those_that_can_be_answered(workspace):
    from amity.rooms.metrics.queries import offered

    offered._fitting.cache_clear()
    api = Api(workspace.pk, "marketer")
    assert api.ask("post", "/shipped") == {"metrics": []}
    one = person(workspace.pk)
    tell(workspace.pk, [
        {"who": one, "t": now_ms() - DAY, "name": "Order Completed", "value": 12.5, "currency": "CHF"},
        {"who": one, "t": now_ms() - DAY, "name": "Checkout Started"},
    ])  # fmt: skip
    offered._fitting.cache_clear()
    made = api.ask("post", "/shipped")["metrics"]
    names = {one["name"]: one["id"] for one in made}
    assert {"Revenue in CHF", "Repeat purchase", "Checkout conversion", "Active customers"} <= set(names)
    assert not {"NPS", "Contacts", "Session duration", "E-mails opened"} & set(names)
    assert api.ask("get", f"/{names['Revenue in CHF']}/measure")["figure"]["value"] == 12.5
    assert api.ask("post", "/shipped") == {"metrics": []}
    preview = api.ask("post", "/preview", {"definition": {"version": 1, "measure": {"kind": "customers", "event": {}}}})
    assert (preview["figure"]["value"], preview["metric_id"], preview["shape"]) == (1, None, "number")


def test_every_shipped_definition_reads_and_says_itself():
    from amity.rooms.metrics.rules.catalogue import shipped
    from amity.rooms.metrics.rules.language import read, written
    from amity.rooms.metrics.rules.sentences import sentence

    for one in shipped("EUR"):
        definition = read(one.text)
        assert read(json.dumps(written(definition))) == definition
        assert sentence(definition).endswith(".")
        assert one.needs or one.origin == "frequency"
