"""Rules of how long data is kept: counted before, kept by the worker, nothing else is touched."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from amity.engines.past.client import insert_rows, past
from amity.engines.past.retention import Old, count_old, delete_old
from amity.engines.past.rows import QuarantineRow, seconds
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.trust.actions.retention import count_for, keep_rules, make_rule, remove_rule
from amity.rooms.trust.actions.rights.requests import end, enter
from amity.rooms.trust.models import AuditEntry, RetentionRule, RightsRequest
from tests.rooms.trust.rights.asking import Desk


@pytest.fixture
def desk(transactional_db, past_ready) -> Desk:
    made = Desk()
    now = now_ms()
    for days in (1, 40, 400):
        made.place.tell(
            made.ada,
            {"name": "Page Viewed", "channel": "web", "at": now - days * DAY},
            {"name": "Order Completed", "channel": "web", "at": now - days * DAY + 1},
            {"name": "Page Viewed", "channel": "app", "at": now - days * DAY + 2},
        )
    insert_rows(
        table="quarantine",
        rows=[
            QuarantineRow(workspace_id=made.workspace.pk, source_id=1, received_at=seconds(now - days * DAY), key=uuid4(), reason="bad_field",
                          detail="", step="edge", body="{}", log_seq=1)
            for days in (1, 20)
        ],
        token=uuid4().hex,
    )  # fmt: skip
    return made


def held(desk: Desk, table: str = "interactions_raw") -> int:
    return int(past().query(f"SELECT count() FROM {table} WHERE workspace_id = {desk.workspace.pk}").result_rows[0][0])


def test_a_rule_deletes_what_it_counted_and_nothing_else(desk):
    other = Desk()
    other.tell_stories()
    before = held(other)
    rule = {"what": "interactions", "days": 30, "name": " Page  Viewed ", "channel": "web"}
    assert count_for(desk.access, **rule) == 2
    assert held(desk) == 9
    made = make_rule(desk.access, **rule)
    assert keep_rules() == 2
    assert keep_rules() == 0
    made.refresh_from_db()
    assert (made.deleted, made.worked_at is not None) == (2, True)
    left = past().query(
        f"SELECT name, channel, count() FROM interactions_raw WHERE workspace_id = {desk.workspace.pk} GROUP BY 1, 2 ORDER BY 1, 2"
    ).result_rows  # fmt: skip
    assert left == [("Order Completed", "web", 3), ("Page Viewed", "app", 3), ("Page Viewed", "web", 1)]
    make_rule(desk.access, what="interactions", days=100, channel="web")
    make_rule(desk.access, what="quarantine", days=10)
    assert keep_rules() == 2
    assert (held(desk), held(desk, "quarantine"), held(other)) == (6, 1, before)


def test_a_rule_about_the_same_replaces_the_other_and_can_be_removed(desk):
    first = make_rule(desk.access, what="interactions", days=10)
    second = make_rule(desk.access, what="interactions", days=1_000)
    assert (first.pk, RetentionRule.objects.get().days) == (second.pk, 1_000)
    assert keep_rules() == 0
    remove_rule(desk.access, rule_id=second.pk)
    assert not RetentionRule.objects.exists()
    told = AuditEntry.objects.filter(action__startswith="retention.", workspace_id=desk.workspace.pk).order_by("seq")
    assert [one.action for one in told] == ["retention.rule_made", "retention.rule_made", "retention.rule_removed"]
    assert told[1].before == {"days": 10}


def test_ended_requests_are_emptied_and_open_ones_are_not(desk):
    rows = [
        enter(desk.access, kind="access", identifiers=[("email", desk.email)], details="Hello", verified_how="x")
        for _ in range(3)
    ]
    for row in rows[:2]:
        end(desk.access, request_id=row.pk, state="done", answer="Sent to the address in Lund")
    RightsRequest.objects.filter(pk=rows[0].pk).update(finished_at=timezone.now() - timedelta(days=400))
    assert count_for(desk.access, what="requests", days=365) == 1
    make_rule(desk.access, what="requests", days=365)
    assert keep_rules() == 1
    assert keep_rules() == 0
    for row in rows:
        row.refresh_from_db()
    assert [bool(row.details) for row in rows] == [False, True, True]
    assert set(rows[0].steps.values_list("note", flat=True)) == {""}
    assert rows[0].state == "done"


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "audit"},
        {"days": 0},
        {"days": 99_999},
        {"what": "quarantine", "name": "x"},
        {"what": "quarantine", "days": 30},
        {"channel": "x" * 41},
    ],
)
def test_what_can_be_no_rule_is_refused(desk, wrong):
    with pytest.raises(Invalid):
        make_rule(desk.access, **{"what": "interactions", "days": 30, **wrong})
    with pytest.raises(Invalid):
        count_for(desk.access, **{"what": "interactions", "days": 30, **wrong})


def test_the_engine_refuses_what_is_no_table_of_its_own(desk):
    for old in (Old(workspace_id=1, table="merges", days=3), Old(workspace_id=1, table="quarantine", days=3, name="x")):
        with pytest.raises(Invalid):
            count_old(old)
        with pytest.raises(Invalid):
            delete_old(old)


def test_the_page_counts_first(desk):
    url = f"/w/{desk.workspace.slug}/retention/"
    assert "No rule yet" in desk.client.get(url).content.decode()
    rule = {"what": "interactions", "name": "Page Viewed", "channel": "", "days": "30"}
    said = desk.client.post(url, {**rule, "do": "count"}).content.decode()
    assert "4 records now" in said
    assert not RetentionRule.objects.exists()
    said = desk.client.post(url, {**rule, "do": "make"}, follow=True).content.decode()
    assert "called “Page Viewed”" in said
    row = RetentionRule.objects.get()
    assert desk.client.post(url, {**rule, "days": "0", "do": "make"}).status_code == 422
    assert desk.client.post(url, {**rule, "what": "quarantine", "do": "count"}).status_code == 422
    other = Desk()
    other.client.post(f"/w/{other.workspace.slug}/retention/{row.pk}/removal/")
    assert RetentionRule.objects.exists()
    desk.client.post(f"{url}{row.pk}/removal/")
    assert not RetentionRule.objects.exists()
    assert desk.place.sign_in("analyst").get(url).status_code == 403
