"""Dashboards by e-mail: what a letter says, to whom, and that it goes out once."""

from __future__ import annotations

import json
from datetime import datetime
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from amity.kernel.clock import DAY, HOUR, now_ms
from amity.rooms.metrics.actions import letters as acting
from amity.rooms.metrics.actions.dashboards import archive_dashboard, save_dashboard
from amity.rooms.metrics.actions.letters import work_next_post
from amity.rooms.metrics.models import Dashboard, DashboardLetter, DashboardPost
from amity.rooms.metrics.rules.tiles import read_tiles
from amity.rooms.trust.models import Membership, Person
from tests.rooms.metrics.telling import person, place, tell
from tests.rooms.metrics.test_alerts import access_of
from tests.rooms.metrics.test_dashboards import metric
from tests.rooms.metrics.test_pages import browser

BOUGHT = {"measure": {"kind": "mean", "event": {"name": "Bought"}, "of": "value"}, "within": {"kind": "last", "amount": 30, "unit": "days"}, "unit": "EUR"}  # fmt: skip


@pytest.fixture
def workspace(transactional_db, past_ready, settings):
    settings.EMAIL_HOST = "mail.linden.example"
    return place()


def board(workspace) -> Dashboard:
    number = metric(workspace, "Order <value>", json.dumps(BOUGHT))
    tiles = read_tiles(
        [{"kind": "text", "text": "What they spend"}, {"kind": "metric", "metric": number}, {"kind": "metric", "metric": number, "show": "parts", "breakdown": "channel"}]
    )  # fmt: skip
    return save_dashboard(access_of(workspace), name="Every week", tiles=tiles)


def set_up(workspace, dashboard, number: int = 2) -> tuple[DashboardLetter, list[Person]]:
    """Let the owner of a new account send a dashboard to so many colleagues."""
    people = []
    for n in range(number):
        one = Person.objects.create(email=f"{workspace.slug}-{n}@linden.example", name=f"Person {n}")
        Membership.objects.create(person=one, workspace=workspace, role="viewer")
        people.append(one)
    client = browser(workspace, "marketer")
    form = {"day": "daily", "hour": "8", "people": [str(one.pk) for one in people]}
    answer = client.post(f"/w/{workspace.slug}/dashboards/{dashboard.pk}/letters/", form)
    assert answer.status_code == 302, answer.content
    return DashboardLetter.objects.get(dashboard=dashboard), people


def send_all(now: int) -> int:
    sent = 0
    while work_next_post(now=now):
        sent += 1
    return sent


def test_a_letter_says_what_the_dashboard_does(workspace, mailoutbox):
    dashboard = board(workspace)
    letter, people = set_up(workspace, dashboard)
    assert datetime.fromtimestamp(letter.next_at / 1000, ZoneInfo("UTC")).hour == 8
    rows = [
        {"who": person(workspace.pk), "t": letter.next_at - HOUR - n * HOUR, "name": "Bought", "value": 10 + n, "channel": "web"}
        for n in range(40)
    ]
    tell(workspace.pk, rows)
    assert not work_next_post(now=letter.next_at - 1)
    send_all(letter.next_at + 5)
    assert sorted(one.to[0] for one in mailoutbox) == sorted(one.email for one in people)
    one = mailoutbox[0]
    assert one.subject.startswith("Every week, ")
    assert "What they spend" in one.body
    assert "Order <value>: €29.50 (95%: " in one.body
    assert ", n 40." in one.body
    assert "  web: €29.50" in one.body
    assert f"/w/{workspace.slug}/dashboards/{dashboard.pk}/" in one.body
    [(html, kind)] = [(part.content, part.mimetype) for part in one.alternatives]
    assert kind == "text/html"
    assert "Order &lt;value&gt;" in html
    assert "€29.50" in html
    assert send_all(letter.next_at + HOUR) == 0
    page = browser(workspace, "analyst").get(f"/w/{workspace.slug}/dashboards/{dashboard.pk}/letters/").content.decode()
    assert page.count(": sent") == 2


def test_two_workers_send_each_letter_once(workspace, mailoutbox):
    letter, people = set_up(workspace, board(workspace), 6)
    both = Barrier(2)

    def work() -> None:
        both.wait()
        send_all(letter.next_at + 5)
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(one.to[0] for one in mailoutbox) == sorted(one.email for one in people)


def test_who_dies_while_it_is_sent_leaves_it_at_that(workspace, mailoutbox, monkeypatch):
    letter, _ = set_up(workspace, board(workspace), 1)

    class Died(BaseException):
        """As if by kill -9."""

    def dies(**_: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(acting.trust, "write_letter", dies)
        with pytest.raises(Died):
            work_next_post(now=letter.next_at + 5)
    assert send_all(letter.next_at + DAY // 2) == 0
    assert mailoutbox == []
    post = DashboardPost.objects.get(letter=letter)
    assert (post.sent_at, post.taken_at is not None, post.due_at) == (None, True, None)


def test_what_the_server_refuses_is_tried_again(workspace, mailoutbox, monkeypatch):
    letter, _ = set_up(workspace, board(workspace), 1)

    def refuses(**_: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(acting.trust, "write_letter", refuses)
        assert work_next_post(now=letter.next_at + 5)
    post = DashboardPost.objects.get(letter=letter)
    assert "did not take it" in post.trouble
    send_all(post.due_at)
    assert len(mailoutbox) == 1


def test_it_stops_with_its_owners_permission_and_leaves_out_who_left(workspace, mailoutbox):
    dashboard = board(workspace)
    letter, people = set_up(workspace, dashboard)
    Membership.objects.filter(person=people[0]).delete()
    send_all(letter.next_at + 5)
    assert [one.to[0] for one in mailoutbox] == [people[1].email]
    # three turns are missed: the last is sent
    send_all(letter.next_at + 3 * DAY + 5)
    assert len(mailoutbox) == 2
    Membership.objects.filter(person_id=letter.owner).update(role="viewer")
    send_all(letter.next_at + 4 * DAY + 5)
    assert len(mailoutbox) == 2
    letter.refresh_from_db()
    assert "may set up no letters" in letter.stopped
    page = browser(workspace, "analyst").get(f"/w/{workspace.slug}/dashboards/{dashboard.pk}/letters/").content.decode()
    assert "Stopped" in page


def test_only_colleagues_get_it_and_an_archived_dashboard_is_not_sent(workspace, mailoutbox):
    dashboard = board(workspace)
    at = f"/w/{workspace.slug}/dashboards/{dashboard.pk}/letters/"
    client, stranger = browser(workspace, "marketer"), Person.objects.create(email="stranger@elsewhere.example", name="S")
    assert "It goes to nobody yet" in client.get(at).content.decode()
    for people in ([], [str(stranger.pk)], ["x"]):
        assert client.post(at, {"day": "0", "hour": "8", "people": people}).status_code == 400
    assert browser(workspace, "viewer").get(at).status_code == 403
    assert client.post(at, {"day": "9", "hour": "8", "people": [str(stranger.pk)]}).status_code == 400
    letter, _ = set_up(workspace, dashboard, 1)
    other = browser(place("Others"), "owner")
    assert other.post(f"{at}{letter.pk}/end").status_code == 404
    archive_dashboard(access_of(workspace), dashboard_id=dashboard.pk)
    assert send_all(max(letter.next_at, now_ms()) + 5) == 0
    assert mailoutbox == []
