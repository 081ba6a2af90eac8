from __future__ import annotations

import json
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from amity.engines.past.migrate import migrate_past
from amity.kernel.clock import DAY, now_ms
from amity.rooms.trust.models import ApiToken, AuditEntry
from amity.rooms.trust.queries.access import hash_of
from tests.rooms.customers.people import Place


@pytest.fixture(scope="module")
def _past() -> None:
    migrate_past()


@pytest.fixture
def here(_past: None, db: None) -> Place:
    return Place()


def client_of(place: Place, role: str = "admin") -> Client:
    token = f"amity_{uuid4().hex}"
    ApiToken.objects.create(workspace=place.workspace, name="Test", role=role, token_hash=hash_of(token))
    return Client(headers={"Authorization": f"Bearer {token}"})


def asked(client: Client, path: str, status: int = 200, **given):
    answer = client.get(f"/api/v1{path}", {"purpose": "necessary"} | given)
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"].startswith("application/json")
    return answer.json()


def test_find_customers_page_by_page(here: Place) -> None:
    for number in range(5):
        here.customer(("email", f"c{number}@mail.example"), traits={"name": f"Customer {number}"}, values={"EUR": "12.50"})
    client, names, after = client_of(here), [], ""
    while after is not None:
        page = asked(client, "/customers", limit=2, after=after)
        names += [one["name"] for one in page["customers"]]
        after = page["next"]
    assert sorted(names) == [f"Customer {n}" for n in range(5)]
    assert page["total"] == 5
    (one,) = asked(client, "/customers", q="c3@mail.example")["customers"]
    assert one["values"] == [{"currency": "EUR", "amount": "12.50"}]


def test_a_story_with_filters(here: Place) -> None:
    made, now = here.customer(traits={"name": "Ines"}), now_ms()
    here.tell(
        made,
        {"name": "Order Completed", "value": Decimal("189.5"), "currency": "EUR"},
        {"name": "Email Sent", "voice": "ours", "channel": "email"},
        {"type": "page", "name": "Home", "at": now - 3 * DAY},
    )
    client = client_of(here)
    story = asked(client, f"/customers/{made}/timeline")
    assert [one["sentence"] for one in story["interactions"]] == ["Paid €189.50", "Sent an e-mail", "Looked at Home"]
    assert float(story["interactions"][0]["value"]["amount"]) == 189.5
    assert story["next"] is None
    assert [one["name"] for one in asked(client, f"/customers/{made}/timeline", voice="ours")["interactions"]] == ["Email Sent"]
    assert [one["name"] for one in asked(client, f"/customers/{made}/timeline", type=["page", "screen"])["interactions"]] == [
        "Home"
    ]
    first = asked(client, f"/customers/{made}/timeline", limit=1)
    assert [
        one["name"] for one in asked(client, f"/customers/{made}/timeline", before=first["next"], limit=1)["interactions"]
    ] == ["Email Sent"]


@pytest.mark.parametrize(
    ("path", "given", "status", "code"),
    [
        ("/customers", {"limit": 0}, 422, "invalid"),
        ("/customers", {"after": "x"}, 422, "invalid"),
        ("/customers/nonsense", {}, 400, "invalid"),
        ("/customers/01a22361-0000-7000-8000-000000000001", {}, 404, "not_found"),
        ("/customers/01a22361-0000-7000-8000-000000000001/timeline", {}, 404, "not_found"),
        ("/customers", {"purpose": ""}, 400, "purpose_missing"),
        ("/customers", {"purpose": "fax"}, 400, "unknown_purpose"),
        ("/nothing", {}, 404, "not_found"),
        ("/customers/email:a\x00b", {}, 404, "not_found"),
    ],
)
def test_every_error_has_one_shape(here: Place, path: str, given, status: int, code: str) -> None:
    said = asked(client_of(here), path, status, **given)
    assert set(said) == {"code", "message"}
    assert said["code"] == code
    assert said["message"]


def test_who_may(here: Place) -> None:
    made = here.customer(traits={"name": "Ines"})
    for client in (Client(), Client(headers={"Authorization": "Bearer amity_nonsense"}), here.client):
        assert asked(client, f"/customers/{made}", 401)["code"] == "unauthorized"
    assert asked(client_of(Place()), f"/customers/{made}", 404)["code"] == "not_found"
    viewer = client_of(here, "viewer")
    answer = viewer.post("/api/v1/query", json.dumps({"sql": "SELECT 1"}), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_lists_and_stories_are_for_a_purpose_and_say_who_is_left_out(here: Place) -> None:
    yes = here.customer(traits={"name": "Ada"}, consent={"surveys": [True, now_ms() - DAY, 1, uuid4().hex]})
    no = here.customer(traits={"name": "Bo"}, consent={"surveys": [False, now_ms() - DAY, 1, uuid4().hex]})
    for one in (yes, no):
        here.tell(one, {"name": "Order Completed"})
    client = client_of(here)
    page = asked(client, "/customers", purpose="surveys")
    assert ([one["name"] for one in page["customers"]], page["withheld"], page["total"]) == (["Ada"], 1, 2)
    assert len(asked(client, f"/customers/{yes}/timeline", purpose="surveys")["interactions"]) == 1
    assert asked(client, f"/customers/{no}/timeline", 403, purpose="surveys")["code"] == "not_permitted"
    assert asked(client, f"/customers/{no}/timeline", 400, purpose="")["code"] == "purpose_missing"


def test_sources(here: Place) -> None:
    (one,) = asked(client_of(here), "/sources")["sources"]
    assert (one["id"], one["name"], one["enabled"]) == (here.source, "Linden Shop", True)


def ask(client: Client, sql: str, **given):
    answer = client.post("/api/v1/query", json.dumps({"sql": sql, **given}), content_type="application/json")
    return answer.status_code, answer.json()


def test_sql_over_the_past_of_this_workspace_alone(here: Place) -> None:
    here.tell(here.customer(), {"name": "Ours"}, {"name": "Ours too"})
    other = Place()
    other.tell(other.customer(), {"name": "Theirs"})
    client = client_of(here)
    status, answer = ask(client, "SELECT name FROM interactions ORDER BY name", limit=1)
    assert (status, answer["rows"], answer["truncated"]) == (200, [["Ours"]], True)
    assert [one["name"] for one in answer["columns"]] == ["name"]
    assert ask(client, "SELECT count() FROM interactions")[1]["rows"] == [[2]]
    assert AuditEntry.objects.filter(workspace_id=here.workspace.pk, action="query.run").count() == 2
    for sql in (
        "DROP TABLE interactions",
        "SELECT * FROM merges",
        "SELECT",
        "SELECT * FROM file('/etc/passwd')",
        "SELECT nonsense FROM interactions",
    ):
        status, answer = ask(client, sql)
        assert (status, answer["code"]) == (400, "invalid"), sql


def test_the_document_is_served_and_names_every_path(here: Place) -> None:
    document = Client().get("/api/v1/openapi.json").json()
    assert {
        "/api/v1/customers",
        "/api/v1/customers/{who}",
        "/api/v1/customers/{customer_id}/timeline",
        "/api/v1/query",
        "/api/v1/sources",
    } <= set(document["paths"])
