"""The plan is held against what flows, and what flows is counted: exactly once, whatever happens on the way."""

from __future__ import annotations

import pytest

from amity.engines.present.bulk import run
from amity.rooms.collection.actions.plan import seen
from amity.rooms.collection.models import Plan, PlannedInteraction, SeenHour, SeenInteraction, SeenProperty, SeenSender, Violation
from amity.rooms.collection.rules.plan.document import check_document
from tests.workers.story import Crash, Crashes

SCHEMA = {"required": ["total"], "properties": {"total": {"type": "number"}, "currency": {"enum": ["EUR", "USD"]}}}


def plan(world, *, unplanned: str = "allow", **fields) -> None:
    from django.utils import timezone

    from amity.kernel.ids import new_id

    Plan.objects.update_or_create(workspace_id=world.workspace, defaults={"unplanned": unplanned, "stamp": new_id()})
    document = check_document({"kind": "track", "name": "Order Completed", "properties": SCHEMA, **fields})
    PlannedInteraction.objects.update_or_create(
        workspace_id=world.workspace,
        kind="track",
        name="Order Completed",
        defaults={"document": document, "version": 1, "changed_at": timezone.now(), "changed_by": "t"},
    )


def interactions(world):
    return {(i.kind, i.name): (i.accepted, i.turned) for i in SeenInteraction.objects.filter(workspace_id=world.workspace)}


def violations(world):
    ids = SeenInteraction.objects.filter(workspace_id=world.workspace).values("pk")
    return {(v.code, v.path): v.count for v in Violation.objects.filter(interaction_id__in=ids)}


def test_what_flows_is_counted_by_shape(world):
    context = {"library": {"name": "analytics.js", "version": "1.2"}}
    world.projector().work(
        [
            world.entry(
                world.one("a", properties={"total": 1, "tags": []}, context=context),
                world.one("b", properties={"total": 1.5, "note": None}),
                world.one("c", kind="identify", name="", traits={"vip": True}),
                world.one("a", properties={"total": 1}),
            )
        ]
    )
    assert interactions(world) == {("track", "Order Completed"): (2, 0), ("identify", ""): (1, 0)}
    order = SeenInteraction.objects.get(workspace_id=world.workspace, kind="track")
    assert {p.name: p.counts() for p in SeenProperty.objects.filter(interaction_id=order.pk)} == {
        "total": {"integer": 1, "number": 1},
        "tags": {"array": 1},
        "note": {"null": 1},
    }
    assert {(s.library, s.count) for s in SeenSender.objects.filter(interaction_id=order.pk)} == {
        ("analytics.js 1.2", 1),
        ("", 1),
    }
    assert [h.accepted for h in SeenHour.objects.filter(interaction_id=order.pk)] == [2]


@pytest.mark.parametrize(("action", "dropped"), [("flag", ""), ("quarantine", "plan_violation"), ("block", "blocked_by_plan")])
def test_a_broken_rule_has_its_consequence(world, action, dropped):
    plan(world, on_violation=action)
    batch = world.projector().work(
        [
            world.entry(
                world.one("good", properties={"total": 2, "currency": "EUR"}), world.one("bad", properties={"currency": "X"})
            )
        ]
    )
    world.carry()
    assert [i.dropped for i in batch.items] == ["", dropped]
    assert violations(world) == {("missing", "properties.total"): 1, ("enum", "properties.currency"): 1}
    flags = world.past("message_id, flags")
    quarantined = world.past("message_id, reason, step", table="quarantine")
    if action == "flag":
        assert flags == [("bad", ["plan:enum:properties.currency", "plan:missing:properties.total"]), ("good", [])]
    else:
        assert flags == [("good", [])]
    assert quarantined == ([("bad", "plan_violation", "check")] if action == "quarantine" else [])
    assert interactions(world) == {("track", "Order Completed"): ((2, 0) if action == "flag" else (1, 1))}


def test_after_a_fix_of_the_plan_the_same_message_passes(world):
    plan(world, on_violation="quarantine")
    projector = world.projector()
    assert projector.work([world.entry(world.one("a"))]).items[0].dropped == "plan_violation"
    plan(world, properties={})
    assert projector.work([world.entry(world.one("a"))]).items[0].dropped == ""
    assert interactions(world) == {("track", "Order Completed"): (1, 1)}


def test_unplanned_interactions_and_properties(world):
    plan(world, unplanned="quarantine", unplanned_properties="omit")
    batch = world.projector().work(
        [world.entry(world.one("a", name="Nobody Knows"), world.one("b", properties={"total": 1, "debug": "x"}))]
    )
    world.carry()
    assert [i.dropped for i in batch.items] == ["unplanned_event", ""]
    [(properties, flags)] = world.past("toString(properties), flags")
    assert properties == '{"total":1}'
    assert flags == ["plan:unplanned_property:properties.debug"]


def test_facts_of_amitys_own_are_not_held_against_the_plan(world):
    plan(world, unplanned="block")
    batch = world.projector().work([world.entry(world.one("a", name="MessageDelivered", dialect="amity"))])
    assert batch.items[0].dropped == ""


def test_ten_thousand_names_make_a_bounded_number_of_rows(world, monkeypatch):
    monkeypatch.setattr(seen, "MOST_INTERACTIONS", 20)
    monkeypatch.setattr(seen, "MOST_PROPERTIES", 5)
    monkeypatch.setattr(seen, "MOST_SENDERS", 3)
    projector = world.projector()
    for part in range(2):
        projector.work([world.entry(*(world.one(f"{part}-{n}", name=f"\u202e<b>{n}</b>{'x' * 300}") for n in range(50)))])
        projector.work(
            [
                world.entry(
                    *(
                        world.one(
                            f"p{part}-{n}",
                            name="Known",
                            kind="page",
                            properties={f"k{n}-{m}": 1 for m in range(3)},
                            context={"library": {"name": f"lib{n}"}},
                        )
                        for n in range(10)
                    )
                )
            ]
        )
    found = interactions(world)
    assert len(found) == 21
    assert sum(n for n, _ in found.values()) == 120
    assert found["other", ""][0] == 100 + 20 - sum(n for key, (n, _) in found.items() if key != ("other", ""))
    for one in SeenInteraction.objects.filter(workspace_id=world.workspace):
        assert SeenProperty.objects.filter(interaction_id=one.pk).count() <= 6
        assert SeenSender.objects.filter(interaction_id=one.pk).count() <= 4


def test_a_batch_that_is_rolled_back_counts_nothing_and_the_next_try_once(world):
    plan(world)
    entry = world.entry(world.one("a"))
    with pytest.raises(Crash):
        world.projector(at=Crashes(("before commit", 1))).work([entry])
    assert interactions(world) == {}
    world.projector().work([entry])
    assert interactions(world) == {("track", "Order Completed"): (1, 0)}
    assert violations(world) == {("missing", "properties.total"): 1}
    assert run("SELECT count(*) FROM collection_violation WHERE jsonb_array_length(keys) <> 1") == [(0,)]
