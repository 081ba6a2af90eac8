"""Hostile SQL at the API: turned away by what reads it, before the engine hears of it, and no other workspace's rows are ever there."""

from __future__ import annotations

import json

import pytest

from amity.engines.past.guard import engine_functions
from amity.rooms.trust.models import AuditEntry
from tests.engines.test_past_guard import HOSTILE
from tests.rooms.customers.people import Place
from tests.rooms.customers.test_http import client_of

# These name what isn't there once they are bound: nothing of anybody's, so the engine itself says that it knows of no such thing.
NAMELESS = {
    "SELECT workspace_id FROM interactions",
    "SELECT * FROM (WITH merges AS (SELECT 1 AS x) SELECT x FROM merges) AS y, merges",
}
pytestmark = pytest.mark.usefixtures("db", "past_ready")


def ask(place: Place, sql: str, status: int, *, role: str = "analyst"):
    answer = client_of(place, role).post("/api/v1/query", json.dumps({"sql": sql}), content_type="application/json")
    assert answer.status_code == status, (sql[:80], answer.content[:300])
    return answer.json()


def test_it_is_refused_before_the_engine_is_asked(monkeypatch):
    place = Place()
    engine_functions()

    def reached(*_, **__):
        raise AssertionError("the engine was asked")

    monkeypatch.setattr("amity.engines.past.client.past", reached)
    for sql in HOSTILE:
        if sql not in NAMELESS and 0 < len(sql) < 50_000 and "\0" not in sql:
            assert ask(place, sql, 400)["code"]


def test_a_workspaces_rows_are_not_there_for_another_not_even_in_an_error():
    mine, theirs = Place(), Place()
    mine.tell(mine.customer(), {"name": "Scored", "properties": {"points": 5}})
    theirs.tell(theirs.customer(), {"name": "Scored", "properties": {"points": "the secret of the others"}})
    for sql in (
        "SELECT count() FROM interactions",
        "SELECT count() FROM interactions WHERE properties.points > 3",
        "SELECT count() FROM interactions WHERE toFloat64(properties.points) > 3",
        "SELECT count() FROM interactions WHERE CAST(properties.points AS Int64) > 3",
        "SELECT count() FROM interactions AS a JOIN interactions AS b ON a.name = b.name WHERE toFloat64(b.properties.points) > 3",
    ):
        assert ask(mine, sql, 200)["rows"] == [[1]], sql


def test_who_may_not_ask_is_turned_away_and_it_stands_in_the_audit_log():
    place = Place()
    ask(place, "SELECT count() FROM interactions", 403, role="viewer")
    assert AuditEntry.objects.filter(workspace_id=place.workspace.pk).exists()
