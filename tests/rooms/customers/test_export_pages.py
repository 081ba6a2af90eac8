"""Exports from the console and the API: the same files, for those who may."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from amity.rooms.customers import api
from amity.rooms.customers.models import Activity
from amity.rooms.trust.models import AuditEntry, Membership, Person, Workspace
from tests.rooms.customers.making import MINUTE, event
from tests.rooms.customers.past import store
from tests.rooms.customers.test_http import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]
SERVE = {"purpose": "necessary"}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def house(workspace):
    told = [
        event("Bought", workspace=workspace, user_id="ada", at=0),
        event("Left", workspace=workspace, user_id="ada", at=MINUTE, channel="app"),
        event("Bought", workspace=workspace, user_id="bo", at=2 * MINUTE, source=2),
        event("who", workspace=workspace, user_id="ada", kind="identify", traits={"name": "Ada", "plan": "pro"}, at=3 * MINUTE),
    ]
    store(told, api.place(told).placements)
    return Workspace.objects.get(pk=workspace)


class Token:
    """What `client_of` needs of a place."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace


def signed_in(house: Workspace, role: str) -> Client:
    person = Person.objects.create(email=f"{role}@test.example", name=role)
    Membership.objects.create(person=person, workspace=house, role=role)
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def body(answer) -> bytes:
    async def whole() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    assert answer.status_code == 200
    return async_to_sync(whole)()  # in the test's own thread, which holds the transaction


def rows(answer) -> list[dict]:
    return [json.loads(line) for line in body(answer).splitlines()]


def test_the_list_as_it_is_searched(house):
    client = signed_in(house, "analyst")
    answer = client.get("/w/test-house/customers/export.jsonl", {"q": "ada", **SERVE})
    assert [row["user_id"] for row in rows(answer)] == ["ada"]
    assert 'filename="customers-test-house-' in answer["Content-Disposition"]
    began, ended = AuditEntry.objects.filter(action__startswith="export.").order_by("seq")
    assert (began.actor_name, began.after) == (
        "analyst@test.example",
        {"format": "jsonl", "filters": {"purpose": "necessary", "text": "ada"}},
    )
    assert ended.after == {"format": "jsonl", "rows": 1, "withheld": 0, "complete": True}


def test_a_story_as_it_is_filtered(house):
    ada = api.find_customer_by_identifier(workspace_id=house.pk, text="ada")
    client = signed_in(house, "owner")
    told = rows(client.get(f"/w/test-house/customers/{ada.id}/export.jsonl", {"channel": "app", **SERVE}))
    assert [row["name"] for row in told] == ["Left"]
    assert b"<trace>" in body(client.get(f"/w/test-house/customers/{ada.id}/export.xes", SERVE))


@pytest.mark.parametrize("role", ["analyst", "viewer"])
def test_only_who_may_sees_the_links(house, role):
    client = signed_in(house, role)
    ada = api.find_customer_by_identifier(workspace_id=house.pk, text="ada")
    listed, story = client.get("/w/test-house/customers/?q=ada").content, client.get(f"/w/test-house/customers/{ada.id}/").content
    assert (b'href="/w/test-house/customers/export?q=ada"' in listed) is (role == "analyst")
    assert (f"{ada.id}/export".encode() in story) is (role == "analyst")


def test_a_file_is_chosen_for_a_purpose_and_who_allows_it_is_said(house):
    ada = api.find_customer_by_identifier(workspace_id=house.pk, text="ada")
    Activity.objects.filter(customer_id=ada.id).update(consent={"surveys": [True, 1_790_000_000_000, 1, "00"]})
    client = signed_in(house, "analyst")
    for address, files in (("", 0), ("?purpose=nonsense", 0), ("?purpose=surveys", 3)):
        told = client.get(f"/w/test-house/customers/export{address}").content.decode()
        assert told.count("download>") == files
    assert "<b>1</b> customer allows it now. <b>1</b> doesn’t and is left out." in told
    assert 'href="/w/test-house/customers/export.csv?purpose=surveys"' in told
    told = client.get(f"/w/test-house/customers/{ada.id}/export?purpose=surveys&channel=app").content.decode()
    assert f'href="/w/test-house/customers/{ada.id}/export.xes?channel=app&amp;purpose=surveys"' in told
    assert "nothing to download" in client.get(f"/w/test-house/customers/{ada.id}/export?purpose=marketing_sms").content.decode()


def test_too_many_to_ask_at_once_are_not_counted(house, monkeypatch):
    monkeypatch.setattr("amity.rooms.customers.console.export._COUNTED", 1)
    told = signed_in(house, "analyst").get("/w/test-house/customers/export?purpose=surveys").content.decode()
    assert "too many to ask" in told
    assert told.count("download>") == 3


@pytest.mark.parametrize("address", ["customers/export.csv", "customers/{ada}/export.csv"])
def test_there_is_no_file_for_nothing(house, address):
    ada = api.find_customer_by_identifier(workspace_id=house.pk, text="ada")
    client = signed_in(house, "owner")
    assert client.get(f"/w/test-house/{address.format(ada=ada.id)}").status_code == 404
    for path in ("customers", "interactions"):
        answer = client_of(Token(house)).get(f"/api/v1/export/{path}")
        assert (answer.status_code, answer.json()["code"]) == (400, "purpose_missing")


def test_who_may_not_is_refused_and_recorded(house):
    assert signed_in(house, "marketer").get("/w/test-house/customers/export.csv").status_code == 403
    assert not AuditEntry.objects.filter(action="export.began").exists()
    assert client_of(Token(house), "viewer").get("/api/v1/export/customers").status_code == 403


@pytest.mark.parametrize("address", ["customers/export.pdf", "customers/export.xes"])
def test_there_is_no_such_form(house, address):
    assert signed_in(house, "owner").get(f"/w/test-house/{address}").status_code == 404


def test_leaving_half_way_is_recorded(house):
    answer = signed_in(house, "owner").get("/w/test-house/customers/export.csv", SERVE)
    for close in answer._resource_closers:  # `close()` would end the test's transaction too
        close()
    assert AuditEntry.objects.order_by("seq").last().after == {"format": "csv", "rows": 0, "withheld": 0, "complete": False}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["Bought", "Left", "Bought", "who"]),
        ({"event": ["Bought"]}, ["Bought", "Bought"]),
        ({"event": ["Bought", "Left"], "source": 1}, ["Bought", "Left"]),
        ({"type": "identify"}, ["who"]),
        ({"channel": "app"}, ["Left"]),
        ({"since": "2026-09-21T14:15:00Z", "until": "2026-09-21T14:16:00Z"}, ["Bought"]),
    ],
)
def test_interactions_over_the_api(house, asked, names):
    told = rows(client_of(Token(house)).get("/api/v1/export/interactions", asked | SERVE))
    assert [row["name"] for row in told] == names


def test_customers_over_the_api(house):
    client = client_of(Token(house))
    assert [row["user_id"] for row in rows(client.get("/api/v1/export/customers", {"trait": "plan=pro", **SERVE}))] == ["ada"]
    assert [row["user_id"] for row in rows(client.get("/api/v1/export/customers", {"q": "bo", **SERVE}))] == ["bo"]
    assert body(client.get("/api/v1/export/customers", {"format": "csv", **SERVE})).startswith(b"customer_id,name,")


@pytest.mark.parametrize("asked", [{"format": "pdf"}, {"trait": "plan"}, {"since": "soon"}, {"source": "-1"}])
def test_what_makes_no_sense_is_said(house, asked):
    address = "/api/v1/export/customers" if "trait" in asked else "/api/v1/export/interactions"
    assert client_of(Token(house)).get(address, asked).status_code == 422
