"""The pages of funnels, without JavaScript, and the same as JSON."""

from __future__ import annotations

import html
import json
import re
from uuid import UUID

import pytest
from django.test import Client

from amity.kernel.clock import HOUR, now_ms
from amity.rooms.journeys.models import SavedFunnel
from amity.rooms.trust.actions.tokens import create_system_token
from tests.rooms.customers.audiences.keeping import keep
from tests.rooms.customers.people import Place

EVIL = '<script>alert("x")</script>'


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def url(here: Place, rest: str = "") -> str:
    return f"/w/{here.workspace.slug}/journeys/{rest}"


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return response.content.decode()


def someone(here: Place, *names: str) -> UUID:
    start = now_ms() - 20 * HOUR
    rows = [
        {
            "time": start + n * HOUR,
            "name": name,
            "type": "track",
            "voice": "did",
            "channel": "web",
            "value": None,
            "properties": {},
        }
        for n, name in enumerate(names)
    ]
    return keep(here.workspace.pk, {"traits": {"name": f"Ada {EVIL}"}, "identifiers": [], "consent": {}, "rows": rows})


GIVEN = {
    "as": "lines", "s0-event": "Viewed", "s1-event": "Bought", "s1-name": "Paid", "amount": "7", "unit": "days", "order": "ordered",
    "period": "last:30:days", "hold": "", "by": "value", "of": "channel", "name": "To buy", "about": EVIL,
}  # fmt: skip


def test_an_empty_list_teaches(here):
    page = text_of(here.client.get(url(here, "funnels/")))
    assert "No funnel yet" in page
    assert f'href="{url(here, "funnels/new")}"' in page


def test_a_funnel_is_built_kept_and_each_number_opens_its_customers(here):
    through = [someone(here, "Viewed", "Bought") for _ in range(3)]
    someone(here, "Viewed")
    shown = text_of(here.client.post(url(here, "funnels/new"), GIVEN | {"act": "add"}))
    assert 'name="s2-event"' in shown
    assert 'value="Paid"' in shown
    moved = text_of(here.client.post(url(here, "funnels/new"), GIVEN | {"act": "down:0"}))
    assert moved.index('value="Bought"') < moved.index('value="Viewed"')
    counted = text_of(here.client.post(url(here, "funnels/count"), GIVEN))
    assert "3 of 4 customers" in counted
    assert "4 began, 30 are needed for a share" in counted
    response = here.client.post(url(here, "funnels/new"), GIVEN | {"act": "save"})
    made = SavedFunnel.objects.get(name="To buy")
    assert response.headers["Location"] == url(here, f"funnels/{made.pk}/")
    page = text_of(here.client.get(url(here, f"funnels/{made.pk}/")))
    assert EVIL not in page
    links = [html.unescape(one) for one in re.findall(r'href="([^"]+funnels/customers[^"]+)"', page)]
    left = next(one for one in links if "left=1" in one)
    assert "1 customer who didn’t come to" in html.unescape(text_of(here.client.get(left)))
    there = next(one for one in links if "step=2" in one and "left" not in one and "group" not in one)
    behind = text_of(here.client.get(there))
    assert "3 customers who came to" in behind
    assert EVIL not in behind
    assert all(str(who) in behind for who in through)
    again = text_of(here.client.get(url(here, f"funnels/{made.pk}/edit")))
    assert 'value="Paid"' in again
    assert "3 of 4 customers" in again
    archived = here.client.post(url(here, f"funnels/{made.pk}/archive"))
    assert archived.status_code == 302
    assert "To buy" in text_of(here.client.get(url(here, "funnels/?archived=1")))


def test_what_is_wrong_is_said_and_nothing_is_lost(here):
    wrong = text_of(here.client.post(url(here, "funnels/new"), GIVEN | {"s1-event": "", "act": "save"}), 400)
    assert "What is step 2?" in wrong
    assert 'value="To buy"' in wrong
    assert "no JSON" in text_of(here.client.post(url(here, "funnels/new"), {"as": "json", "json": "{", "act": "save"}), 400)
    for address in ("", "?d={}", "?d=x&as_of=1&step=1", "?as_of=a"):
        assert here.client.get(url(here, f"funnels/customers{address}")).status_code == 400


def test_who_may_only_look_counts_but_keeps_nothing(here):
    viewer = here.sign_in("viewer")
    assert "Keep it" not in text_of(viewer.get(url(here, "funnels/new")))
    assert "may look at funnels" in text_of(viewer.post(url(here, "funnels/new"), GIVEN | {"act": "save"}), 403)
    assert SavedFunnel.objects.count() == 0


def test_what_the_form_cannot_say_stays_json(here):
    definition = {"version": 1, "steps": [{"event": {"voice": "said"}}, {"event": {"name": "B"}}]}
    made = here.client.post(
        url(here, "funnels/new"), {"as": "json", "json": json.dumps(definition), "name": "Said", "act": "save"}
    )
    page = text_of(here.client.get(made.headers["Location"] + "edit"))
    assert "Funnel as JSON" in page


def test_as_json(here):
    through = [someone(here, "Viewed", "Bought") for _ in range(2)]
    someone(here, "Viewed")
    _, secret = create_system_token(workspace_id=here.workspace.pk, name="t", role="analyst")
    api = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(method: str, rest: str, given=None, status: int = 200):
        body = {} if given is None else {"data": json.dumps(given), "content_type": "application/json"}
        response = getattr(api, method)(f"/api/v1/journeys/funnels{rest}", **body)
        assert response.status_code == status, response.content
        return response.json()

    definition = {"version": 1, "steps": [{"event": {"name": "Viewed"}}, {"event": {"name": "Bought"}}]}
    made = ask("post", "", {"name": "F", "definition": definition}, 201)
    found = ask("get", f"/{made['id']}/count")
    assert [(step["reached"], step["left"]) for step in found["steps"]] == [(3, 0), (2, 1)]
    assert found["steps"][1]["of_first"]["few"]
    assert ask("post", "/count", {"definition": definition, "as_of": found["as_of"]})["steps"] == found["steps"]
    behind = ask("get", f"/{made['id']}/customers?step=2&purpose=necessary&as_of={found['as_of']}")
    assert sorted(behind["customers"]) == sorted(map(str, through))
    assert ask("get", f"/{made['id']}/customers?step=2", status=400)["code"] == "purpose_missing"
    assert ask("patch", f"/{made['id']}", {"name": "G"})["name"] == "G"
    assert ask("delete", f"/{made['id']}")["archived_at"]
    assert ask("get", "")["funnels"] == []
    assert ask("get", "/schema")["title"].startswith("Amity funnel")
