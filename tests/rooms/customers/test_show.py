from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from amity.config.cli.customer import command
from amity.kernel.errors import NotFound
from amity.rooms.customers import api
from tests.rooms.customers.making import MINUTE, T0, event
from tests.rooms.customers.past import store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]


def show(*arguments):
    return CliRunner().invoke(command, ["show", *arguments, "--workspace", "test-house"], catch_exceptions=False)


@pytest.fixture
def ada(workspace):
    events = [
        event("1", workspace=workspace, anonymous_id="a", kind="page", name="Home"),
        event("2", workspace=workspace, user_id="u", at=1),
        event("3", workspace=workspace, user_id="u", anonymous_id="a", kind="identify", name="", at=2,
              traits={"name": "Ada\x1b[31m", "email": "ada@x.org"}, gpc=True),
        event("4", workspace=workspace, user_id="u", name="Order Completed", properties={"revenue": 7}, at=3),
        event("5", workspace=workspace, user_id="u", name="Payment Declined", at=4),
    ]  # fmt: skip
    outcome = api.place(events)
    store(events, outcome.placements)
    return outcome.placements[-1].customer_id


def test_a_person_reads_it(ada):
    shown = show("ada@x.org").output
    for part in (
        str(ada),
        "user_id",
        "shared identifiers",
        "sale_share",
        "no",
        "7.0000 EUR",
        "Order Completed",
        "Payment Declined",
    ):
        assert part in shown
    assert "\x1b" not in shown


def test_a_machine_reads_it(ada):
    found = json.loads(show(str(ada), "--json", "--limit", "2").output)
    assert found["customer_id"] == str(ada)
    assert [m["name"] for m in found["timeline"]] == ["Payment Declined", "Order Completed"]
    assert {t["name"] for t in found["traits"]} == {"name", "email"}
    assert found["merges"][0]["rule"] == "shared_identifiers"
    assert found["values"] == {"EUR": "7.0000"}


def test_nobody_is_said_so(workspace):
    with pytest.raises(NotFound, match="no customer"):
        show("nobody")


def test_the_timeline_is_filtered_and_paged(ada, workspace):
    ids = api.get_customer(workspace_id=workspace, customer_id=ada).all_ids
    assert len(ids) == 2
    seen, before = [], ""
    while True:
        story = api.timeline(workspace_id=workspace, customer_ids=ids, before=before, limit=2)
        seen += [m.name for m in story.moments]
        before = story.before
        if not before:
            break
    assert seen == ["Payment Declined", "Order Completed", "", "2", "Home"]
    pages = api.timeline(workspace_id=workspace, customer_ids=ids, types=["page"], channels=["web"]).moments
    assert [m.name for m in pages] == ["Home"]
    assert api.timeline(workspace_id=workspace, customer_ids=ids, channels=["phone"]).moments == []
    assert api.timeline(workspace_id=workspace + 1, customer_ids=ids).moments == []


def test_what_matters_tells_what_went_wrong(ada, workspace, monkeypatch):
    monkeypatch.setattr("amity.rooms.customers.queries.standing.now_ms", lambda: T0 + MINUTE)
    assert api.resequence_marked() == 1
    stakes = api.what_matters(customer=api.get_customer(workspace_id=workspace, customer_id=ada))
    assert stakes.interactions == 5
    assert stakes.sessions == 1
    assert [(f.name, f.times, f.channel) for f in stakes.friction] == [("Payment Declined", 1, "web")]
    assert {c: str(v) for c, v in stakes.values.items()} == {"EUR": "7.0000"}
