"""Destinations in the console, over the API and on the command line: made, used, and read; who may not can't."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.test import Client

from amity.config.cli.destination import command
from amity.kernel.clock import now_ms
from amity.rooms.customers.models import Delivery, Destination, Subscription
from amity.rooms.trust.actions.tokens import create_system_token
from amity.rooms.trust.models import AuditEntry
from tests.rooms.customers.audiences.test_pages import text_of
from tests.rooms.customers.sync.keeping import PURPOSE, Outward
from tests.rooms.customers.sync.receiving import Hooks, serving

pytestmark = pytest.mark.usefixtures("transactional_db", "past_ready")


@pytest.fixture
def server():
    with serving(Hooks) as made:
        yield made


@pytest.fixture
def out(monkeypatch, transactional_db, past_ready):
    return Outward(monkeypatch)


def url(out, rest: str = "") -> str:
    return f"/w/{out.place.workspace.slug}/destinations/{rest}"


def test_from_nothing_to_a_message_without_scripts(out, server):
    client = out.place.client
    assert "No destination yet" in text_of(client.get(url(out)))
    assert "?kind=webhook" in text_of(client.get(url(out, "new")))
    wrong = client.post(url(out, "new"), {"kind": "webhook", "name": "CRM", "url": "http://u:p@x.example"})
    assert "Leave user name and password out" in text_of(wrong, 400)
    made = client.post(url(out, "new"), {"kind": "webhook", "name": "CRM", "url": f"{server.url}/in?key=hush"})
    one = Destination.objects.get()
    assert made["Location"] == url(out, f"{one.pk}/")
    page = text_of(client.get(made["Location"]))
    assert "No audience is sent here yet" in page
    assert "key=hush" not in page
    assert "whsec_" not in page
    shown = text_of(client.post(url(out, f"{one.pk}/secret"), {"act": "show"}))
    server.secrets.append(shown.partition("whsec_")[1] + shown.partition("whsec_")[2].partition("<")[0])
    client.post(url(out, f"{one.pk}/test"))
    assert "It arrived and was answered 200." in text_of(client.get(url(out, f"{one.pk}/")))

    out.customer("Ada")
    assert "VIP" in text_of(client.get(url(out, f"{one.pk}/send")))
    refused = client.post(url(out, f"{one.pk}/send"), {"audience": str(out.vip.pk), "purpose": "fun"})
    assert "There is no purpose" in text_of(refused, 400)
    given = {"audience": str(out.vip.pk), "purpose": PURPOSE, "identifiers": ["email"], "traits": "plan, name"}
    assert client.post(url(out, f"{one.pk}/send"), given)["Location"] == url(out, f"{one.pk}/")
    out.work(one)
    assert [member["traits"] for member in server.members().values()] == [{"name": "Ada"}]
    page = text_of(client.get(url(out, f"{one.pk}/")))
    assert "1 customer" in page
    assert "tells <bdi>email, plan, name</bdi>" in page
    assert "<bdi>Marketing by e-mail</bdi>" in page
    audience = text_of(client.get(f"/w/{out.place.workspace.slug}/audiences/{out.vip.pk}/"))
    assert url(out, f"{one.pk}/") in audience
    assert "for <bdi>Marketing by e-mail</bdi>" in audience
    assert "Open" in text_of(client.get(url(out)))

    sub = Subscription.objects.get()
    for act, field in (("pause", "paused_at"), ("resume", None), ("send", "full_at"), ("end", "ended_at")):
        client.post(url(out, f"sent/{sub.pk}"), {"act": act})
        sub.refresh_from_db()
        assert field is None or getattr(sub, field) is not None
    assert client.post(url(out, "sent/999"), {"act": "end"}).status_code == 404


def test_failures_and_what_was_given_up_are_shown_and_replayed(out, server):
    out.customer("Ada")
    one = out.webhook(server)
    server.answers = [(500, {})]
    out.work(one)
    page = text_of(out.place.client.get(url(out, f"{one.pk}/")))
    assert "It answered 500. 1 attempt in a row failed" in page
    assert "Failing" in page
    Delivery.objects.update(dead_at=now_ms())
    page = text_of(out.place.client.get(url(out, f"{one.pk}/?messages=dead")))
    assert "Send the 1 given up again" in page
    out.place.client.post(url(out, f"{one.pk}/replay"))
    assert out.work(one) == 1
    server.answers = [(410, {})]
    out.customer("Bo")
    out.work(one)
    assert "wants no more messages" in text_of(out.place.client.get(url(out, f"{one.pk}/")))
    out.place.client.post(url(out, f"{one.pk}/pause"))
    out.place.client.post(url(out, f"{one.pk}/resume"))
    one.refresh_from_db()
    assert one.state == "open"
    changed = out.place.client.post(url(out, f"{one.pk}/change"), {"name": "New name", "url": f"{server.url}/other"})
    assert changed.status_code == 302
    assert "New name" in text_of(out.place.client.get(url(out)))
    out.place.client.post(url(out, f"{one.pk}/archive"))
    assert out.place.client.get(url(out, f"{one.pk}/")).status_code == 404
    one.refresh_from_db()
    assert one.secrets == ""


def test_a_marketer_sends_but_sees_no_secret(out, server):
    one = out.webhook(server)
    marketer = out.place.sign_in("marketer")
    page = text_of(marketer.get(url(out, f"{one.pk}/")))
    assert "Send an audience" in page
    assert "Show the signing secret" not in page
    assert marketer.post(url(out, f"{one.pk}/secret"), {"act": "show"}).status_code == 403
    assert "Send an audience" not in text_of(out.place.sign_in("viewer").get(url(out, f"{one.pk}/")))


class Api:
    def __init__(self, out, role: str) -> None:
        _, secret = create_system_token(workspace_id=out.workspace, name=role, role=role)
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(self, method: str, rest: str = "", given: dict | None = None, *, status: int = 200):
        body = {} if given is None else {"data": json.dumps(given), "content_type": "application/json"}
        response = getattr(self.client, method)(f"/api/v1/destinations{rest}", **body)
        assert response.status_code == status, response.content
        return response.json()


def test_by_api(out, server):
    out.customer("Ada")
    api = Api(out, "admin")
    made = api.ask("post", "", {"name": "CRM", "kind": "webhook", "settings": {"url": f"{server.url}/in"}}, status=201)
    assert (made["state"], made["to"]) == ("open", "127.0.0.1")
    server.secrets.append(api.ask("post", f"/{made['id']}/secret")["secret"])
    assert api.ask("post", f"/{made['id']}/test")["outcome"] == "taken"
    sent = {"audience": out.vip.pk, "purpose": PURPOSE, "identifiers": ["email"]}
    sub = api.ask("post", f"/{made['id']}/subscriptions", sent, status=201)
    out.work(Destination.objects.get())
    [read] = api.ask("get", f"/{made['id']}/subscriptions")["subscriptions"]
    assert (read["members"], read["entered"], read["complete_at"] is not None) == (1, 1, True)
    [message] = api.ask("get", f"/{made['id']}/deliveries?state=done")["deliveries"]
    assert (message["attempts"], message["status"]) == (1, 200)
    assert api.ask("post", f"/subscriptions/{sub['id']}/pause")["paused"] is True
    assert api.ask("post", f"/subscriptions/{sub['id']}/resume")["paused"] is False
    assert api.ask("post", f"/{made['id']}/pause")["state"] == "paused"
    assert api.ask("post", f"/{made['id']}/resume")["state"] == "open"
    assert api.ask("post", f"/{made['id']}/replay") == {"messages": 0}
    assert api.ask("patch", f"/{made['id']}", {"name": "Other"})["name"] == "Other"
    assert [one["name"] for one in api.ask("get")["destinations"]] == ["Other"]
    assert api.ask("get", f"/{made['id']}")["members"] == 1
    api.ask("delete", f"/subscriptions/{sub['id']}")
    assert api.ask("delete", f"/{made['id']}")["state"] == "archived"
    assert (
        "there are webhook, folder, s3"
        in api.ask("post", "", {"name": "X", "kind": "fax", "settings": {}}, status=400)["message"]
    )
    Api(out, "marketer").ask("post", "", {"name": "X", "kind": "webhook", "settings": {}}, status=403)


def test_nothing_of_another_workspace_is_there(out, server, monkeypatch):
    one = out.webhook(server)
    api = Api(Outward(monkeypatch), "admin")
    for method, rest in (
        ("get", f"/{one.pk}"),
        ("post", f"/{one.pk}/test"),
        ("get", f"/{one.pk}/deliveries"),
        ("post", f"/{one.pk}/secret"),
    ):
        api.ask(method, rest, status=404)
    sub = Subscription.objects.get()
    api.ask("delete", f"/subscriptions/{sub.pk}", status=404)
    api.ask("post", f"/{one.pk}/subscriptions", {"audience": out.vip.pk, "purpose": PURPOSE}, status=404)


def test_on_the_command_line(out, server):
    out.customer("Ada")

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(command, [*words, "--workspace", out.place.workspace.slug])
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    number, secret = run("create", "webhook", "CRM", "--set", f"url={server.url}/in").split()
    server.secrets.append(secret)
    assert run("test", number).splitlines()[-1] == "It arrived."
    run("subscribe", number, str(out.vip.pk), "--purpose", PURPOSE, "--identifier", "email")
    server.answers = [(500, {})]
    out.work(Destination.objects.get())
    assert "failing" in run("list")
    assert "It answered 500." in run("list")
    Delivery.objects.update(dead_at=1)
    assert run("replay", number) == "1 messages are sent again.\n"
    run("pause", number)
    assert json.loads(run("list", "--json"))[0]["state"] == "paused"
    run("resume", number)
    server.secrets.append(run("rotate", number).strip())
    server.answers = [(404, {})]
    assert "It did not arrive. It answered 404." in run("test", number, code=1)
    assert AuditEntry.objects.filter(action="destination.secret_rotated", actor_name="Command line").exists()
