"""Incidents through pages and API over the real past: who met one, where they were, who complained, what was lost, a list of them."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime
from uuid import UUID

import pytest
from django.test import Client

from amity.kernel.clock import DAY, HOUR, MINUTE, from_ms, now_ms
from amity.rooms.customers.models import Audience, Member
from amity.rooms.journeys.actions.maps import create_journey
from amity.rooms.journeys.models import Incident, IncidentEntry, Journey
from amity.rooms.journeys.rules.maps import language as maps
from amity.rooms.metrics.actions.alerts import save_rule
from amity.rooms.metrics.actions.metrics import create_metric
from amity.rooms.metrics.models import Alert
from amity.rooms.metrics.rules.language import read
from amity.rooms.metrics.rules.watching import Watch
from amity.rooms.trust.actions.tokens import create_system_token
from amity.rooms.trust.contracts import Access, Actor
from amity.rooms.trust.models import AuditEntry
from amity.rooms.trust.rules.roles import ROLES
from tests.rooms.customers.people import Place

FORM = "%Y-%m-%dT%H:%M"
EVIL = '<script>alert("x")</script>'
SHOWN = {"name": "Error Shown", "where": [{"of": "properties.code", "is": "equal", "to": "L-503"}]}
REVENUE = {"measure": {"kind": "sum", "event": {"name": "Order Completed"}, "of": "properties.total"}, "unit": "EUR"}


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def access_of(here: Place, role: str = "owner") -> Access:
    return Access(
        workspace=here.workspace.info(),
        actor=Actor(kind="person", id="1", name="Nadia Okafor"),
        role=role,
        permissions=ROLES[role],
    )


def api(here: Place, role: str = "owner") -> Client:
    _, secret = create_system_token(workspace_id=here.workspace.pk, name=f"t-{role}", role=role)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return html.unescape(response.content.decode())


def url(here: Place, rest: str = "") -> str:
    return f"/w/{here.workspace.slug}/incidents/{rest}"


def day(start: int) -> int:
    """Return an hour of the morning some days ago, whole, so that windows of earlier days are as whole."""
    return (now_ms() // DAY - start) * DAY + 9 * HOUR


def story(here: Place, first: int) -> dict[str, list[UUID]]:
    """Forty customers who buy in the same three hours each day; on one of them an error keeps most from it, and some complain.

    Of those who met it, two refuse analytics; two had begun to buy, one had bought already.
    """
    people = [here.customer(("user_id", f"u{n}"), consent={"analytics": [n >= 2, 0, 0, "0" * 32]}) for n in range(40)]
    met = people[:34]
    for n, who in enumerate(people):
        moments = [
            {"name": "Order Completed", "at": first - back * DAY + n * MINUTE, "properties": {"total": 30 + n % 5}}
            for back in range(63, -1, -1)
            if n % 3 == back % 3 and (back or who not in met)
        ]
        if who in met:
            moments += [
                {"name": "Error Shown", "at": first + HOUR + n * MINUTE + more, "properties": {"code": "L-503"}}
                for more in (0, 5_000)
            ]
        if n in {2, 3}:
            moments.append({"name": "Checkout Started", "at": first + 30 * MINUTE})
        if n == 4:
            moments += [{"name": name, "at": first + at} for name, at in (("Checkout Started", 1), ("Order Delivered", 2))]
        if n in {0, 5, 6, 7}:
            moments.append({"name": "Ticket Opened", "at": first + DAY})
        if n == 8:
            moments.append({"name": "Ticket Opened", "at": first - DAY})
        if n in {9, 10}:
            moments.append({"name": "Email Delivered", "at": first + 2 * DAY, "properties": {"campaign": "Sorry"}})
        moments.append({"name": "Error Shown", "at": first + HOUR, "properties": {"code": "E-1"}})
        here.tell(who, *moments)
    return {"people": people, "met": met}


def opened(here: Place) -> tuple[Incident, dict[str, list[UUID]], dict[str, str]]:
    """Return an incident that was opened with the form, whom the story has, and what the form said."""
    first = day(12)
    known = story(here, first)
    metric = create_metric(access_of(here), name="Takings", definition=read(json.dumps(REVENUE)))
    stages = [("s1", "Check out", "Checkout Started"), ("s2", "Have it", "Order Delivered")]
    drawn = {"version": 1, "stages": [{"key": key, "name": name, "event": {"name": event}} for key, name, event in stages]}
    create_journey(access_of(here), name=f"Buying {EVIL}", content=maps.read(json.dumps(drawn)))

    given = {
        "title": f"Shop answers L-503 {EVIL}", "severity": "critical", "status": "open", "first": from_ms(first).strftime(FORM),
        "last": from_ms(first + 3 * HOUR).strftime(FORM), "owner": "Teun Visser", "event": "Error Shown", "of": "code", "test": "equal",
        "to": "L-503", "days": "7", "told": "Email Delivered", "told_of": "campaign", "told_to": "Sorry", "metric": str(metric.pk),
    }  # fmt: skip
    assert here.client.post(url(here, "new"), given).status_code == 302
    one = Incident.objects.get(workspace=here.workspace)
    assert (one.first, one.last, one.metric_id) == (first, first + 3 * HOUR, metric.pk)
    return one, known, given


def test_what_it_did_is_told_with_its_numbers(here):
    assert "No incident yet" in text_of(here.client.get(url(here)))
    one, _, given = opened(here)
    wrong = here.client.post(url(here, "new"), given | {"last": from_ms(one.first - HOUR).strftime(FORM)})
    assert "ends after it begins" in text_of(wrong, 400)
    page = here.client.get(url(here, f"{one.pk}/"))
    assert EVIL not in page.content.decode()
    said = text_of(page)
    assert "68 times" in said
    assert "2 don’t allow analytics" in said
    told = api(here).get(f"/api/v1/incidents/{one.pk}/impact").json()
    assert (told["affected"], told["times"], told["withheld"], told["waiting"]) == (34, 68, 2, 0)
    assert (told["complained"]["n"], round(told["complained"]["value"] * 32), round(told["usually"]["value"] * 32)) == (32, 3, 1)
    assert round(told["told"]["value"] * 32) == 2
    [journey] = told["journeys"]
    assert [(each["name"], each["customers"]) for each in journey["stages"]] == [("Check out", 2)]

    loss = told["loss"]
    others = [n for n in range(34, 40) if n % 3 == 0]
    assert loss["value"] == sum(30 + n % 5 for n in others)
    usual = [sum(30 + n % 5 for n in range(40) if n % 3 == back % 3) for back in (7, 14, 21, 28, 35, 42)]
    assert loss["weeks"] == 9
    assert loss["expected"] == pytest.approx(sorted(usual)[2] / 2 + sorted(usual)[3] / 2, rel=0.1)
    assert loss["lost"] == pytest.approx(loss["expected"] - loss["value"])
    assert 0 < loss["lost_low"] < loss["lost"] < loss["lost_high"]


def listed(here: Place, one: Incident, part: str) -> set[UUID]:
    page = text_of(here.client.get(url(here, f"{one.pk}/customers?part={part}")))
    return {UUID(each) for each in re.findall(r"customers/([0-9a-f-]{36})/", page)}


def test_every_number_opens_its_customers_and_becomes_a_list(here):
    one, known, _ = opened(here)
    people, met = known["people"], known["met"]
    assert listed(here, one, "affected") == set(met[2:])
    assert listed(here, one, "complained") == {people[n] for n in (5, 6, 7)}
    assert listed(here, one, "told") == {people[n] for n in (9, 10)}
    assert listed(here, one, "untold") == set(met[2:]) - listed(here, one, "told")
    assert listed(here, one, f"{Journey.objects.get(workspace=here.workspace).pk}:s1") == {people[n] for n in (2, 3)}
    assert here.client.get(url(here, f"{one.pk}/customers?part=nothing")).status_code == 404

    made = here.client.post(url(here, f"{one.pk}/lists"), {"part": "silent", "name": "Say sorry", "purpose": "necessary"})
    audience = Audience.objects.get(workspace=here.workspace, name="Say sorry")
    assert made.headers["Location"].endswith(f"/audiences/{audience.pk}/")
    inside = set(Member.objects.filter(audience=audience, inside=True).values_list("customer_id", flat=True))
    assert inside == listed(here, one, "silent") == listed(here, one, "affected") - listed(here, one, "complained")
    here.client.post(url(here, f"{one.pk}/lists"), {"part": "silent", "name": "Say sorry", "purpose": "necessary"})
    assert Audience.objects.filter(workspace=here.workspace).count() == 1  # the name is taken


def test_it_is_noted_ended_changed_and_printed(here):
    one, _, given = opened(here)
    first = one.first
    here.client.post(url(here, f"{one.pk}/lists"), {"part": "silent", "name": "Say sorry", "purpose": "necessary"})
    here.client.post(url(here, f"{one.pk}/notes"), {"text": f"Taken back. {EVIL}", "at": from_ms(first + HOUR).strftime(FORM)})
    here.client.post(url(here, f"{one.pk}/end"))
    one.refresh_from_db()
    assert (one.status, one.last) == ("over", first + 3 * HOUR)
    report = here.client.get(url(here, f"{one.pk}/report"))
    assert EVIL not in report.content.decode()
    lines = re.findall(r"<li class=\"h-(\w+)\">", report.content.decode())
    assert lines == ["began", "note", "ended", "change", "list", "change"]
    assert "Say sorry: 29 customers to follow up" in text_of(report)
    changed = {name: value for name, value in given.items() if name != "told"} | {"status": "withdrawn"}
    assert here.client.post(url(here, f"{one.pk}/edit"), changed).status_code == 302
    assert "Over → Was none; changed: who was affected" in text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "Nobody said what shows that a customer was told" in text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "Nobody said what shows" in text_of(here.client.get(url(here, f"{one.pk}/customers?part=told")), 400)
    actions = set(
        AuditEntry.objects.filter(workspace_id=here.workspace.pk, target=f"incident:{one.pk}").values_list("action", flat=True)
    )
    assert actions == {"incident.opened", "incident.changed", "incident.noted", "incident.listed"}
    for state, number in (("open", 0), ("over", 1), ("all", 1)):
        assert len(re.findall("<tr data-row", text_of(here.client.get(url(here, f"?state={state}"))))) == number


def test_a_monitor_tells_it_again_and_again(here):
    writes, reads = api(here, "agent"), api(here, "viewer")
    at = "/api/v1/incidents"
    told = {
        "title": "Checkout is slow",
        "severity": "minor",
        "definition": {"affected": SHOWN},
        "key": "checkout-slow",
        "note": "p95 is 9 s",
    }

    def post(body, *, by=writes):
        return by.post(at, body, content_type="application/json")

    assert post(told, by=reads).status_code == 403
    assert post({"title": "x"}).status_code == 400
    assert post(told | {"definition": {"affected": {}}}).status_code == 400
    assert post(told | {"metric_id": 2**62}).status_code == 404
    made = post(told)
    assert made.status_code == 201
    assert (made.json()["status"], made.json()["last"]) == ("open", None)
    number = made.json()["id"]
    again = post(
        {"title": "Checkout is down", "severity": "critical", "key": "checkout-slow", "last": from_ms(now_ms()).isoformat()}
    )
    assert (again.status_code, again.json()["id"], again.json()["status"]) == (200, number, "over")
    assert again.json()["definition"]["affected"] == SHOWN
    patched = writes.patch(f"{at}/{number}", {"status": "open", "owner": "Shop"}, content_type="application/json").json()
    assert (patched["status"], patched["owner"], patched["severity"]) == ("open", "Shop", "critical")
    assert writes.post(f"{at}/{number}/notes", {"text": "Calm"}, content_type="application/json").status_code == 201
    whole = reads.get(f"{at}/{number}").json()
    assert [each["text"] for each in whole["timeline"]] == [
        "Opened, minor", "p95 is 9 s", "Open → Over; Minor → Critical; changed: title, end", "Over → Open; Shop answers for it", "Calm",
    ]  # fmt: skip
    assert [one["id"] for one in reads.get(f"{at}?state=open").json()["incidents"]] == [number]
    nothing = reads.get(f"{at}/{number}/impact").json()
    assert (nothing["affected"], nothing["loss"], nothing["told"], nothing["complained"]["few"]) == (0, None, None, True)
    assert reads.get(f"{at}/{number}/customers").json()["code"] == "purpose_missing"
    assert reads.get(f"{at}/{number}/customers?purpose=necessary").json() == {
        "number": 0,
        "customers": [],
        "withheld": 0,
        "next": None,
    }
    follow = {"name": "Nobody", "purpose": "necessary"}
    assert writes.post(f"{at}/{number}/lists", follow, content_type="application/json").status_code == 403
    assert api(here).post(f"{at}/{number}/lists", follow, content_type="application/json").status_code == 400
    other = api(Place())
    for answer in (
        other.get(f"{at}/{number}"), other.get(f"{at}/{number}/impact"), other.get(f"{at}/{number}/customers?purpose=necessary"),
        other.patch(f"{at}/{number}", {"title": "x"}, content_type="application/json"),
        other.post(f"{at}/{number}/notes", {"text": "x"}, content_type="application/json"),
        other.post(f"{at}/{number}/lists", follow, content_type="application/json"),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert other.get(at).json()["incidents"] == []


def test_an_alert_opens_one_with_what_it_knows(here):
    who, now = here.customer(("user_id", "u1"), consent={"analytics": [True, 0, 0, "0" * 32]}), now_ms()
    here.tell(who, {"name": "Error Shown", "at": now - HOUR, "properties": {"code": "L-503"}})
    access = access_of(here)
    errors = create_metric(
        access, name="Errors", definition=read(json.dumps({"measure": {"kind": "count", "event": SHOWN}, "direction": "down"}))
    )
    rule = save_rule(access, metric_id=errors.pk, watch=Watch(by="hour", side="above", limit=0), breakdowns=[])
    alert = Alert.objects.create(
        workspace=here.workspace, rule=rule, version=1, side="above", first=now - 2 * HOUR, last=now, worst_first=now - 2 * HOUR,
        worst_last=now, value=1, high=0, events=1, customers=1, opened_at=now - HOUR,
    )  # fmt: skip
    offered = text_of(here.client.get(f"/w/{here.workspace.slug}/alerts/{alert.pk}/"))
    assert f"/incidents/new?alert={alert.pk}" in offered
    assert "Open an incident" not in text_of(here.sign_in("viewer").get(f"/w/{here.workspace.slug}/alerts/{alert.pk}/"))
    form = text_of(here.client.get(url(here, f"new?alert={alert.pk}")))
    for said in ('value="Errors above its limit"', 'value="Error Shown"', 'value="code"', 'value="L-503"'):
        assert said in form, said
    made = api(here).post("/api/v1/incidents", {"title": "Errors", "alert_id": alert.pk}, content_type="application/json").json()
    assert made["definition"]["affected"] == SHOWN
    assert datetime.fromisoformat(made["first"]) == from_ms(now - 2 * HOUR)
    page = text_of(here.client.get(url(here, f"{made['id']}/")))
    assert "Alert: Errors above its limit" in page
    assert "of 1: too few to say a share" in page
    assert here.client.get(url(here, f"new?alert={2**60}")).status_code == 200  # one that isn't there says nothing
    assert IncidentEntry.objects.filter(incident_id=made["id"]).count() == 1
