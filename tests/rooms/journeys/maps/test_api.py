"""What colleagues do with maps, over the API: deviations accepted, comments settled, looks noted, links made and ended."""

from __future__ import annotations

import json
from typing import Any

import pytest

from amity.rooms.journeys.models import Allowance, Comment, Review
from amity.rooms.trust import api as trust
from tests.rooms.customers.people import Place
from tests.rooms.journeys.incidents.test_incidents import api
from tests.rooms.journeys.maps.test_pages import made

AT = "/api/v1/journeys"


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def send(client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    answer = getattr(client, method)(f"{AT}/{path}", json.dumps(body or {}), content_type="application/json")
    return answer.status_code, json.loads(answer.content) if answer.content else None


def test_a_journey_is_listed_and_said_with_its_map(here):
    one, client = made(here), api(here, "viewer")
    [line] = client.get(AT).json()["journeys"]
    assert (line["id"], line["name"], line["version"]) == (one.pk, one.name, 1)
    told = client.get(f"{AT}/{one.pk}").json()
    assert [each["key"] for each in told["map"]["stages"]] == [each["key"] for each in one.current["stages"]]
    assert (told["target"], told["allowances"], told["reviews"], told["shared_until"]) == (None, [], [], None)
    elsewhere = Place()
    assert api(elsewhere).get(f"{AT}/{one.pk}").status_code == 404
    assert send(client, "post", f"{one.pk}/reviews")[0] == 403


def test_a_deviation_is_accepted_and_counts_again(here):
    one, client = made(here), api(here)
    asked = {"kind": "skipped", "stage": "s2", "reason": "By phone they need not"}
    status, told = send(client, "post", f"{one.pk}/allowances", asked)
    assert (status, told["reason"]) == (200, asked["reason"])
    assert send(client, "post", f"{one.pk}/allowances", asked)[0] == 400
    assert send(client, "post", f"{one.pk}/allowances", asked | {"kind": "nothing"})[0] == 400
    assert [each["id"] for each in client.get(f"{AT}/{one.pk}").json()["allowances"]] == [told["id"]]
    status, ended = send(client, "delete", f"{one.pk}/allowances/{told['id']}")
    assert status == 200
    assert ended["ended_at"]
    assert send(client, "delete", f"{one.pk}/allowances/999999")[0] == 404
    assert client.get(f"{AT}/{one.pk}").json()["allowances"] == []
    assert Allowance.objects.get().ended_by == "t-owner"


def test_a_comment_is_said_settled_and_opened_again(here):
    one, client = made(here), api(here)
    me = trust.list_colleagues(here.workspace.pk)[0]
    status, told = send(client, "post", f"{one.pk}/comments", {"stage": "s1", "lane": "pains", "body": "Long waits", "to": me.id})
    assert (status, told["to"], told["settled_at"]) == (200, me.id, None)
    assert send(client, "post", f"{one.pk}/comments", {"stage": "s99", "body": "Where?"})[0] == 400
    status, settled = send(client, "patch", f"{one.pk}/comments/{told['id']}", {"settled": True})
    assert (status, settled["settled_by"]) == (200, "t-owner")
    assert send(client, "patch", f"{one.pk}/comments/{told['id']}", {"settled": False})[1]["settled_at"] is None
    assert [each["body"] for each in client.get(f"{AT}/{one.pk}/comments").json()["comments"]] == ["Long waits"]
    assert Comment.objects.get().made_by == "t-owner"


def test_a_look_is_noted_and_a_link_made_and_ended(here):
    one, client = made(here), api(here)
    status, told = send(client, "post", f"{one.pk}/reviews", {"days": 30, "note": "Still so"})
    assert (status, told["version"], told["note"]) == (200, 1, "Still so")
    assert send(client, "post", f"{one.pk}/reviews", {"days": 31})[0] == 400
    assert Review.objects.count() == 1
    status, link = send(client, "post", f"{one.pk}/link", {"days": 7})
    assert status == 200
    path = "/shared/" + link["url"].partition("/shared/")[2]
    assert here.client.get(path).status_code == 200
    assert client.get(f"{AT}/{one.pk}").json()["shared_until"] == link["until"]
    assert send(client, "delete", f"{one.pk}/link")[0] == 204
    assert here.client.get(path).status_code == 404
