"""Sources and write keys, and what the edge is told about them."""

from __future__ import annotations

import asyncio

import pytest

from amity.engines.present.models import OutboxFact
from amity.facts.collection import SNAPSHOT_BUCKET
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.collection import api
from amity.rooms.collection.models import Source
from amity.rooms.trust.contracts import SYSTEM
from amity.rooms.trust.models import AuditEntry


def create(workspace: int, name: str = "Web shop", kind: str = "website"):
    return api.create_source(workspace_id=workspace, name=name, kind=kind, actor=SYSTEM)


def test_a_new_source_is_known_to_the_edge_when_the_call_returns(workspace, bucket):
    source = create(workspace)
    entry = bucket.entry(source.write_key)
    assert (entry.workspace, entry.source, entry.name, entry.enabled) == (workspace, source.id, "Web shop", True)
    assert AuditEntry.objects.get(action="source.created").workspace_id == workspace


def test_it_works_inside_somebodys_event_loop(workspace, bucket):
    async def inside():
        return await asyncio.to_thread(create, workspace)

    assert bucket.entry(asyncio.run(inside()).write_key) is not None


def test_settings_reach_the_edge(workspace, bucket):
    source = create(workspace)
    api.change_source(
        workspace_id=workspace, source_id=source.id, actor=SYSTEM, name="Shop", anonymise_ip=True, requests_per_second=5
    )
    entry = bucket.entry(source.write_key)
    assert (entry.name, entry.anonymise_ip, entry.requests_per_second) == ("Shop", True, 5)


def test_disabling_and_enabling(workspace, bucket):
    source = create(workspace)
    off = api.set_source_enabled(workspace_id=workspace, source_id=source.id, enabled=False, actor=SYSTEM)
    assert off.disabled_at is not None
    assert bucket.entry(source.write_key).enabled is False
    on = api.set_source_enabled(workspace_id=workspace, source_id=source.id, enabled=True, actor=SYSTEM)
    assert on.disabled_at is None
    assert bucket.entry(source.write_key).enabled is True


def test_two_keys_work_side_by_side_until_the_old_one_is_revoked(workspace, bucket):
    old = create(workspace)
    both = api.add_write_key(workspace_id=workspace, source_id=old.id, actor=SYSTEM)
    assert both.write_key != old.write_key
    assert bucket.entry(old.write_key) is not None
    assert bucket.entry(both.write_key) is not None
    api.revoke_write_key(workspace_id=workspace, source_id=old.id, key_id=both.keys[0].id, actor=SYSTEM)
    assert bucket.entry(old.write_key) is None
    assert bucket.entry(both.write_key) is not None


def test_rotating_revokes_every_old_key(workspace, bucket):
    old = create(workspace)
    new = api.rotate_write_key(workspace_id=workspace, source_id=old.id, actor=SYSTEM)
    assert new.write_key != old.write_key
    assert bucket.entry(old.write_key) is None
    assert bucket.entry(new.write_key) is not None


@pytest.mark.parametrize(
    ("name", "kind"), [("", "website"), ("x" * 81, "website"), ("a\x00b", "server"), ("Fine", "amity"), ("Fine", "x")]
)
def test_what_can_be_no_source(workspace, name, kind):
    with pytest.raises(Invalid):
        create(workspace, name, kind)


def test_a_name_is_used_once_in_a_workspace(workspace):
    create(workspace)
    with pytest.raises(Invalid, match="already"):
        create(workspace)
    create(workspace, "Other")
    with pytest.raises(Invalid, match="already"):
        api.change_source(
            workspace_id=workspace, source_id=api.list_sources(workspace_id=workspace)[1].id, actor=SYSTEM, name="Web shop"
        )


def test_another_workspaces_source_does_not_exist(workspace):
    source = create(workspace)
    for call in (api.add_write_key, api.rotate_write_key):
        with pytest.raises(NotFound):
            call(workspace_id=workspace + 1, source_id=source.id, actor=SYSTEM)
    with pytest.raises(NotFound):
        api.get_source(workspace_id=workspace + 1, source_id=source.id)


def test_the_bucket_is_brought_up_to_date(workspace, bucket):
    source = create(workspace)

    expected = api.expected_entries()

    async def spoil(log):
        held = await log.snapshot(SNAPSHOT_BUCKET)
        await held.put("key.stranger", b"{}")
        for name in expected:
            await held.put(name, b"old")

    bucket.with_log(spoil)
    changed = bucket.with_log(lambda log: api.reconcile(log, expected))
    assert changed >= 2
    assert bucket.entry(source.write_key).source == source.id
    assert bucket.with_log(lambda log: api.reconcile(log, expected)) == 0


def test_amitys_own_source_is_made_once_and_has_no_key(workspace):
    first = api.amity_source(workspace_id=workspace)
    assert api.amity_source(workspace_id=workspace) == first
    assert Source.objects.get(pk=first).keys.count() == 0
    with pytest.raises(Invalid):
        api.add_write_key(workspace_id=workspace, source_id=first, actor=SYSTEM)


def test_a_fact_recorded_twice_goes_out_once(workspace):
    for _ in range(2):
        api.record_fact(workspace_id=workspace, message_id="survey-7-answer-9", name="SurveyAnswered", user_id="ada")
    assert OutboxFact.objects.filter(workspace_id=workspace).count() == 1
