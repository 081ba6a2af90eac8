"""Annotations: written by hand and by programs, on the charts of their time, changed and taken out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from amity.kernel.clock import DAY, now_ms
from amity.rooms.metrics.console.marks import placed
from amity.rooms.metrics.models import Annotation
from amity.rooms.metrics.queries.annotations import list_annotations
from tests.rooms.metrics.telling import person, place, tell
from tests.rooms.metrics.test_alerts import bearer
from tests.rooms.metrics.test_dashboards import metric
from tests.rooms.metrics.test_pages import browser


@pytest.fixture
def workspace(transactional_db, past_ready):
    return place()


def test_by_hand_on_a_chart_changed_and_taken_out(workspace):
    client, at = browser(workspace, "marketer"), f"/w/{workspace.slug}/annotations/"
    assert "Nothing is written down yet" in client.get(at).content.decode()
    who = [person(workspace.pk) for _ in range(40)]
    tell(workspace.pk, [{"who": one, "t": now_ms() - n % 20 * DAY - DAY, "name": "Bought"} for n, one in enumerate(who)])
    number = metric(workspace, "Orders", '{"measure": {"kind": "count", "event": {"name": "Bought"}}}')
    when = datetime.fromtimestamp((now_ms() - 5 * DAY) / 1000, UTC)
    fields = {"kind": "release", "text": "Checkout <2>", "first": f"{when:%Y-%m-%dT%H:%M}", "last": ""}
    wrong = client.post(f"{at}new", fields | {"first": "yesterday"})
    assert (wrong.status_code, "Checkout &lt;2&gt;" in wrong.content.decode()) == (400, True)
    assert client.post(f"{at}new", fields | {"last": "2020-01-01T00:00"}).status_code == 400
    assert client.post(f"{at}new", fields | {"text": " "}).status_code == 400
    client.post(f"{at}new", fields)
    one = Annotation.objects.get(workspace=workspace)
    assert "Checkout &lt;2&gt;" in client.get(at).content.decode()
    chart = client.get(f"/w/{workspace.slug}/metrics/{number}/").content.decode()
    assert f'href="{at}#a{one.pk}"' in chart
    assert 'class="mark release"' in chart
    made = client.post(
        f"/w/{workspace.slug}/dashboards/new", {"name": "Week", "act": "save", "t1-metric": number, "t1-show": "course"}
    )
    assert f"#a{one.pk}" in client.get(f"{made['Location']}tiles/0").content.decode()
    changed = client.post(f"{at}{one.pk}/", fields | {"text": "Checkout 3", "last": f"{when:%Y-%m-%d}T23:59"})
    assert changed.status_code == 302
    assert "Checkout 3" in client.get(f"{at}{one.pk}/").content.decode()
    assert "Checkout 3" not in client.get(f"{at}?kind=incident").content.decode()
    assert browser(workspace, "viewer").post(f"{at}{one.pk}/delete").status_code == 403
    others = place("Others")
    assert browser(others, "owner").post(f"/w/{others.slug}/annotations/{one.pk}/delete").status_code == 404
    client.post(f"{at}{one.pk}/delete")
    assert not Annotation.objects.filter(pk=one.pk).exists()


def test_over_the_api(workspace):
    api, at = Client(headers=bearer(workspace, "marketer")), "/api/v1/annotations"
    given = {"kind": "incident", "text": "Nothing works", "first": "2026-08-04T09:00:00+02:00", "last": "2026-08-04T21:00:00"}
    made = api.post(at, given, content_type="application/json")
    assert made.status_code == 201
    assert (made.json()["first"], made.json()["last"]) == ("2026-08-04T07:00:00Z", "2026-08-04T21:00:00Z")
    one = f"{at}/{made.json()['id']}"
    assert api.put(one, given | {"last": None}, content_type="application/json").json()["last"] is None
    assert api.post(at, given | {"last": "2026-08-04T06:00:00Z"}, content_type="application/json").status_code == 400
    assert [row["text"] for row in api.get(f"{at}?kind=incident").json()["annotations"]] == ["Nothing works"]
    assert api.get(f"{at}?kind=release").json() == {"annotations": []}
    assert Client(headers=bearer(workspace, "viewer")).post(at, given, content_type="application/json").status_code == 403
    other = Client(headers=bearer(place("Others"), "owner"))
    assert other.get(at).json() == {"annotations": []}
    assert other.delete(one).status_code == 404
    assert api.delete(one).status_code == 204
    assert api.delete(one).status_code == 404


def test_those_of_a_time_are_those_that_touch_it(workspace):
    for first, last in ((10, None), (20, 40), (50, None)):
        Annotation.objects.create(
            workspace=workspace, kind="other", text=f"{first}", first=first, last=last, created_at=0, created_by="x", updated_at=0, updated_by="x"
        )  # fmt: skip

    def found(first: int, last: int) -> list[str]:
        return [one.text for one in list_annotations(workspace_id=workspace.pk, first=first, last=last)]

    assert (found(0, 9), found(10, 20), found(30, 35), found(41, 50)) == ([], ["20", "10"], ["20"], ["50"])


def test_a_mark_stands_in_the_step_that_it_fell_into():
    steps = [(0, 9), (10, 19), (20, 29), (30, 39), (40, 49)]
    at, during, before = (
        Annotation(kind="other", text="", first=first, last=last) for first, last in ((15, None), (15, 38), (-5, 99))
    )
    marks = placed([at, during, before], steps)
    assert [(mark.at, mark.wide) for mark in marks] == [("31.00%", "0.00%"), ("31.00%", "44.00%"), ("9.00%", "88.00%")]
