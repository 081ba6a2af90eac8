"""The console's pages of metrics, and the form that writes definitions."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test import Client

from amity.kernel.clock import DAY, now_ms
from amity.rooms.metrics.models import Metric
from amity.rooms.metrics.rules import form
from amity.rooms.metrics.rules.catalogue import shipped
from amity.rooms.metrics.rules.language import read, written
from amity.rooms.trust.models import Membership, Person
from tests.rooms.metrics.telling import person, place, tell


@pytest.fixture
def workspace(transactional_db, past_ready):
    return place()


def browser(workspace, role: str) -> Client:
    someone = Person.objects.create(email=f"{uuid4().hex[:8]}@linden.example", name="Nadia Okafor")
    Membership.objects.create(person=someone, workspace=workspace, role=role)
    client = Client()
    client.force_login(someone, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_from_nothing_to_a_figure_and_its_customers(workspace):
    client, at = browser(workspace, "marketer"), f"/w/{workspace.slug}/metrics/"
    assert "No metric yet" in client.get(at).content.decode()
    who = [person(workspace.pk, plan="gold" if n % 2 else "basic") for n in range(40)]
    tell(workspace.pk, [
        {"who": one, "t": now_ms() - (n % 20) * DAY - DAY, "name": "Bought", "value": 10 + n} for n, one in enumerate(who)
    ])  # fmt: skip
    fields = form.NEW | {"what": "mean", "of": "value", "event": "Bought", "unit": "EUR", "name": "Order <value>", "as": "fields"}
    looked = client.post(f"{at}look", fields).content.decode()
    assert "€29.50" in looked
    assert "delta method by customer" in looked
    made = client.post(f"{at}new", fields | {"act": "save"})
    one = Metric.objects.get(workspace=workspace)
    assert made["Location"] == f"{at}{one.pk}/"
    page = client.get(f"{at}{one.pk}/?breakdown=trait:plan&by=week").content.decode()
    assert "Order &lt;value&gt;" in page
    assert "€29.50" in page
    assert "The mean of value over “Bought” that has it, in the last 30 days." in page
    assert page.count("gold") >= 2
    row = client.get(f"{at}?row={one.pk}").content.decode()
    assert "€29.50" in row
    behind = client.get(f"{at}{one.pk}/customers").content.decode()
    assert "40 customers" in behind
    assert "20 customers" in client.get(f"{at}{one.pk}/customers?breakdown=trait:plan&value=gold").content.decode()
    changed = client.post(f"{at}{one.pk}/edit", fields | {"what": "sum", "act": "save", "note": "sums are clearer"})
    assert changed.status_code == 302
    page = client.get(f"{at}{one.pk}/").content.decode()
    assert "Version 2" in page
    assert "sums are clearer" in page
    assert "This is version 1" in client.get(f"{at}{one.pk}/?version=1").content.decode()
    assert client.get(f"{at}{one.pk}/?version=9").status_code == 404
    assert client.get(f"{at}{one.pk}/?window=last:7:fortnights").status_code == 409
    client.post(f"{at}{one.pk}/archive")
    assert "No metric yet" in client.get(at).content.decode()
    assert "Archived" in client.get(f"{at}?archived=1").content.decode()


def test_a_mistake_keeps_what_was_written(workspace):
    client, at = browser(workspace, "analyst"), f"/w/{workspace.slug}/metrics/"
    wrong = client.post(f"{at}new", {"as": "json", "json": '{"measure": 1}', "name": "Mine", "act": "save"})
    assert wrong.status_code == 400
    assert 'value="Mine"' in wrong.content.decode()
    assert "of which property" in client.post(f"{at}look", form.NEW | {"what": "sum", "as": "fields"}).content.decode()
    assert client.get(f"{at}new?as=json").status_code == 200
    ratio = json.dumps(
        {"version": 1, "measure": {"kind": "ratio", "over": {"event": {}, "take": "sum", "of": "value"}, "under": {"event": {}}}}
    )
    told = client.post(f"{at}new", {"as": "json", "json": ratio, "act": "fields"}).content.decode()
    assert "as JSON only" in told
    viewer = browser(workspace, "viewer")
    assert viewer.get(at).status_code == 200
    assert viewer.get(f"{at}new").status_code == 403


def test_one_press_takes_the_shipped(workspace):
    from amity.rooms.metrics.queries import offered

    client, at = browser(workspace, "admin"), f"/w/{workspace.slug}/metrics/"
    tell(
        workspace.pk,
        [{"who": person(workspace.pk), "t": now_ms() - DAY, "name": "Order Completed", "value": 5, "currency": "EUR"}],
    )
    offered._fitting.cache_clear()
    assert "Add these" in client.get(at).content.decode()
    client.post(f"{at}shipped")
    assert Metric.objects.filter(workspace=workspace, origin="revenue").exists()
    assert "Revenue in EUR" in client.get(at).content.decode()


def test_fields_say_what_the_definition_says():
    """What the form can show, it writes the same; the rest is left to JSON."""
    shown = 0
    for one in shipped("EUR"):
        definition = read(one.text)
        fields = form.from_definition(definition)
        shown += fields is not None
        assert fields is None or written(form.definition(fields)) == written(definition)
    assert shown > 8
    for what in form.WHATS:
        made = form.definition(form.NEW | {"what": what, "event": "A", "other": "B", "of": "value", "at": "90"})
        assert form.from_definition(made)["what"] == what
