"""What was sent and not taken: read page by page, and sent again the way it came."""

from __future__ import annotations

from uuid import UUID

import httpx
import msgspec
import pytest

from amity.engines.past.client import insert_rows
from amity.engines.past.rows import QuarantineRow, seconds
from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid, NotFound, NotRunning
from amity.kernel.ids import new_id
from amity.rooms.collection import api
from amity.rooms.collection.models import QuarantineReplay
from amity.rooms.trust.contracts import SYSTEM
from amity.rooms.trust.models import AuditEntry

NOW = now_ms()


@pytest.fixture
def source(workspace, past_ready):
    return api.create_source(workspace_id=workspace, name="Web", kind="website", actor=SYSTEM)


def turned_away(
    source, body: str, *, minutes: int = 0, dialect: str = "segment", step: str = "edge", reason: str = "bad_field"
) -> UUID:
    row = QuarantineRow(
        workspace_id=source.workspace_id,
        source_id=source.id,
        received_at=seconds(NOW - minutes * 60_000),
        key=new_id(),
        reason=reason,
        detail="It was wrong.",
        step=step,
        body=body,
        log_seq=1,
        dialect=dialect,
    )
    insert_rows(table="quarantine", rows=[row], token=str(row.key))
    return row.key


@pytest.fixture
def edge(monkeypatch):
    """The edge's answers, and what it was sent."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        bad = b"still wrong" in request.content
        return httpx.Response(400, json={"code": "bad", "message": "No."}) if bad else httpx.Response(200, json={"success": True})

    original = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **given: original(**given, transport=httpx.MockTransport(answer)))
    return sent


def test_pages_from_the_newest_on(source):
    keys = [turned_away(source, "{}", minutes=n // 2) for n in range(7)]
    seen, older = [], ""
    while True:
        page = api.list_quarantine(workspace_id=source.workspace_id, older_than=older, limit=3)
        seen += [row.key for row in page.rows]
        older = page.older
        if not older:
            break
    assert sorted(seen) == sorted(keys)
    assert len(seen) == 7
    assert [k in seen[:2] for k in keys[:2]] == [True, True]


def test_filters_and_workspaces(source):
    key = turned_away(source, "{}", reason="too_large")
    turned_away(source, "{}")
    of = {"workspace_id": source.workspace_id}
    assert [r.key for r in api.list_quarantine(**of, reason="too_large").rows] == [key]
    assert api.list_quarantine(**of, source_id=source.id + 1).rows == ()
    assert api.list_quarantine(workspace_id=source.workspace_id + 1).rows == ()
    with pytest.raises(Invalid):
        api.list_quarantine(**of, older_than="nonsense")


def test_sending_again_marks_and_says_what_was_refused(source, edge):
    good = turned_away(source, '{"type":"track","event":"A","userId":"u"}')
    named = turned_away(source, '{"type":"track","event":"A","userId":"u","messageId":"m-1"}', minutes=1)
    bad = turned_away(source, '{"event":"still wrong"}')
    no_event = turned_away(source, "[1,2")
    of = {"workspace_id": source.workspace_id, "actor": SYSTEM}
    outcome = api.replay_quarantined(keys=[good, named, bad, no_event], **of)
    assert outcome.sent == 2
    assert dict(outcome.refused) == {
        bad: "No.",
        no_event: "It is no JSON object, so it can't be sent as an event.",
    }
    assert all(request.url.path == "/v1/batch" for request in edge)
    sent = [msgspec.json.decode(request.content)["batch"][0] for request in edge]
    assert {"m-1", f"quarantine-{good}"} <= {event.get("messageId") for event in sent}
    assert set(QuarantineReplay.objects.values_list("key", flat=True)) == {good, named}
    assert AuditEntry.objects.filter(action="quarantine.replayed", workspace_id=source.workspace_id).count() == 1
    marked = {row.key: row.replayed_at for row in api.list_quarantine(workspace_id=source.workspace_id).rows}
    assert marked[good]
    assert marked[bad] is None
    assert api.replay_quarantined(keys=[good], **of).skipped == 1
    assert api.replay_quarantined(keys=[good], again=True, **of).sent == 1


def test_posthogs_events_go_posthogs_way(source, edge):
    key = turned_away(source, '{"event":"$pageview","distinct_id":"d"}', dialect="posthog")
    api.replay_quarantined(workspace_id=source.workspace_id, keys=[key], actor=SYSTEM)
    [request] = edge
    assert request.url.path == "/batch/"
    assert msgspec.json.decode(request.content)["api_key"] == source.write_key


def test_another_workspaces_events_are_not_there(source, edge):
    key = turned_away(source, "{}")
    with pytest.raises(NotFound):
        api.replay_quarantined(workspace_id=source.workspace_id + 1, keys=[key], actor=SYSTEM)
    assert edge == []


def test_without_an_edge_it_says_so(source, monkeypatch):
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    original = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **given: original(**given, transport=httpx.MockTransport(refuse)))
    key = turned_away(source, "{}")
    with pytest.raises(NotRunning, match="edge"):
        api.replay_quarantined(workspace_id=source.workspace_id, keys=[key], actor=SYSTEM)
    assert not QuarantineReplay.objects.exists()
