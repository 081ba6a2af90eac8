"""Consent that ends while things are under way: from the instant at which that is committed, nothing is told any more."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from amity.rooms.customers.actions.consent.links import make_link
from amity.rooms.customers.models import ConsentSetting, Delivery
from tests.rooms.customers.consent.test_centre import form_of, text_of
from tests.rooms.customers.sync.keeping import PURPOSE, Outward
from tests.rooms.customers.sync.receiving import Hooks, serving
from tests.rooms.customers.test_http import client_of

pytestmark = pytest.mark.usefixtures("transactional_db", "past_ready")


@pytest.fixture
def server():
    with serving(Hooks) as made:
        yield made
        assert made.bad == []


@pytest.fixture
def out(monkeypatch, transactional_db, past_ready):
    return Outward(monkeypatch)


def withdraw(out, who) -> None:
    """Say no in the preference centre, as whoever has the link does."""
    path = "/" + make_link(out.access, customer_id=who).url.partition("://")[2].partition("/")[2]
    browser = Client(enforce_csrf_checks=True)
    sent = form_of(browser.get(path))
    del sent[f"on.{PURPOSE}"]
    assert browser.post(path, sent).status_code == 303


def told(server) -> str:
    return json.dumps([one["body"] for one in server.got])


def test_a_message_that_was_made_already_tells_nothing_of_who_withdrew(out, server):
    ada, _ = out.customer("Ada"), out.customer("Bo")
    hook = out.webhook(server)
    out.plan()
    assert Delivery.objects.filter(destination=hook, done_at=None).exists()
    withdraw(out, ada)
    out.hurry(hook)
    out.send(hook)
    assert "bo@mail.example" in told(server)
    assert "ada" not in told(server)


def test_between_two_messages_of_one_sending(out, server, monkeypatch):
    """Ada's message is the second, and she withdraws once the first was taken."""
    from amity.rooms.customers.actions.sync import planning
    from amity.rooms.customers.actions.sync.sending import send_to

    monkeypatch.setattr(planning, "AT_ONCE", 1, raising=False)
    out.customer("Bo")
    hook = out.webhook(server)
    out.plan()
    ada = out.customer("Ada")
    out.plan()
    out.hurry(hook)
    seen: list[int] = []

    def after_the_first(_: str) -> None:
        if not seen:
            withdraw(out, ada)
        seen.append(1)

    assert Delivery.objects.filter(destination=hook, done_at=None).count() >= 2
    send_to(hook.pk, at=after_the_first)
    assert "bo@mail.example" in told(server)
    assert "ada" not in told(server)


def test_every_way_out_heeds_it_at_the_next_read(out):
    ada, bo = out.customer("Ada"), out.customer("Bo")
    api, slug = client_of(out.place), out.place.workspace.slug
    ways = {
        "profile": lambda: api.get(f"/api/v1/customers/{ada}", {"purpose": PURPOSE}),
        "list": lambda: api.get("/api/v1/customers", {"purpose": PURPOSE}),
        "members": lambda: api.get(f"/api/v1/audiences/{out.vip.pk}/members", {"purpose": PURPOSE}),
        "file": lambda: out.place.client.get(f"/w/{slug}/audiences/{out.vip.pk}/export.csv", {"purpose": PURPOSE}),
    }

    def texts() -> dict[str, str]:
        return {way: _body(ask()) for way, ask in ways.items()}

    assert all(str(ada) in text for text in texts().values())
    withdraw(out, ada)
    after = texts()
    assert [way for way, text in after.items() if str(ada) in text or "ada@mail" in text] == []
    assert json.loads(after["profile"])["reason"] == "refused"
    assert all(str(bo) in after[way] for way in ("list", "members", "file"))


def test_a_browser_that_sends_global_privacy_control_is_told_so_and_heeded(out):
    ConsentSetting.objects.update_or_create(workspace_id=out.workspace, defaults={"default_policy": "us"})
    ada, api = out.customer("Ada"), client_of(out.place)
    assert api.get(f"/api/v1/customers/{ada}", {"purpose": "sale_share"}).status_code == 200
    path = "/" + make_link(out.access, customer_id=ada).url.partition("://")[2].partition("/")[2]
    shown = Client().get(path, headers={"Sec-GPC": "1"})
    assert "Your browser sends Global Privacy Control" in text_of(shown)
    assert api.get(f"/api/v1/customers/{ada}", {"purpose": "sale_share"}).json()["reason"] == "refused"


def _body(answer) -> str:
    from asgiref.sync import async_to_sync

    if not answer.streaming:
        return answer.content.decode()
    pieces = answer.streaming_content
    if hasattr(pieces, "__aiter__"):

        async def joined() -> bytes:
            return b"".join([one async for one in pieces])

        return async_to_sync(joined)().decode()
    return b"".join(pieces).decode()
