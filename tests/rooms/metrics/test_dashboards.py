"""Dashboards: put together, measured tile by tile, pairs that warn, a link that only reads."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.metrics.contracts import Change, Figure, Measured
from amity.rooms.metrics.models import Dashboard, Metric, MetricVersion
from amity.rooms.metrics.rules.language import read, written
from amity.rooms.metrics.rules.tiles import MetricTile, TextTile, bought, from_form, read_tiles, written_tiles
from tests.rooms.metrics.telling import person, place, tell
from tests.rooms.metrics.test_pages import browser


@pytest.fixture
def workspace(transactional_db, past_ready):
    return place()


def metric(workspace, name: str, text: str) -> int:
    made = Metric.objects.create(workspace=workspace, name=name, created_at=0, created_by="x", updated_at=0, updated_by="x")
    MetricVersion.objects.create(metric=made, number=1, definition=written(read(text)), made_at=0, made_by="x")
    return made.pk


def test_put_together_measured_shared(workspace):
    client, at = browser(workspace, "marketer"), f"/w/{workspace.slug}/dashboards/"
    assert "No dashboard yet" in client.get(at).content.decode()
    who = [person(workspace.pk, plan="gold" if n % 2 else "basic") for n in range(40)]
    tell(workspace.pk, [
        {"who": one, "t": now_ms() - (n % 50) * DAY - DAY, "name": "Bought", "value": 10, "channel": "app"} for n, one in enumerate(who)
    ])  # fmt: skip
    count = metric(workspace, "Orders", '{"measure": {"kind": "count", "event": {"name": "Bought"}}}')
    people = metric(workspace, "Buyers", '{"measure": {"kind": "customers", "event": {"name": "Bought"}}}')
    fields = {
        "name": "Service <week>", "act": "save", "t1-metric": count, "t1-show": "course", "t1-size": "2", "t1-order": "2",
        "t2-metric": "text", "t2-text": "Read <this>", "t2-size": "3", "t2-order": "1", "t3-metric": people, "t3-show": "pair",
        "t3-pair": count, "t4-metric": count, "t4-show": "parts", "t4-breakdown": "channel", "t5-metric": "", "t6-metric": people,
        "t6-remove": "1",
    }  # fmt: skip
    client.post(f"{at}new", fields)
    one = Dashboard.objects.get(workspace=workspace)
    assert [tile["kind"] for tile in one.tiles] == ["text", "metric", "metric", "metric"]
    page = client.get(f"{at}{one.pk}/?window=last:90:days").content.decode()
    assert "Service &lt;week&gt;" in page
    assert f"{at}{one.pk}/tiles/3?window=last:90:days" in page
    tiles = [client.get(f"{at}{one.pk}/tiles/{n}?window=last:90:days").content.decode() for n in range(4)]
    assert "Read &lt;this&gt;" in tiles[0]
    assert "40" in tiles[1]
    assert "<polyline" in tiles[1]
    assert "Buyers" in tiles[2]
    assert "Orders" in tiles[2]
    assert ">app</text>" in tiles[3]
    assert client.get(f"{at}{one.pk}/tiles/4").status_code == 404
    assert client.get(f"{at}{one.pk}/edit").status_code == 200

    secret = re.search(r"/shared/([\w-]+)/", client.post(f"{at}{one.pk}/share", {"act": "make"}).content.decode())[1]
    one.refresh_from_db()
    assert secret not in str(one.__dict__)
    anybody = Client()
    shown = anybody.get(f"/shared/{secret}/")
    assert (shown.status_code, shown["Referrer-Policy"]) == (200, "no-referrer")
    assert f"/w/{workspace.slug}" not in shown.content.decode()
    tile = anybody.get(f"/shared/{secret}/tiles/1?window=last:90:days").content.decode()
    assert "40" in tile
    assert "href" not in tile
    assert anybody.get("/shared/guessed/").status_code == 404
    assert anybody.get(f"/shared/{secret}/tiles/9").status_code == 404
    client.post(f"{at}{one.pk}/share", {"act": "end"})
    assert anybody.get(f"/shared/{secret}/").status_code == 404
    again = re.search(r"/shared/([\w-]+)/", client.post(f"{at}{one.pk}/share", {"act": "make"}).content.decode())[1]
    client.post(f"{at}{one.pk}/archive")
    assert anybody.get(f"/shared/{again}/").status_code == 404
    assert client.get(f"{at}{one.pk}/").status_code == 404


def test_what_can_not_be_is_said(workspace):
    client, at = browser(workspace, "marketer"), f"/w/{workspace.slug}/dashboards/"
    others = metric(place("Others"), "Theirs", '{"measure": {"kind": "count", "event": {}}}')
    for fields, said in (
        ({"t1-metric": others, "t1-show": "figure"}, "There is no metric"),
        ({"t1-metric": others, "t1-show": "parts"}, "parted by what"),
        ({"t1-metric": others, "t1-show": "pair"}, "beside which other"),
        ({"name": " "}, "needs a name"),
    ):
        answer = client.post(f"{at}new", {"name": "X", "act": "save"} | fields)
        assert (answer.status_code, said in answer.content.decode()) == (400, True)
    assert Dashboard.objects.filter(workspace=workspace).count() == 0
    assert browser(workspace, "viewer").get(f"{at}new").status_code == 403


def test_tiles_read_what_they_write():
    tiles = [
        MetricTile(metric=3, show="parts", breakdown="channel"),
        TextTile(text="Words"),
        MetricTile(metric=1, show="pair", pair=2),
    ]
    assert read_tiles(written_tiles(tiles)) == tiles
    with pytest.raises(Invalid, match="can't be read"):
        read_tiles([{"kind": "metric"}])
    assert from_form({"t1-metric": "1", "t1-order": "5", "t2-metric": "2", "t2-order": "1"}) == [
        MetricTile(metric=2),
        MetricTile(metric=1),
    ]


def measured(direction: str, by: float, *, clear: bool) -> Measured:
    figure = Figure(value=1, low=0, high=2, method="", events=50, customers=50, few=False)
    change = Change(by=by, low=by - 1, high=by + 1, p=0.01, adjusted=0.01, clear=clear)
    return Measured(
        metric_id=1, version=1, shape="number", unit="", direction=direction, zone="UTC", first=0, last=1, figure=figure, previous=figure,
        change=change,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("handling", "satisfaction", "warns"),
    [
        ((-60, True), (-5, True), True),
        ((-60, True), (5, True), False),
        ((-60, False), (-5, True), False),
        ((60, True), (5, True), True),
    ],
)
def test_a_gain_may_have_been_bought(handling, satisfaction, warns):
    assert (
        bought(measured("down", handling[0], clear=handling[1]), measured("up", satisfaction[0], clear=satisfaction[1])) is warns
    )
