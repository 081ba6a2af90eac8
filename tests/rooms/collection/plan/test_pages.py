"""The plan's pages: one press makes a plan of what flowed, people change it, and everybody sees who did."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from amity.rooms.collection.actions.plan.change import Change, Conflict, remove_planned, save_planned
from amity.rooms.collection.actions.plan.make import draft
from amity.rooms.collection.queries.plan.catalogue import Wanted, list_catalogue
from amity.rooms.collection.queries.plan.planned import find_planned, list_planned, list_versions
from amity.rooms.trust.contracts import SYSTEM
from amity.rooms.trust.models import AuditEntry
from tests.workers.conftest import World

NAME = "\u202e<img src=x onerror=alert(1)>/" + "x" * 150


@pytest.fixture
def world(transactional_db, log_ready, past_ready):
    made = World()
    items = [
        made.one(f"m{n}", name=NAME, properties={"total": n + 0.5, "plan": ("gold", "blue")[n % 2], "id": n, "note": f"n{n}"})
        for n in range(120)
    ]
    made.projector().work([made.entry(*items, made.one("odd", name=NAME, properties={"total": 1, "id": 2, "plan": "gold"}))])
    made.carry()
    return made


@pytest.fixture
def owner(world, client):
    from amity.rooms.trust.models import Membership, Person, Workspace

    person = Person.objects.create(email=f"o{world.workspace}@mail.example", name="O")
    Membership.objects.create(person=person, workspace_id=world.workspace, role="owner")
    client.force_login(person)
    client.slug = Workspace.objects.get(pk=world.workspace).slug
    return client


def at(client, page: str, **query) -> str:
    return f"/w/{client.slug}/catalogue/{page}" + (f"?{urlencode(query)}" if query else "")


def change(world) -> Change:
    return Change(workspace_id=world.workspace, actor=SYSTEM)


def test_a_plan_of_what_flowed_is_what_flowed(world):
    made = draft(workspace_id=world.workspace, kind="track", name=NAME)
    assert made["properties"] == {
        "type": "object",
        "required": ["id", "plan", "total"],
        "properties": {
            "id": {"type": "integer"},
            "note": {"type": "string"},
            "plan": {"type": "string", "enum": ["blue", "gold"]},
            "total": {"type": "number"},
        },
    }


def test_versions_audit_and_conflict(world):
    first = {"kind": "track", "name": "A", "properties": {"properties": {"a": {"type": "string"}}}}
    assert save_planned(change=change(world), document=first, expected_version=0) == 1
    assert save_planned(change=change(world), document=first, expected_version=1) == 1
    second = {**first, "owner": "ada"}
    assert save_planned(change=change(world), document=second, expected_version=1) == 2
    with pytest.raises(Conflict, match="version 2"):
        save_planned(change=change(world), document=first, expected_version=1)
    remove_planned(change=change(world), kind="track", name="A")
    assert save_planned(change=change(world), document=first) == 4
    versions = list_versions(workspace_id=world.workspace, kind="track", name="A")
    assert [(v.version, v.removed) for v in versions] == [(4, False), (3, True), (2, False), (1, False)]
    assert versions[2].differs == [("owner", "", "ada")]
    actions = AuditEntry.objects.filter(workspace_id=world.workspace).order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["plan.added", "plan.changed", "plan.removed", "plan.added"]


def test_one_press_plans_and_the_pages_show_it_escaped(world, owner):
    listed = owner.get(at(owner, ""))
    assert listed.status_code == 200
    assert b"<img src=x" not in listed.content
    assert owner.post(at(owner, "from-seen/"), {"all": "1"}).status_code == 302
    [planned] = list_planned(workspace_id=world.workspace)
    assert planned.document["name"] == NAME
    shown = owner.get(at(owner, "interaction/", kind="track", name=NAME))
    assert shown.status_code == 200
    assert b"<img src=x" not in shown.content
    text = shown.content.decode()
    assert "integer 0.8 %" in text
    assert "one of 2 values" in text
    assert "121" in text
    assert owner.get(at(owner, "interaction/", kind="track", name="Never")).status_code == 404


def test_the_form_changes_marks_personal_data_and_refuses_what_is_stale(world, owner):
    owner.post(at(owner, "from-seen/"), {"kind": "track", "name": NAME})
    page = at(owner, "interaction/plan/", kind="track", name=NAME)
    given = {
        "kind": "track", "name": NAME, "version": "1", "status": "live", "owner": "Web", "on_violation": "quarantine",
        "unplanned_properties": "flag", "description": "d", "links": "https://wiki.example/x",
        "p0-type": ["integer"], "p1-type": ["string"], "p1-pii": "personal", "p1-required": "on", "p2-type": ["string"],
        "p3-remove": "on", "new-name": "fresh", "new-type": ["boolean"],
    }  # fmt: skip
    assert owner.post(page, given).status_code == 302
    held = find_planned(workspace_id=world.workspace, kind="track", name=NAME)
    assert held.version == 2
    assert held.document["properties"]["properties"] == {
        "id": {"type": "integer"},
        "note": {"type": "string", "x-pii": "personal"},
        "plan": {"type": "string", "enum": ["blue", "gold"]},
        "fresh": {"type": "boolean"},
    }
    assert held.document["properties"]["required"] == ["note"]
    shown = owner.get(at(owner, "interaction/", kind="track", name=NAME)).content.decode()
    assert "hidden: personal data" in shown
    assert "n119" not in shown
    assert "total" in shown
    stale = owner.post(page, given)
    assert stale.status_code == 400
    assert "changed meanwhile" in stale.content.decode()
    wrong = owner.post(page, {"kind": "track", "name": NAME, "as": "schema", "schemas": '{"properties": {"$ref": "http://x"}}'})
    assert wrong.status_code == 400
    assert "$ref" in wrong.content.decode()


def test_the_list_finds_and_the_other_workspace_sees_nothing(world, owner):
    of = {"workspace_id": world.workspace}
    assert [(line.recent, line.status) for line in list_catalogue(**of)] == [(121, "unplanned")]
    assert list_catalogue(**of, wanted=Wanted(source_id=world.source + 1)) == []
    assert list_catalogue(**of, wanted=Wanted(status="live")) == []
    assert len(list_catalogue(**of, wanted=Wanted(text="ONERROR"))) == 1
    assert list_catalogue(workspace_id=World().workspace) == []


def test_consequences_are_set_and_violations_found(world, owner):
    given = {"unplanned": "quarantine", f"unplanned-{world.source}": "flag", f"on_violation-{world.source}": ""}
    assert owner.post(at(owner, "consequences/"), given).status_code == 302
    batch = world.projector().work([world.entry(world.one("late", name="Nobody Planned"))])
    world.carry()
    assert batch.items[0].dropped == ""
    text = owner.get(at(owner, "violations/")).content.decode()
    assert "Nobody Planned" in text
    assert str(batch.items[0].key) in text
    assert list(world.past("flags, name", order="received_at DESC")[0]) == [["plan:unplanned_event:"], "Nobody Planned"]
    opened = owner.get(f"/w/{owner.slug}/live/?open={batch.items[0].key}").content.decode()
    assert "What breaks the plan" in opened
    assert "know this interaction" in opened
