"""What a plan calls sensitive is sealed wherever it is kept: present, past, quarantine, and what watchers see."""

from __future__ import annotations

import json

import pytest

from amity.engines.fieldkeys import opened, rotate
from amity.engines.present.bulk import run
from amity.kernel.ids import message_key
from amity.kernel.sealed import is_sealed
from amity.rooms.collection.actions.plan.change import Change, save_planned
from amity.rooms.collection.api import Sensitive
from amity.rooms.customers.actions.sensitive import seal_stored
from amity.rooms.customers.models import Customer, Identifier
from amity.rooms.trust.contracts import COMMAND_LINE
from amity.workers.batch import Batch, Item
from amity.workers.live import feed
from amity.workers.pipeline.decode import decode
from amity.workers.pipeline.protect import protect

IBAN, DIAGNOSIS = "DE02120300000000202051", "ulcus ventriculi"
SECRETS = (IBAN, DIAGNOSIS)


@pytest.fixture
def plan(world):
    def plan(**more) -> None:
        for document in (
            {"kind": "identify", "traits": {"properties": {"iban": {"x-pii": "sensitive"}, "email": {"x-pii": "sensitive"}}}},
            {"name": "Claim Filed", "properties": {"properties": {
                "diagnosis": {"type": "string", "x-pii": "sensitive"}, "amount": {"type": "number", "x-pii": "sensitive"}}}, **more},
        ):  # fmt: skip
            save_planned(change=Change(workspace_id=world.workspace, actor=COMMAND_LINE), document=document)

    return plan


def told(world):
    return (
        world.one("i", kind="identify", name="", user_id="u1", traits={"iban": IBAN, "email": "ada@mail.example", "city": "Rome"}),
        world.one("c", name="Claim Filed", user_id="u1", properties={"diagnosis": DIAGNOSIS, "amount": 12.5, "office": "North"},
                  context={"traits": {"iban": IBAN}}),
    )  # fmt: skip


def rows(world) -> list[dict]:
    names = ("name", "properties", "traits", "context")
    columns = "name, toString(properties), toString(traits), context"
    return [dict(zip(names, row, strict=True)) for row in world.past(columns, order="log_seq, log_index")]


def everything(world) -> str:
    """Return all that the present and the past hold of the workspace, as text."""
    held = [json.dumps(rows(world))]
    for table in ("customers_customer", "customers_merge", "present_past_batch"):
        where = "" if table == "present_past_batch" else f"WHERE workspace_id = {world.workspace}"
        held += [str(row) for row in run(f"SELECT t::text FROM {table} t {where}", [])]
    held += [str(row) for row in world.past("body", "quarantine", "body")]
    return "\n".join(held)


def test_nothing_sensitive_is_kept_open_and_customers_are_found(world, plan):
    plan()
    world.projector().work([world.entry(*told(world))])
    world.carry()
    text = everything(world)
    assert not [one for one in SECRETS if one in text]
    [customer] = Customer.objects.filter(workspace_id=world.workspace)
    assert customer.traits["city"] == "Rome"
    assert customer.traits["email"] == "ada@mail.example"  # customers are found by it
    assert opened(world.workspace, customer.traits["iban"]) == IBAN
    assert Identifier.objects.filter(workspace_id=world.workspace, kind="email").exists()
    assert "sealed" not in str(run("SELECT words::text FROM customers_customer WHERE id = %b", [customer.id]))
    _, claim = rows(world)
    properties, context = json.loads(claim["properties"]), json.loads(claim["context"])
    assert properties["office"] == "North"
    assert opened(world.workspace, properties["diagnosis"]) == DIAGNOSIS
    assert opened(world.workspace, properties["amount"]) == 12.5
    assert opened(world.workspace, context["traits"]["iban"]) == IBAN


def test_worked_again_is_the_same(world):
    names = Sensitive({("track", "Claim Filed"): frozenset({"diagnosis"})}, frozenset({"iban"}))

    def once() -> Item:
        one = told(world)[1]
        item = Item(1, 0, one, message_key(one.workspace, one.source, one.message_id))
        decode(Batch(token="t", first_seq=1, last_seq=1, started_at=0, items=[item]))
        protect(item, names)
        return item

    first, second = once(), once()
    assert (first.raw_properties, first.raw_context) == (second.raw_properties, second.raw_context)
    assert DIAGNOSIS.encode() not in bytes(first.raw_properties)
    kept = bytes(first.raw_properties)
    protect(first, names)
    assert bytes(first.raw_properties) == kept  # what is sealed isn't sealed again
    assert first.again().properties == {}
    assert DIAGNOSIS.encode() in bytes(first.again().interaction.properties)


def test_what_is_turned_away_is_kept_sealed_and_judged_open_when_it_comes_again(world, plan):
    plan(on_violation="quarantine")
    wrong = world.one("w", name="Claim Filed", user_id="u1", properties={"diagnosis": 7, "amount": 12.5, "note": DIAGNOSIS[:3]})
    batch = world.projector().work([world.entry(wrong)])
    world.carry()
    [(body,)] = world.past("body", "quarantine", "body")
    sent = json.loads(body)["properties"]
    assert is_sealed(sent["diagnosis"])
    assert opened(world.workspace, sent["diagnosis"]) == 7
    assert "12.5" not in str(feed(batch))
    assert "sealed.1.1." in str(feed(batch))
    rotate(world.workspace)
    sent["diagnosis"] = DIAGNOSIS
    world.projector().work([world.entry(world.one("again", name="Claim Filed", user_id="u1", properties=sent))])
    world.carry()
    [claim] = rows(world)
    properties = json.loads(claim["properties"])
    assert opened(world.workspace, properties["amount"]) == 12.5  # a number again when it was held against the plan
    assert properties["amount"].startswith("sealed.1.2.")


def test_what_was_stored_before_is_sealed(world, plan):
    entry = world.entry(*told(world))
    world.projector().work([entry])
    world.carry()
    assert IBAN in everything(world)
    plan()
    assert seal_stored(workspace_id=world.workspace, names=frozenset({"iban"})) is False
    [customer] = Customer.objects.filter(workspace_id=world.workspace)
    assert opened(world.workspace, customer.traits["iban"]) == IBAN
    assert IBAN.lower() not in str(run("SELECT words::text FROM customers_customer WHERE id = %b", [customer.id]))
    once = customer.traits["iban"]
    assert seal_stored(workspace_id=world.workspace, names=frozenset({"iban"})) is False
    customer.refresh_from_db()
    assert customer.traits["iban"] == once
