"""Checks are made, run as they are due, each turn once, and tell the log; secrets stay where they are."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from amity.engines.egress import client
from amity.engines.present.models import OutboxFact
from amity.kernel.clock import DAY, HOUR, MINUTE, now_ms
from amity.kernel.settings import settings
from amity.rooms.metrics.actions import checking
from amity.rooms.metrics.actions.checking import forget_old_runs, work_next_checks
from amity.rooms.metrics.models import Check, CheckRun
from amity.rooms.metrics.queries.checks import KEPT_FOR, how_they_went
from amity.rooms.trust.models import AuditEntry
from tests.rooms.customers.sync.receiving import serving
from tests.rooms.metrics.checks.shop import PASSWORD, TOKEN, Shop, signing_in
from tests.rooms.metrics.telling import place
from tests.rooms.metrics.test_alerts import bearer
from tests.rooms.metrics.test_pages import browser

AT = "/api/v1/checks"


@pytest.fixture
def workspace(transactional_db):
    return place()


@pytest.fixture
def shop(monkeypatch):
    monkeypatch.setattr(client, "settings", lambda: replace(settings(), egress_networks="127.0.0.1/32"))
    with serving(Shop) as made:
        yield made


def api(workspace, role: str = "owner") -> Client:
    return Client(headers=bearer(workspace, role))


def write(by: Client, verb: str, at: str, given: dict):
    return getattr(by, verb)(at, given, content_type="application/json")


def made(workspace, shop, **rest) -> Check:
    given = {"name": "Sign in", "steps": signing_in(shop.url), "secrets": {"password": PASSWORD}, "every": 5} | rest
    answer = write(api(workspace, "analyst"), "post", AT, given)
    assert answer.status_code == 201, answer.content
    return Check.objects.get(pk=answer.json()["id"])


def facts(workspace) -> list[dict]:
    return [json.loads(bytes(one.body)) for one in OutboxFact.objects.filter(workspace_id=workspace.pk).order_by("pk")]


def test_a_run_goes_through_its_steps_and_is_a_fact_of_nobody(workspace, shop):
    one = made(workspace, shop)
    assert work_next_checks()
    assert [got["path"] for got in shop.got] == ["/session", "/basket"]
    assert (shop.got[0]["password"], shop.got[1]["authorization"]) == (PASSWORD, f"Bearer {TOKEN}")
    run = CheckRun.objects.get(of=one)
    assert (run.ok, run.step, run.reason, [status for status, _ in run.answers]) == (True, 0, "", [200, 200])
    [fact] = facts(workspace)
    assert (fact["name"], fact["context"], fact["time"]) == ("Check ran", {"voice": "ours", "nobody": True}, run.started_at)
    told = {"check_id": one.pk, "check": "Sign in", "ok": True, "duration_ms": run.ms, "step": 0, "reason": "", "status": 200}
    assert fact["properties"] == told
    assert not work_next_checks()  # its next turn is minutes away


def test_what_failed_is_told_without_secrets(workspace, shop, caplog):
    one = made(workspace, shop)
    shop.answers.append((503, {}))
    with caplog.at_level(logging.DEBUG):
        assert work_next_checks()
    run = CheckRun.objects.get(of=one)
    assert (run.ok, run.step, run.reason, run.said) == (False, 2, "status", "It answered 503, wanted was 200.")
    assert "sold out" in run.excerpt
    assert facts(workspace)[0]["properties"]["reason"] == "status"
    write(
        api(workspace),
        "put",
        f"{AT}/{one.pk}",
        {"name": "Sign in", "steps": signing_in(shop.url), "secrets": {"password": "wrong horse 9%"}},
    )
    Check.objects.filter(pk=one.pk).update(next_at=0)
    assert work_next_checks()
    run = CheckRun.objects.filter(of=one).latest("pk")
    assert (run.step, run.reason) == (1, "status")
    assert "•••" in run.excerpt  # the shop answers what it was given
    asking = signing_in(shop.url)
    asking[0]["musts"].append({"of": "json", "name": "access_token", "test": "is", "to": "another"})
    write(api(workspace), "put", f"{AT}/{one.pk}", {"name": "Sign in", "steps": asking, "secrets": {"password": PASSWORD}})
    Check.objects.filter(pk=one.pk).update(next_at=0)
    assert work_next_checks()
    assert CheckRun.objects.filter(of=one).latest("pk").said == "access_token is “•••”, wanted was “another”."
    at, people = f"/w/{workspace.slug}/checks/", browser(workspace, "owner")
    shown = "".join(
        answer.content.decode()
        for answer in (
            people.get(at), people.get(f"{at}{one.pk}/"), people.get(f"{at}{one.pk}/edit"), api(workspace).get(AT), api(workspace).get(f"{AT}/{one.pk}"),
            api(workspace).get(f"{AT}/{one.pk}/runs"),
        )
    )  # fmt: skip
    assert "sold out" in shown
    kept = "".join(str(list(model.objects.values())) for model in (Check, CheckRun, OutboxFact, AuditEntry))
    for secret in (PASSWORD, "wrong horse 9%", TOKEN):
        assert secret not in shown
        assert secret not in kept
        assert secret not in caplog.text


def test_a_secret_goes_to_no_other_host_unless_it_is_given_again(workspace, shop):
    one, at = made(workspace, shop), f"{AT}/{{}}"
    elsewhere = signing_in("https://elsewhere.example")
    given = {"name": "Sign in", "steps": elsewhere}
    for secrets in (None, {"password": ""}):
        answer = write(api(workspace, "analyst"), "put", at.format(one.pk), given | {"secrets": secrets})
        assert "another host" in answer.json()["message"]
    page = browser(workspace, "analyst")
    form = {
        "name": "Sign in", "every": "5", "seconds": "15", "act": "try", "k1-name": "password", "k1-value": "", "s1-url": "https://elsewhere.example/",
        "s1-method": "POST", "s1-body": "${password}",
    }  # fmt: skip
    assert "another host" in page.post(f"/w/{workspace.slug}/checks/{one.pk}/edit", form).content.decode()
    assert write(api(workspace), "put", at.format(one.pk), given | {"secrets": {"password": "new one"}}).status_code == 200
    assert shop.got == []


def test_two_workers_run_each_turn_once(workspace, shop):
    for n in range(12):
        made(workspace, shop, name=f"Check {n}")
    both, done = Barrier(2), []

    def work() -> None:
        both.wait()
        while work_next_checks():
            done.append(1)
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(CheckRun.objects.filter(of__workspace=workspace).values_list("of__name", flat=True)) == sorted(
        f"Check {n}" for n in range(12)
    )
    assert len(facts(workspace)) == 12


def test_turns_that_were_missed_are_not_made_up(workspace, shop, monkeypatch):
    one, now = made(workspace, shop), now_ms()
    assert work_next_checks(now=now)
    one.refresh_from_db()
    assert now < one.next_at <= now + 5 * MINUTE
    assert work_next_checks(now=now + 10 * HOUR)  # the worker was away for 120 turns
    assert not work_next_checks(now=now + 10 * HOUR)
    assert CheckRun.objects.filter(of=one).count() == 2

    class Died(BaseException):
        """As if by kill -9."""

    def dies(*_: object, **__: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(checking, "run_steps", dies)
        with pytest.raises(Died):
            work_next_checks(now=now + 20 * HOUR)
    assert not work_next_checks(now=now + 20 * HOUR)
    assert CheckRun.objects.filter(of=one).count() == len(facts(workspace)) == 2


def test_checks_rest_are_archived_and_old_runs_are_forgotten(workspace, shop):
    one = made(workspace, shop)
    assert write(api(workspace), "post", f"{AT}/{one.pk}/pause", {"paused": True}).json()["paused"]
    assert not work_next_checks()
    write(api(workspace), "post", f"{AT}/{one.pk}/pause", {"paused": False})
    assert work_next_checks()
    CheckRun.objects.create(of=one, started_at=now_ms() - KEPT_FOR - DAY, ok=True, ms=1)
    assert not forget_old_runs()
    assert CheckRun.objects.filter(of=one).count() == 1
    assert api(workspace).delete(f"{AT}/{one.pk}").status_code == 204
    one.refresh_from_db()
    assert one.secrets == ""
    assert not work_next_checks(now=now_ms() + DAY)
    assert api(workspace).get(f"{AT}/{one.pk}").status_code == 404


def test_who_may_what_and_of_whom(workspace, shop):
    one = made(workspace, shop, steps=[{"url": f"{shop.url}/?key=in-the-query"}], secrets={})
    viewer = api(workspace, "viewer").get(f"{AT}/{one.pk}").json()
    assert (viewer["steps"], viewer["secrets"], viewer["name"]) == (None, None, "Sign in")
    page = browser(workspace, "viewer").get(f"/w/{workspace.slug}/checks/{one.pk}/").content.decode()
    assert "in-the-query" not in page
    assert "in-the-query" in browser(workspace, "analyst").get(f"/w/{workspace.slug}/checks/{one.pk}/").content.decode()
    assert "in-the-query" not in str(list(AuditEntry.objects.values()))
    given = {"name": "Another", "steps": [{"url": shop.url}]}
    assert write(api(workspace, "marketer"), "post", AT, given).status_code == 403
    stranger = api(place("Others"))
    for answer in (
        stranger.get(f"{AT}/{one.pk}"), stranger.get(f"{AT}/{one.pk}/runs"), stranger.delete(f"{AT}/{one.pk}"), write(stranger, "put", f"{AT}/{one.pk}", given),
        write(stranger, "post", f"{AT}/{one.pk}/pause", {"paused": True}),
    ):  # fmt: skip
        assert answer.status_code == 404
    for wrong in ({"every": 7}, {"name": "Sign in"}, {"secrets": {"x": ""}}, {"secrets": {"Big Name": "x"}}):
        assert write(api(workspace), "post", AT, given | wrong).status_code == 400, wrong


def test_a_private_address_is_not_asked(workspace, shop, monkeypatch):
    monkeypatch.setattr(client, "settings", settings)
    one = made(workspace, shop)
    assert work_next_checks()
    run = CheckRun.objects.get(of=one)
    assert (run.ok, run.reason, run.answers, shop.got) == (False, "refused", [], [])


def test_how_it_went_is_the_share_of_runs_with_wilsons_interval(workspace, shop):
    one, now = made(workspace, shop), now_ms()
    CheckRun.objects.bulk_create(
        CheckRun(of=one, started_at=now - n * HOUR, ok=n % 10 != 3, ms=100 + n) for n in range(100)
    )  # fmt: skip
    went = how_they_went([one], now=now)[one.pk]
    assert (went.day.events, went.day.value) == (24, 21 / 24)
    # 90 of 100: Wilson (1927) by hand, (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), z = 1.96
    assert (went.week.events, went.week.value) == (100, 0.9)
    assert (went.week.low, went.week.high) == (pytest.approx(0.8256, abs=1e-4), pytest.approx(0.9448, abs=1e-4))
    assert len(went.runs) == 48


def test_from_an_empty_list_to_a_check_by_the_form(workspace, shop):
    people, at = browser(workspace, "analyst"), f"/w/{workspace.slug}/checks/"
    assert "No check yet" in people.get(at).content.decode()
    form = {
        "name": "Home <page>", "every": "15", "seconds": "10", "s1-url": f"{shop.url}/", "s1-method": "GET", "s1-musts": "status is 200\njson lines[0].id is b-1",
        "k1-name": "token", "k1-value": "never-shown",
    }  # fmt: skip
    tried = people.post(f"{at}new", form | {"act": "try"}, headers={"HX-Request": "true"}).content.decode()
    assert "All is as it must be" in tried
    assert not Check.objects.filter(workspace=workspace).exists()
    wrong = people.post(f"{at}new", form | {"act": "save", "s1-musts": "status should be 200"})
    assert wrong.status_code == 400
    assert "can&#x27;t be read" in wrong.content.decode()
    assert "never-shown" not in wrong.content.decode()
    assert people.post(f"{at}new", form | {"act": "save"}).status_code == 302
    one = Check.objects.get(workspace=workspace)
    assert (one.every, one.seconds, one.steps[0]["musts"][1]["name"]) == (15, 10, "lines[0].id")
    page = people.get(f"{at}{one.pk}/").content.decode()
    assert "Home &lt;page&gt;" in page
    assert "No run yet" in page
    changed = form | {"act": "save", "k1-value": "", "s2-url": f"{shop.url}/two", "s2-method": "GET", "s2-musts": ""}
    assert people.post(f"{at}{one.pk}/edit", changed).status_code == 302
    one.refresh_from_db()
    assert len(one.steps) == 2
    assert people.post(f"{at}{one.pk}/pause", {"act": "pause"}).status_code == 302
    assert "Rests" in people.get(at).content.decode()
    assert people.post(f"{at}{one.pk}/archive").status_code == 302
    assert "No check yet" in people.get(at).content.decode()
