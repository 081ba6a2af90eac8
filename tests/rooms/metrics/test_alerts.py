"""Alerts through the present and the past: found as interactions arrive, one at a time, explained, answered, over again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from amity.kernel.clock import DAY, HOUR, MINUTE, now_ms
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.metrics.actions import alerts as acting
from amity.rooms.metrics.actions.notices import work_next_notice
from amity.rooms.metrics.actions.watching import GRACE, work_next_alert_rule
from amity.rooms.metrics.models import Alert, AlertNotice, AlertRule, Metric
from amity.rooms.metrics.queries.behind import Chosen, customers_behind
from amity.rooms.metrics.queries.lists import definition_of, version_of
from amity.rooms.metrics.queries.measuring import Scope
from amity.rooms.metrics.rules.watching import Watch
from amity.rooms.trust.actions.tokens import create_system_token
from amity.rooms.trust.contracts import Access, Actor
from amity.rooms.trust.models import Membership, Person
from amity.rooms.trust.rules.roles import ROLES
from tests.rooms.metrics.telling import person, place, tell
from tests.rooms.metrics.test_dashboards import metric
from tests.rooms.metrics.test_pages import browser

TODAY = int(datetime(2026, 3, 10, tzinfo=UTC).timestamp() * 1000)
ERRORS = '{"measure": {"kind": "count", "event": {"name": "Error Shown"}}, "direction": "down", "unit": "errors"}'


@pytest.fixture
def workspace(transactional_db, past_ready):
    return place()


def access_of(workspace, role: str = "analyst") -> Access:
    return Access(
        workspace=workspace.info(), actor=Actor(kind="person", id="1", name="Nadia Okafor"), role=role, permissions=ROLES[role]
    )


def rows(who, day: int, number: int, *, channel: str = "web", name: str = "Error Shown") -> list[dict]:
    """Return so many errors spread over the day that is `day` days from today."""
    return [
        {"who": who[n % len(who)], "t": TODAY + day * DAY + n * (DAY // (number + 1)), "name": name, "channel": channel}
        for n in range(number)
    ]


def story(workspace, who) -> None:
    """Fourteen quiet weeks of 18 to 22 errors a day, and a day, the last, on which the app shows 90 more."""
    told = []
    for day in range(-98, 0):
        told += rows(who, day, 18 + day % 5)
    told += rows(who[:35], -1, 90, channel="app")
    tell(workspace.pk, told)


def judge_at(rule: AlertRule, now: int) -> None:
    AlertRule.objects.filter(pk=rule.pk).update(next_at=0)
    AlertRule.objects.exclude(pk=rule.pk).update(next_at=2**60)
    assert work_next_alert_rule(now=now)
    rule.refresh_from_db()


def watched(workspace, metric_id: int, watch: Watch, *, since: int, **rest) -> AlertRule:
    rule = acting.save_rule(access_of(workspace), metric_id=metric_id, watch=watch, breakdowns=["channel"], **rest)
    AlertRule.objects.filter(pk=rule.pk).update(checked_to=since)
    rule.refresh_from_db()
    return rule


def test_an_incident_opens_one_alert_that_says_why_and_ends(workspace):
    who = [person(workspace.pk) for _ in range(40)]
    story(workspace, who)
    number = metric(workspace, "Errors", ERRORS)
    rule = watched(workspace, number, Watch(by="day", chance=0.002), since=TODAY - 30 * DAY - 1)
    judge_at(rule, TODAY - 23 * HOUR)
    assert Alert.objects.filter(rule=rule).count() == 0  # so far the day is as others, and it isn't over
    judge_at(rule, TODAY + GRACE + 1)
    one = Alert.objects.get(rule=rule)
    usual = 18 + -1 % 5
    assert (one.value, one.events, one.side, one.state, one.first) == (90 + usual, 90 + usual, "above", "open", TODAY - DAY)
    assert one.low < 20 < one.high < 60
    total, behind = customers_behind(
        definition_of(version_of(Metric.objects.get(pk=number))), Scope(workspace_id=workspace.pk, time_zone="UTC", now=TODAY + HOUR),
        chosen=Chosen(first=one.worst_first, last=one.worst_last), limit=100,
    )  # fmt: skip
    assert one.customers == total == len(behind)
    best = one.why["parts"][0]
    assert (best["of"], best["value"], best["clear"]) == ("channel", "app", True)
    assert sum(part["by"] for part in one.why["parts"]) == pytest.approx(90 + usual - 20, abs=2)
    judge_at(rule, TODAY + GRACE + 6 * MINUTE)
    assert Alert.objects.filter(rule=rule).count() == 1  # nothing new: nothing more is said

    tell(workspace.pk, rows(who, 0, 20) + rows(who, 1, 19))
    judge_at(rule, TODAY + DAY + GRACE + 1)
    one.refresh_from_db()
    assert one.closed_at is None  # one calm day is not enough
    judge_at(rule, TODAY + 2 * DAY + GRACE + 1)
    one.refresh_from_db()
    assert (one.state, one.last, one.steps) == ("closed", TODAY - 1, 1)

    tell(workspace.pk, rows(who, 2, 150))
    judge_at(rule, TODAY + 3 * DAY + GRACE + 1)
    assert Alert.objects.filter(rule=rule, closed_at=None).count() == 1
    assert Alert.objects.filter(rule=rule).count() == 2


def test_too_much_of_a_total_is_said_before_the_step_is_over(workspace):
    who = [person(workspace.pk) for _ in range(12)]
    number = metric(workspace, "Errors", ERRORS)
    rule = watched(workspace, number, Watch(by="day", side="above", limit=10), since=TODAY)
    judge_at(rule, TODAY + HOUR)
    assert not Alert.objects.filter(rule=rule).exists()
    tell(workspace.pk, [{"who": one, "t": TODAY + HOUR + n, "name": "Error Shown"} for n, one in enumerate(who)])
    judge_at(rule, TODAY + 2 * HOUR)
    one = Alert.objects.get(rule=rule)
    assert (one.value, one.customers, one.steps) == (12, 12, 1)
    tell(workspace.pk, [{"who": one, "t": TODAY + 3 * HOUR + n, "name": "Error Shown"} for n, one in enumerate(who)])
    judge_at(rule, TODAY + 4 * HOUR)
    judge_at(rule, TODAY + DAY + GRACE)
    one.refresh_from_db()
    assert (one.value, one.steps, one.closed_at) == (24, 1, None)
    assert Alert.objects.filter(rule=rule).count() == 1


def test_steps_in_a_row_are_told_from_the_first_of_them(workspace):
    who = [person(workspace.pk) for _ in range(12)]
    number = metric(workspace, "Errors", ERRORS)
    rule = watched(workspace, number, Watch(by="day", side="above", limit=10, row=2), since=TODAY - DAY - 1)
    tell(workspace.pk, rows(who, -1, 12))
    judge_at(rule, TODAY + GRACE + 1)
    assert not Alert.objects.filter(rule=rule).exists()
    tell(workspace.pk, rows(who, 0, 15))
    judge_at(rule, TODAY + 12 * HOUR)
    assert not Alert.objects.filter(rule=rule).exists()  # the second isn't over
    judge_at(rule, TODAY + DAY + GRACE + 1)
    one = Alert.objects.get(rule=rule)
    assert (one.first, one.steps, one.value) == (TODAY - DAY, 2, 15)


def test_what_can_not_be_watched_is_said(workspace):
    number = metric(workspace, "Errors", ERRORS)
    access = access_of(workspace)
    for watch, said in (
        (Watch(by="minute"), "watched by"),
        (Watch(by="day", limit=3), "above it, or for what is below"),
        (Watch(by="day", side="above", limit=3, back=4), "other side"),
        (Watch(by="day", side="above", limit=float("inf")), "a number"),
        (Watch(by="day", chance=0.5), "chance"),
        (Watch(by="day", row=0), "in a row"),
    ):
        with pytest.raises(Invalid, match=said):
            acting.save_rule(access, metric_id=number, watch=watch, breakdowns=[])
    with pytest.raises(Invalid, match="at most 6"):
        acting.save_rule(access, metric_id=number, watch=Watch(by="day"), breakdowns=list("abcdefg"))
    with pytest.raises(Invalid, match="colleague"):
        acting.save_rule(access, metric_id=number, watch=Watch(by="day"), breakdowns=[], owner="99999999")
    with pytest.raises(NotFound):
        acting.save_rule(access_of(place("Others")), metric_id=number, watch=Watch(by="day"), breakdowns=[])
    assert not AlertRule.objects.filter(metric_id=number).exists()


def test_watched_looked_at_and_answered_in_the_console(workspace):
    client, at = browser(workspace, "marketer"), f"/w/{workspace.slug}"
    who = [person(workspace.pk) for _ in range(12)]
    number = metric(workspace, "Errors <b>", ERRORS)
    assert "Nothing is watched yet" in client.get(f"{at}/alerts/").content.decode()
    assert "Nothing is watched" in client.get(f"{at}/metrics/{number}/").content.decode()
    form = {"step": "hour", "side": "above", "kind": "limit", "limit": "10", "row": "1", "breakdowns": "channel"}
    now = now_ms()
    tell(workspace.pk, [{"who": one, "t": now - 5 * MINUTE, "name": "Error Shown"} for one in who])
    tried = client.post(f"{at}/metrics/{number}/rules/new", form | {"act": "try"}).content.decode()
    assert "1 alert in the last 28 days" in tried
    wrong = client.post(f"{at}/metrics/{number}/rules/new", form | {"limit": "ten", "act": "save"})
    assert (wrong.status_code, "ten is no number" in wrong.content.decode()) == (400, True)
    client.post(f"{at}/metrics/{number}/rules/new", form | {"act": "save"})
    rule = AlertRule.objects.get(workspace=workspace)
    assert "Each hour above 10 errors" in client.get(f"{at}/metrics/{number}/").content.decode()
    AlertRule.objects.filter(pk=rule.pk).update(checked_to=now - 2 * HOUR)
    judge_at(rule, now_ms() + HOUR)
    one = Alert.objects.get(rule=rule)
    listed = client.get(f"{at}/alerts/").content.decode()
    assert "Errors &lt;b&gt; above its limit" in listed
    page = client.get(f"{at}/alerts/{one.pk}/").content.decode()
    assert "12 customers" in page
    behind = client.get(f"{at}/metrics/{number}/customers?first={one.worst_first}&last={one.worst_last}").content.decode()
    assert "12 customers" in behind
    client.post(f"{at}/alerts/{one.pk}/snooze", {"hours": "4"})
    assert "Rests until" in client.get(f"{at}/alerts/{one.pk}/").content.decode()
    client.post(f"{at}/alerts/{one.pk}/acknowledgement")
    assert "Nadia Okafor</bdi> looks after it" in client.get(f"{at}/alerts/{one.pk}/").content.decode()
    viewer = browser(workspace, "viewer")
    assert viewer.get(f"{at}/alerts/{one.pk}/").status_code == 200
    assert viewer.post(f"{at}/alerts/{one.pk}/acknowledgement").status_code == 403
    others = place("Others")
    assert browser(others, "owner").get(f"/w/{others.slug}/alerts/{one.pk}/").status_code == 404
    assert browser(others, "owner").post(f"/w/{others.slug}/alerts/{one.pk}/acknowledgement").status_code == 404
    assert client.post(f"{at}/metrics/{number}/rules/{rule.pk}/archive").status_code == 302
    one.refresh_from_db()
    assert one.state == "closed"
    assert client.get(f"{at}/metrics/{number}/rules/{rule.pk}/").status_code == 404


def test_letters_go_to_the_owner_then_to_somebody_else_and_say_that_it_is_over(workspace, settings, mailoutbox):
    settings.EMAIL_HOST = "mail.linden.example"
    first, second = (browser(workspace, role) and Person.objects.latest("pk") for role in ("analyst", "agent"))
    who = [person(workspace.pk) for _ in range(40)]
    tell(
        workspace.pk, [{"who": one, "t": TODAY + HOUR + n, "name": "Error Shown", "channel": "app"} for n, one in enumerate(who)]
    )
    rule = watched(
        workspace, metric(workspace, "Errors", ERRORS), Watch(by="hour", side="above", limit=10), since=TODAY, owner=str(first.pk),
        second=str(second.pk), escalate_after=30,
    )  # fmt: skip
    now = TODAY + 2 * HOUR + GRACE
    judge_at(rule, now)
    assert send_all(now) == 1
    assert (mailoutbox[0].to, mailoutbox[0].subject) == ([first.email], "Errors above its limit")
    assert "10 March 2026, 01:00: 40 errors, expected at most 10.\nn 40, from 40 customers." in mailoutbox[0].body
    assert f"/w/{workspace.slug}/alerts/{Alert.objects.get(rule=rule).pk}/" in mailoutbox[0].body
    assert send_all(now + 29 * MINUTE) == 0
    acting.snooze(access_of(workspace), alert_id=Alert.objects.get(rule=rule).pk, until=now_ms() + HOUR)
    Alert.objects.filter(rule=rule).update(snoozed_until=now + 40 * MINUTE)
    assert send_all(now + 31 * MINUTE) == 0  # it rests
    assert send_all(now + 41 * MINUTE) == 1
    assert (mailoutbox[1].to, "comes to you" in mailoutbox[1].body) == ([second.email], True)
    assert send_all(now + 50 * MINUTE) == 0
    judge_at(rule, TODAY + 4 * HOUR + GRACE)
    assert send_all(TODAY + 5 * HOUR) == 2
    assert {(one.to[0], one.subject) for one in mailoutbox[2:]} == {
        (one.email, "Over: Errors above its limit") for one in (first, second)
    }


def test_whoever_looks_after_it_keeps_it_from_others(workspace, settings, mailoutbox):
    settings.EMAIL_HOST = "mail.linden.example"
    first, second = (browser(workspace, role) and Person.objects.latest("pk") for role in ("analyst", "agent"))
    tell(workspace.pk, [{"who": person(workspace.pk), "t": TODAY + HOUR, "name": "Error Shown"}])
    rule = watched(
        workspace, metric(workspace, "Errors", ERRORS), Watch(by="hour", side="above", limit=0), since=TODAY, owner=str(first.pk),
        second=str(second.pk), escalate_after=30,
    )  # fmt: skip
    judge_at(rule, TODAY + 2 * HOUR + GRACE)
    acting.acknowledge(access_of(workspace), alert_id=Alert.objects.get(rule=rule).pk)
    Membership.objects.filter(person=first).delete()
    assert send_all(TODAY + DAY) == 1
    assert mailoutbox == []
    assert AlertNotice.objects.get(alert__rule=rule).trouble == "This colleague has left."


def test_over_the_api(workspace):
    tell(workspace.pk, [{"who": person(workspace.pk), "t": TODAY + HOUR, "name": "Error Shown"}])
    number = metric(workspace, "Errors", ERRORS)
    rule = watched(workspace, number, Watch(by="hour", side="above", limit=0), since=TODAY)
    judge_at(rule, TODAY + 2 * HOUR + GRACE)
    reads, answers = (Client(headers=bearer(workspace, role)) for role in ("viewer", "agent"))
    [watch] = reads.get("/api/v1/alerts/rules").json()["rules"]
    assert (watch["metric_id"], watch["limit"], watch["sentence"]) == (number, 0, "Each hour above 0 errors")
    [one] = reads.get("/api/v1/alerts?state=open").json()["alerts"]
    assert (one["value"], one["customers"], one["high"], one["state"]) == (1, 1, 0, "open")
    at = f"/api/v1/alerts/{one['id']}"
    assert reads.post(f"{at}/acknowledgement").status_code == 403
    assert answers.post(f"{at}/acknowledgement").json()["state"] == "acknowledged"
    rested = answers.post(f"{at}/snooze", {"hours": 2}, content_type="application/json").json()
    assert rested["snoozed_until"]
    assert reads.get(f"/api/v1/alerts?metric_id={number}&state=closed").json() == {"alerts": [], "next": None}
    other = Client(headers=bearer(place("Others"), "owner"))
    assert other.get(at).status_code == other.post(f"{at}/acknowledgement").status_code == 404
    assert other.get("/api/v1/alerts").json()["alerts"] == other.get("/api/v1/alerts/rules").json()["rules"] == []


def bearer(workspace, role: str) -> dict[str, str]:
    _, secret = create_system_token(workspace_id=workspace.pk, name=f"t-{role}", role=role)
    return {"Authorization": f"Bearer {secret}"}


def send_all(now: int) -> int:
    sent = 0
    while work_next_notice(now=now):
        sent += 1
    return sent


def test_a_rule_that_can_not_be_judged_says_so_and_lets_others_be(workspace):
    number = metric(workspace, "Errors", ERRORS)
    rule = watched(workspace, number, Watch(by="day"), since=TODAY)
    Metric.objects.filter(pk=number).update(version=9)
    judge_at(rule, TODAY + HOUR)
    assert "no version 9" in rule.trouble or "version" in rule.trouble
    assert rule.next_at > TODAY + HOUR
