"""Who may open sensitive values, what everybody else sees, and that each look is recorded."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from amity.engines.fieldkeys import keys_of
from amity.kernel.holdings import Subject
from amity.kernel.sealed import HIDDEN
from amity.rooms.collection.actions.plan.change import Change, save_planned
from amity.rooms.customers.actions import holdings
from amity.rooms.customers.actions.sensitive import show_sensitive
from amity.rooms.customers.models import Customer
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.queries.story import timeline
from amity.rooms.trust.actions.tokens import create_system_token
from amity.rooms.trust.contracts import COMMAND_LINE
from amity.rooms.trust.models import AuditEntry, Membership, Person, Workspace
from tests.workers.conftest import World

IBAN = "DE02120300000000202051"


@pytest.fixture
def world(transactional_db, past_ready) -> World:
    made = World()
    change = Change(workspace_id=made.workspace, actor=COMMAND_LINE)
    marked = {"properties": {"iban": {"x-pii": "sensitive"}, "name": {"x-pii": "sensitive"}}}
    save_planned(change=change, document={"kind": "identify", "traits": marked})
    save_planned(change=change, document={"name": "Paid", "properties": {"properties": {"note": {"x-pii": "sensitive"}}}})
    made.projector().work([
        made.entry(
            made.one("i", kind="identify", name="", user_id="ada", traits={"iban": IBAN, "name": "Ada", "city": "Rome"}),
            made.one("p", name="Paid", user_id="ada", properties={"note": "for the <b>clinic</b>", "revenue": 5}),
        )
    ])  # fmt: skip
    made.carry()
    return made


def signed_in(world: World, role: str) -> Client:
    person = Person.objects.create(email=f"{role}{world.workspace}@mail.example", name=role)
    Membership.objects.create(person=person, workspace_id=world.workspace, role=role)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def base(world) -> str:
    [customer] = Customer.objects.filter(workspace_id=world.workspace)
    return f"/w/{Workspace.objects.get(pk=world.workspace).slug}/customers/{customer.pk}/"


def test_everybody_sees_dots_and_those_who_may_look_are_recorded(world, base):
    agent, officer = signed_in(world, "agent"), signed_in(world, "privacy_officer")
    for page in ("", "traits/"):
        shown = agent.get(base + page).content.decode()
        assert IBAN not in shown
        assert "clinic" not in shown
        assert "sealed.1" not in shown
        assert HIDDEN in shown
    assert "sensitive/" not in agent.get(f"{base}traits/").content.decode()
    assert agent.post(f"{base}sensitive/").status_code == 403
    assert "sensitive/" in officer.get(f"{base}traits/").content.decode()
    before = officer.get(f"{base}sensitive/")
    assert IBAN not in before.content.decode()
    assert not AuditEntry.objects.filter(workspace_id=world.workspace, action="customer.sensitive_read").exists()
    shown = officer.post(f"{base}sensitive/")
    assert "no-store" in shown.headers["Cache-Control"]
    assert IBAN in shown.content.decode()
    assert "for the &lt;b&gt;clinic&lt;/b&gt;" in shown.content.decode()
    [row] = AuditEntry.objects.filter(workspace_id=world.workspace, action="customer.sensitive_read")
    assert row.after["names"] == ["properties.note", "traits.iban", "traits.name"]
    assert IBAN not in json.dumps(row.after)


def test_what_no_key_opens_is_told(world, base, monkeypatch):
    from amity.engines import fieldkeys

    [customer] = Customer.objects.filter(workspace_id=world.workspace)
    other = fieldkeys.Keys(world.workspace, 1, {1: bytes(32)})
    monkeypatch.setattr(fieldkeys, "keys_of", lambda workspace: other)
    officer = signed_in(world, "privacy_officer")
    shown = officer.post(f"{base}sensitive/").content.decode()
    assert "can’t be opened: its key is not at hand" in shown
    assert customer.traits["iban"] not in shown


def test_the_api_and_the_story_show_dots(world):
    [row] = Customer.objects.filter(workspace_id=world.workspace)
    customer = get_customer(workspace_id=world.workspace, customer_id=row.pk)
    assert {t.name: t.value for t in customer.traits} == {"city": "Rome", "iban": HIDDEN, "name": HIDDEN}
    assert customer.name == "ada"  # what is sealed names nobody
    [paid] = [m for m in timeline(workspace_id=world.workspace, customer_ids=customer.all_ids).moments if m.name == "Paid"]
    assert paid.properties["note"] == HIDDEN
    _, secret = create_system_token(workspace_id=world.workspace, name="t", role="owner")
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    for path in (f"/api/v1/customers/{row.pk}", f"/api/v1/customers/{row.pk}/timeline", "/api/v1/customers/user_id:ada"):
        answer = api.get(path, {"purpose": "necessary"})
        assert answer.status_code == 200
        told = answer.content.decode()
        assert IBAN not in told
        assert "sealed.1" not in told


def test_the_person_gets_their_own_open(world):
    [row] = Customer.objects.filter(workspace_id=world.workspace)
    subject = Subject(workspace_id=world.workspace, customer_ids=(row.pk,), identifiers=(("user_id", "ada"),))
    told = json.dumps([dict(one.data) for one in holdings.export(subject)], default=str)
    assert IBAN in told
    assert "clinic" in told
    assert "sealed.1" not in told


def test_showing_needs_the_permission(world):
    from amity.kernel.errors import Forbidden
    from amity.rooms.trust.api import get_workspace_by_id
    from amity.rooms.trust.contracts import Access

    [row] = Customer.objects.filter(workspace_id=world.workspace)
    customer = get_customer(workspace_id=world.workspace, customer_id=row.pk)
    access = Access(workspace=get_workspace_by_id(world.workspace), actor=COMMAND_LINE, role="agent")
    with pytest.raises(Forbidden):
        show_sensitive(access, customer=customer)
    assert keys_of(world.workspace).current == 1
