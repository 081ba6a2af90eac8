"""Identity rules over the API and on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from amity.config.cli.main import cli
from amity.rooms.customers import api
from amity.rooms.customers.models import Activity, IdentityRun, Restriction
from amity.rooms.customers.queries.ruleset.kept import get_draft
from tests.rooms.customers.people import Place
from tests.rooms.customers.ruleset.rewriting import apply, trial, work_on
from tests.rooms.customers.ruleset.test_runs import FREE, chained, tablet
from tests.rooms.customers.test_http import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]
NO_QA = {"kinds": {"user_id": {"limit": 1, "priority": 1, "blocked": ["null", "qa"], "patterns": ["t-.*"]}}, "phone_region": "pt"}


@pytest.fixture
def here() -> Place:
    place = Place()
    chained(place.workspace.pk)
    return place


def send(client, method: str, path: str, body: object = None):
    return getattr(client, method)(f"/api/v1/identity{path}", json.dumps(body or {}), content_type="application/json")


def test_rules_are_drafted_tried_and_applied(here):
    client = client_of(here)
    assert client.get("/api/v1/identity/rules").json()["draft"] is None
    drafted = send(client, "put", "/rules/draft", NO_QA).json()
    assert drafted["draft"]["phone_region"] == "PT"
    assert drafted["draft"]["kinds"]["user_id"]["blocked"] == ["null", "qa"]
    assert (drafted["version"], drafted["in_force"]) == (0, {"kinds": {}, "phone_region": ""})
    assert send(client, "post", "/rules/versions").status_code == 400
    run = send(client, "post", "/rules/runs")
    assert run.status_code == 202
    api.work_trials()
    found = client.get(f"/api/v1/identity/rules/runs/{run.json()['id']}").json()
    assert (found["version"], found["found"]["splits"], found["found"]["refused:user_id"]) == (None, 1, 1)
    applied = send(client, "post", "/rules/versions", {"note": "Test ids"})
    assert (applied.status_code, applied.json()["version"]) == (202, 1)
    api.work_trials()
    work_on()
    assert client.get("/api/v1/identity/rules/versions").json()[0]["note"] == "Test ids"
    assert client.get("/api/v1/identity/rules").json()["version"] == 1
    assert Activity.objects.filter(merged=False).count() == 5


def test_what_is_wrong_is_said(here):
    client = client_of(here)
    for body, said in (
        ({"kinds": {"user id!": NO_QA["kinds"]["user_id"]}}, "A kind is a word"),
        ({"kinds": {"user_id": {"limit": -1, "priority": 1}}}, "A limit is a number"),
        ({"kinds": {"user_id": {"limit": 1, "priority": 1, "patterns": ["(a+)+b"]}}}, "too long"),
        ({"phone_region": "XX"}, "is no region"),
    ):
        answer = send(client, "put", "/rules/draft", body)
        assert answer.status_code == 400
        assert said in answer.json()["message"]
    assert send(client, "put", "/rules/draft", {"kinds": {"user_id": {"limit": 1, "priority": 0}}}).status_code == 422
    send(client, "put", "/rules/draft", NO_QA)
    assert send(client, "delete", "/rules/draft").json()["draft"] is None
    assert send(client, "delete", "/rules/runs/999").status_code == 404
    run = send(client, "post", "/rules/runs").json()
    assert send(client, "delete", f"/rules/runs/{run['id']}").json()["stopped"]
    viewer = client_of(here, "viewer")
    assert viewer.get("/api/v1/identity/rules").status_code == 200
    assert send(viewer, "put", "/rules/draft", NO_QA).status_code == 403


def amity(*args: str, **given):
    return CliRunner().invoke(cli, ["identity", *args], **given)


def test_the_command_line_does_the_same(here, monkeypatch, tmp_path):
    def worker(_: float) -> None:
        api.work_trials()
        work_on()

    monkeypatch.setattr("time.sleep", worker)
    where = ("--workspace", here.workspace.slug)
    assert json.loads(amity("rules", *where).output) == {"kinds": {}, "phone_region": ""}
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"kinds": {"user_id": {"blocked": ["qa"]}}}))
    tried = amity("try", str(file), *where)
    assert tried.exit_code == 0, tried.output
    assert "0 would become part of another, 1 would be split." in tried.output
    assert "Identifiers refused: 1 user_id." in tried.output
    assert json.loads(amity("rules", "--draft", *where).output)["kinds"]["user_id"]["limit"] == 1
    applied = amity("apply", "--note", "Test ids", "--json", *where)
    assert json.loads(applied.stdout[applied.stdout.index("{") :])["found"]["splits"] == 1
    assert Activity.objects.filter(merged=False).count() == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "Rules are an object"),
        ('{"kinds": {"user_id": 1}}', "is an object with limit"),
        ('{"kinds": {"user_id": {"limits": 1}}}', "is an object with limit"),
        ('{"kinds": {"user_id": {"blocked": "qa"}}}', "are lists of texts"),
        ('{"kinds": {"user_id": {"limit": true}}}', "are whole numbers"),
        ('{"kinds": {"user_id": {"priority": null}}}', "are whole numbers"),
    ],
)
def test_a_file_that_holds_no_rules_says_why(here, text, said):
    answer = amity("try", "-", "--workspace", here.workspace.slug, input=text)
    assert answer.exit_code
    assert said in answer.output + str(answer.exception)
    assert get_draft(here.workspace.pk).changed_at is None
    assert not IdentityRun.objects.exists()


def test_a_restriction_stays_on_all_sides(workspace):
    trial(workspace, FREE)
    apply(workspace)
    tablet(workspace)
    [one] = Activity.objects.filter(merged=False)
    Restriction.objects.create(
        workspace_id=workspace, customer_id=one.customer_id, since=1, request="r", person="N", person_id="1"
    )
    trial(workspace, type(FREE)())
    apply(workspace)
    sides = set(Activity.objects.filter(merged=False).values_list("customer_id", flat=True))
    assert len(sides) == 3
    assert sides == set(Restriction.objects.values_list("customer_id", flat=True))
