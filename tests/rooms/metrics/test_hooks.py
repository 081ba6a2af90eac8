"""Rules over the API, and the webhook that an alert calls: signed, tried again under the same id, told that it is over."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from amity.engines.egress import client
from amity.kernel.clock import HOUR, MINUTE
from amity.kernel.settings import settings
from amity.rooms.metrics.actions.notices import work_next_notice
from amity.rooms.metrics.actions.watching import GRACE
from amity.rooms.metrics.models import Alert, AlertNotice, AlertRule
from amity.rooms.trust.models import AuditEntry
from tests.rooms.customers.sync.receiving import Hooks, serving
from tests.rooms.metrics.telling import person, place, tell
from tests.rooms.metrics.test_alerts import ERRORS, TODAY, bearer, judge_at
from tests.rooms.metrics.test_dashboards import metric
from tests.rooms.metrics.test_pages import browser

AT = "/api/v1/alerts/rules"


@pytest.fixture
def workspace(transactional_db, past_ready):
    return place()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(client, "settings", lambda: replace(settings(), egress_networks="127.0.0.1/32"))
    with serving(Hooks) as made:
        yield made


def api(workspace, role: str = "owner") -> Client:
    return Client(headers=bearer(workspace, role))


def write(by: Client, verb: str, at: str, given: dict | None = None):
    return getattr(by, verb)(at, given or {}, content_type="application/json")


def test_rules_are_made_changed_and_removed(workspace):
    number = metric(workspace, "Errors", ERRORS)
    made = write(
        api(workspace, "analyst"),
        "post",
        AT,
        {"metric_id": number, "step": "hour", "side": "above", "limit": 30, "breakdowns": ["channel"]},
    )
    assert made.status_code == 201
    one = made.json()
    assert (one["sentence"], one["limit"], one["hook"], one["breakdowns"]) == ("Each hour above 30 errors", 30, "", ["channel"])
    at = f"{AT}/{one['id']}"
    assert api(workspace, "viewer").get(at).json() == one
    changed = write(api(workspace, "analyst"), "put", at, {"metric_id": number, "step": "day", "chance": 0.002, "row": 2})
    assert (changed.json()["limit"], changed.json()["row"], changed.json()["chance"]) == (None, 2, 0.002)
    for given, status in (
        ({"metric_id": number, "chance": 0.5}, 400), ({"metric_id": number, "limit": 3}, 400), ({"metric_id": 2**60}, 404),
        ({"metric_id": number, "owner": "99999999"}, 400), ({"metric_id": number, "row": 0}, 422), ({}, 422),
    ):  # fmt: skip
        assert write(api(workspace), "post", AT, given).status_code == status, given
    other = metric(workspace, "Others", ERRORS)
    assert "stays with its metric" in write(api(workspace), "put", at, {"metric_id": other}).json()["message"]
    assert write(api(workspace, "viewer"), "post", AT, {"metric_id": number}).status_code == 403
    stranger = api(place("Others"))
    for answer in (
        stranger.get(at), write(stranger, "put", at, {"metric_id": number}), stranger.delete(at), write(stranger, "post", f"{at}/secret"),
        write(stranger, "post", AT, {"metric_id": number}),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert api(workspace, "analyst").delete(at).status_code == 204
    assert api(workspace).get(at).status_code == 404
    assert api(workspace).get(AT).json()["rules"] == []


def test_who_may_not_say_where_data_goes_sets_no_webhook(workspace):
    number = metric(workspace, "Errors", ERRORS)
    given = {"metric_id": number, "hook": "https://hooks.example.com/T0/secret-path"}
    assert write(api(workspace, "analyst"), "post", AT, given).status_code == 403
    for url, said in (
        ("ftp://a.example/", "https"),
        ("https://user:word@a.example/", "password"),
        ("https://a example/", "spaces"),
    ):
        assert said in write(api(workspace), "post", AT, given | {"hook": url}).json()["message"]
    one = write(api(workspace), "post", AT, given).json()
    assert one["hook"] == "hooks.example.com"
    assert "secret-path" not in api(workspace, "viewer").get(AT).content.decode()
    at = f"{AT}/{one['id']}"
    assert write(api(workspace, "analyst"), "put", at, {"metric_id": number, "row": 3}).json()["hook"] == "hooks.example.com"
    assert write(api(workspace, "analyst"), "put", at, {"metric_id": number, "hook": ""}).status_code == 403
    assert write(api(workspace, "analyst"), "post", f"{at}/secret").status_code == 403
    secret = write(api(workspace), "post", f"{at}/secret").json()["secret"]
    kept = AlertRule.objects.get(pk=one["id"]).hook_secrets
    assert secret not in kept
    told = "".join(str(row.before) + str(row.after) for row in AuditEntry.objects.filter(workspace_id=workspace.pk))
    assert "secret-path" not in told
    assert secret not in told
    analyst, page = browser(workspace, "analyst"), f"/w/{workspace.slug}/metrics/{number}/rules/{one['id']}/"
    assert "secret-path" not in analyst.get(page).content.decode()
    assert analyst.post(f"{page}secret").status_code == 403
    form = {"step": "hour", "side": "above", "kind": "limit", "limit": "10", "row": "1", "breakdowns": "", "act": "save"}
    analyst.post(page, form)
    assert AlertRule.objects.get(pk=one["id"]).hook  # a form that doesn't show it leaves it
    owner = browser(workspace, "owner")
    assert "secret-path" in owner.get(page).content.decode()
    assert "whsec_" in owner.post(f"{page}secret").content.decode()
    owner.post(page, form | {"hook": ""})
    assert AlertRule.objects.get(pk=one["id"]).hook_secrets == ""
    assert write(api(workspace), "post", f"{at}/secret").status_code == 400


def test_an_alert_calls_its_webhook_until_it_is_taken_and_again_when_it_is_over(workspace, server):
    number = metric(workspace, "Errors", ERRORS)
    given = {"metric_id": number, "step": "hour", "side": "above", "limit": 10, "hook": server.url}
    one = write(api(workspace), "post", AT, given).json()
    server.secrets.append(write(api(workspace), "post", f"{AT}/{one['id']}/secret").json()["secret"])
    AlertRule.objects.filter(pk=one["id"]).update(checked_to=TODAY)
    tell(workspace.pk, [{"who": person(workspace.pk), "t": TODAY + HOUR + n, "name": "Error Shown"} for n in range(40)])
    now = TODAY + 2 * HOUR + GRACE
    judge_at(AlertRule.objects.get(pk=one["id"]), now)
    alert = Alert.objects.get(rule_id=one["id"])
    server.answers += [(503, {"Retry-After": "600"}), (200, {})]
    assert work_next_notice(now=now)
    waiting = AlertNotice.objects.get(alert=alert)
    assert (waiting.trouble, waiting.sent_at, waiting.due_at) == ("It answered 503.", None, now + 10 * MINUTE)
    assert not work_next_notice(now=now + 9 * MINUTE)
    assert work_next_notice(now=now + 10 * MINUTE)
    assert server.tries == [(f"alert-{alert.pk}-opened", 503), (f"alert-{alert.pk}-opened", 200)]
    [said] = [one["body"] for one in server.got]
    assert (said["type"], said["data"]["value"], said["data"]["high"], said["data"]["customers"]) == ("alert.opened", 40, 10, 40)
    assert said["data"]["link"].endswith(f"/w/{workspace.slug}/alerts/{alert.pk}/")
    page = browser(workspace, "viewer").get(f"/w/{workspace.slug}/alerts/{alert.pk}/").content.decode()
    assert "The webhook</bdi> was called" in page
    judge_at(AlertRule.objects.get(pk=one["id"]), TODAY + 4 * HOUR + GRACE)
    server.answers += [(410, {})]
    assert work_next_notice(now=TODAY + 5 * HOUR)
    assert server.tries[-1] == (f"alert-{alert.pk}-closed", 410)
    assert AlertNotice.objects.get(alert=alert, what="closed").due_at is None  # 410: it wants no more
    assert not work_next_notice(now=TODAY + 50 * HOUR)
    assert server.bad == []
