"""How sources do: counted hour by hour, told for the last day."""

from __future__ import annotations

from django.db import transaction

from amity.kernel.clock import HOUR, from_ms
from amity.rooms.collection import api
from amity.rooms.collection.models import Source

NOW = 1_800_000_000_000 // HOUR * HOUR + 20 * 60_000


def test_outcomes_add_up_by_hour(workspace):
    source = Source.objects.create(workspace_id=workspace, name="A", kind="server").pk
    said = [(NOW, "accepted")] * 3 + [
        (NOW - HOUR, "accepted"),
        (NOW, "duplicate"),
        (NOW, "not_json"),
        (NOW - 30 * HOUR, "too_large"),
    ]
    for _ in range(2):
        with transaction.atomic():
            api.count_outcomes([api.Outcome(workspace, source, at, outcome) for at, outcome in said])
    [health] = api.list_source_health(workspace_id=workspace, now=NOW)
    assert (health.accepted, health.rejected, health.duplicates) == (8, 2, 2)
    assert health.reasons == {"not_json": 2}
    assert health.last_seen == from_ms(NOW)
    assert len(health.hours) == 24
    assert health.hours[-1] == (from_ms(NOW // HOUR * HOUR), 6, 2)
    assert health.hours[-2][1:] == (2, 0)
    assert health.state == "healthy"


def test_states(workspace):
    waiting, failing, quiet = (Source.objects.create(workspace_id=workspace, name=n, kind="server").pk for n in "abc")
    with transaction.atomic():
        api.count_outcomes(
            [api.Outcome(workspace, failing, NOW, "bad_field"), api.Outcome(workspace, quiet, NOW - 40 * HOUR, "accepted")]
        )
    assert [h.state for h in api.list_source_health(workspace_id=workspace, now=NOW)] == ["waiting", "failing", "quiet"]
    assert waiting


def test_another_workspaces_counts_are_not_told(workspace):
    with transaction.atomic():
        api.count_outcomes([api.Outcome(workspace + 1, 999_999, NOW, "accepted")])
    assert api.list_source_health(workspace_id=workspace, now=NOW) == []
