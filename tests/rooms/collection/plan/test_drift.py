"""Drift from counts to page: found, kept while it lasts, ended when it is as before, planned or accepted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from amity.kernel.clock import to_ms
from amity.kernel.errors import NotFound
from amity.rooms.collection.actions.plan.change import Change, save_planned
from amity.rooms.collection.actions.plan.drift import accept_drift, watch_drift
from amity.rooms.collection.models import DriftAlert, SeenBefore, SeenHour, SeenInteraction, SeenProperty, Violation
from amity.rooms.collection.queries.plan.drift import list_drift
from amity.rooms.trust.actions.tokens import create_system_token
from amity.rooms.trust.contracts import COMMAND_LINE
from amity.rooms.trust.models import Membership, Person, Workspace

START = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)


class Flow:
    """Interactions that come, hour after hour, as the pipeline counts them."""

    def __init__(self, workspace: int, name: str = "Order", *, since: datetime = START) -> None:
        self.workspace, self.now = workspace, since
        self.seen = SeenInteraction.objects.create(
            workspace_id=workspace, kind="track", name=name, first_seen=since, last_seen=since, accepted=0, turned=0
        )

    def hour(self, n: int, *, watch: bool = True, **types: dict[str, int]) -> None:
        hour = self.now.replace(minute=0)
        if n:
            SeenHour.objects.create(interaction_id=self.seen.pk, source_id=1, hour=hour, accepted=n, turned=0)
        self.seen.accepted += n
        self.seen.last_seen = self.now
        self.seen.save()
        for name, counts in types.items():
            one, _ = SeenProperty.objects.get_or_create(
                interaction_id=self.seen.pk, place="properties", name=name,
                defaults={"first_seen": self.now, "last_seen": self.now, **dict.fromkeys(
                    ("string", "integer", "number", "boolean", "object", "array", "null"), 0)},
            )  # fmt: skip
            for kind, count in counts.items():
                setattr(one, kind, getattr(one, kind) + count)
            one.save()
        self.now += timedelta(hours=1)
        if watch:
            watch_drift(now=to_ms(self.now))

    def day(self, n: int, **types: dict[str, int]) -> None:
        for _ in range(24):
            self.hour(n, watch=self.now.hour % 6 == 0, **types)

    def told(self) -> list[tuple[str, str, float]]:
        return [(one.code, one.path, one.now) for one in list_drift(workspace_id=self.workspace)]


@pytest.fixture
def flow(workspace) -> Flow:
    return Flow(workspace)


def change(flow: Flow) -> Change:
    return Change(workspace_id=flow.workspace, actor=COMMAND_LINE)


def test_silence_is_told_after_a_day_and_ends_when_it_comes_again(flow):
    for _ in range(8):
        flow.day(10, total={"number": 10})
    assert flow.told() == []
    for _ in range(24):
        flow.hour(0)
    assert ("silent", "", 0) in flow.told()
    began = list_drift(workspace_id=flow.workspace)[0].began_at
    flow.hour(0)
    [alert] = list_drift(workspace_id=flow.workspace)
    assert (alert.began_at, alert.seen_at - began) == (began, timedelta(hours=1))
    flow.hour(10, total={"number": 10})
    assert flow.told() == [("volume", "", 10)]
    for _ in range(12):
        flow.hour(10, total={"number": 10})
    assert flow.told() == []  # 130 of 240 usual
    assert [one.code for one in list_drift(workspace_id=flow.workspace, ended=True)] == ["volume", "silent", "volume"]


def test_a_type_that_changed_is_told_kept_and_accepted(flow):
    for _ in range(3):
        flow.day(40, total={"number": 40}, note={"string": 40})
    for _ in range(7):
        flow.hour(40, total={"string": 40})
    told = flow.told()
    assert {(code, path) for code, path, _ in told} == {("type", "properties.total:string"), ("vanished", "properties.note")}
    for _ in range(24):
        flow.hour(40, total={"string": 40})
    assert len(flow.told()) == 2  # the window before holds some of it by now, but it is as it became
    for alert in list_drift(workspace_id=flow.workspace):
        accept_drift(change=change(flow), alert_id=alert.pk)
    flow.day(40, total={"string": 40})
    assert flow.told() == []
    ended = list_drift(workspace_id=flow.workspace, ended=True)
    assert {one.accepted_by for one in ended} == {"Command line"}
    with pytest.raises(NotFound):
        accept_drift(change=change(flow), alert_id=ended[0].pk)


def test_new_ones_end_when_they_are_planned(flow):
    save_planned(change=change(flow), document={"name": "Order"})
    for _ in range(2):
        flow.day(40, total={"number": 40})
    other = Flow(flow.workspace, "Oder", since=flow.now)
    other.hour(3, watch=False)
    for _ in range(8):
        flow.hour(40, total={"number": 40}, coupon={"string": 30})
    assert {(code, path) for code, path, _ in flow.told()} == {("new_property", "properties.coupon"), ("new_interaction", "")}
    save_planned(change=change(flow), document={"name": "Order", "properties": {"properties": {"coupon": {}}}})
    save_planned(change=change(flow), document={"name": "Oder"})
    flow.hour(40, total={"number": 40}, coupon={"string": 30})
    assert flow.told() == []


def test_what_is_deprecated_may_fall_silent(flow):
    for _ in range(8):
        flow.day(10)
    save_planned(change=change(flow), document={"name": "Order", "status": "deprecated"})
    for _ in range(25):
        flow.hour(0)
    assert flow.told() == []


def test_others_are_not_touched_and_old_counts_go(flow, workspace):
    elsewhere = Workspace.objects.create(slug="elsewhere", name="Elsewhere")
    there = DriftAlert.objects.create(
        workspace_id=elsewhere.pk, kind="track", name="Order", code="silent", before=50, then=0, now=0, n_before=9, n_now=1,
        began_at=START, seen_at=START,
    )  # fmt: skip
    with pytest.raises(NotFound):
        accept_drift(change=change(flow), alert_id=there.pk)
    flow.hour(5)
    old = flow.now - timedelta(days=93)
    SeenHour.objects.create(interaction_id=flow.seen.pk, source_id=1, hour=old, accepted=1, turned=0)
    SeenBefore.objects.create(interaction_id=flow.seen.pk, at=old, n=1, violations=0, types=[])
    Violation.objects.create(
        interaction_id=flow.seen.pk, day=old.date(), source_id=1, library="", path="", code="type", action="flag", count=1,
        last_seen=old,
    )  # fmt: skip
    flow.hour(5)
    assert SeenHour.objects.filter(interaction_id=flow.seen.pk).count() == 2
    assert not Violation.objects.filter(interaction_id=flow.seen.pk).exists()
    assert not SeenBefore.objects.filter(interaction_id=flow.seen.pk, at=old).exists()


def test_page_and_api(flow, client):
    DriftAlert.objects.create(
        workspace_id=flow.workspace, kind="track", name="<b>" + "x" * 190, code="type", path="properties.a:b:string", before=0.001,
        then=0.25, now=0.25, n_before=1_000, n_now=200, began_at=START, seen_at=START,
    )  # fmt: skip
    slug = Workspace.objects.get(pk=flow.workspace).slug
    person = Person.objects.create(email=f"v{flow.workspace}@mail.example", name="V")
    member = Membership.objects.create(person=person, workspace_id=flow.workspace, role="viewer")
    client.force_login(person)
    shown = client.get(f"/w/{slug}/catalogue/drift/").content.decode()
    assert "string: 0.1 % of 1,000 before, 25.0 % of 200 since." in shown
    assert "properties.a:b" in shown
    assert "Accept</button>" not in shown
    [alert] = list_drift(workspace_id=flow.workspace)
    accept = f"/w/{slug}/catalogue/drift/{alert.pk}/acceptance/"
    assert client.post(accept).status_code == 403
    member.role = "admin"
    member.save()
    assert client.post(accept, follow=True).status_code == 200
    page = client.get(f"/w/{slug}/catalogue/drift/").content.decode()
    assert "Everything flows as it did" in page
    assert "accepted by" in page
    _, secret = create_system_token(workspace_id=flow.workspace, name="t", role="viewer")
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    assert json.loads(api.get("/api/v1/plan/drift").content) == {"drift": []}
