"""Surveys over the API: made, published, asked of one customer, read as the same figures; roles and workspaces keep apart."""

from __future__ import annotations

import pytest
from django.test import Client

from amity.rooms.listening.actions import answering
from amity.rooms.trust.actions.tokens import create_system_token
from tests.rooms.customers.people import Place
from tests.rooms.listening.test_asking import DEFINITION, answered

pytestmark = pytest.mark.django_db


def api(here: Place, role: str = "owner") -> Client:
    _, secret = create_system_token(workspace_id=here.workspace.pk, name=f"t-{role}", role=role)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_a_survey_through_the_api(monkeypatch):
    monkeypatch.setattr(answering, "TOO_QUICK", 0)
    here, base = Place(), "/api/v1/surveys"
    client, json = api(here), "application/json"
    made = client.post(base, {"name": "Spring", "definition": DEFINITION}, content_type=json)
    assert made.status_code == 201
    at = f"{base}/{made.json()['id']}"
    assert client.get(f"{at}/results").status_code == 404
    assert client.post(f"{at}/versions").json()["version"] == 1
    ada = here.customer(("user_id", "ada"), consent={"surveys": [True, 0, 1, "00"]})
    no = here.customer(("user_id", "no"), consent={"surveys": [False, 0, 1, "00"]})
    url = client.post(f"{at}/links", {"customer_id": str(ada)}, content_type=json).json()["url"]
    assert client.post(f"{at}/links", {"customer_id": str(no)}, content_type=json).json()["code"] == "not_permitted"
    answered("/" + url.partition("://")[2].partition("/")[2], {"q.likely": "9"}, {"q.why": "Kind."})
    found = client.get(f"{at}/results").json()
    assert (found["shown"], found["begun"], found["completed"]) == (1, 1, 1)
    [likely, why, _] = found["questions"]
    assert (likely["answers"], likely["score"]["value"], likely["score"]["n"], likely["score"]["few"]) == (
        [{"answer": "9", "number": 1}],
        100,
        1,
        True,
    )
    assert (why["n"], why["answers"]) == (1, [])  # what was said in words stands with who said it, on the page
    assert client.patch(at, {"closed": True, "name": "Winter"}, content_type=json).json()["closed"] is True
    assert client.get(base).json()["surveys"][0]["responses"] == 1
    wrong = client.patch(at, {"definition": {"title": ""}}, content_type=json)
    assert (wrong.status_code, "title" in wrong.json()["message"]) == (400, True)
    assert api(here, "viewer").post(f"{at}/versions").status_code == 403
    assert api(Place()).get(at).status_code == 404
    assert client.delete(at).status_code == 204
    assert client.get(at).status_code == 404
