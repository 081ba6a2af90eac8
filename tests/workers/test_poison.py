"""Poison is turned away with its reason; its neighbours pass."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from django.db import OperationalError, transaction

from amity.facts.envelope import Envelope, encode_envelope, join_envelope, pack
from amity.facts.interaction import Rejection
from amity.facts.usual import Head
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import AmityError
from amity.rooms.collection import api as collection
from amity.workers.metrics import read_by

DEEP = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
ODD = {
    "nul": b'{"a\\u0000b":"x\\u0000y"}',
    "bigint": b'{"n":' + b"9" * 300 + b"}",
    "lone surrogate": b'{"s":"\\ud83d"}',
    "infinite": b'{"n":1e999}',
    "not an object": b"[1,2]",
    "bad utf-8": b'{"s":"\xff\xfe"}',
}


def quarantined(world):
    return world.past("message_id, reason, step", table="quarantine")


def spliced(world, message_id: str, properties: bytes, part: str = "properties") -> bytes:
    """An interaction as bytes whose free-form part is what the edge would never have let through."""
    body = msgspec.json.encode(world.one(message_id, **{part: {"here": 1}}))
    return body.replace(b'{"here":1}', properties)


def test_odd_parts_are_cleaned_or_turned_away(world):
    """One envelope for each oddity, each between two good neighbours."""
    for name, part in itertools.product(ODD, ("properties", "traits", "context")):
        good = [msgspec.json.encode(world.one(f"{name} {part} good {n}")) for n in range(2)]
        world.raw(
            b'{"v":1,"interactions":[' + b",".join([good[0], spliced(world, f"{name} {part}", ODD[name], part), good[1]]) + b"]}"
        )
    world.projector().work(world.entries)
    world.carry()
    stored, away = set(world.message_ids()), {row[0]: row[1] for row in quarantined(world)}
    for name, part in itertools.product(ODD, ("properties", "traits", "context")):
        assert {f"{name} {part} good {n}" for n in range(2)} <= stored
        assert f"{name} {part}" in stored or away[f"{name} {part}"] in {"unreadable", "bad_field"}, (name, part)


def test_odd_parts_of_a_request_leave_its_other_events(world):
    """A request goes into the log as it came: of one with a rotten event the others are told."""
    head = Head(world.workspace, world.source, "segment", None, "", "", gpc=False, server=True, anonymise_ip=False)
    expected = set()
    for name, part in itertools.product([*ODD, "no type", "not even fields"], ("properties", "context")):
        events = [
            b'{"type":"track","event":"E","userId":"ada","messageId":"%s %s %d","%s":{"here":1}}'
            % (name.encode(), part.encode(), n, part.encode())
            for n in range(3)
        ]
        if name in ODD:
            events[1] = events[1].replace(b'{"here":1}', ODD[name])
        else:
            events[1] = b"{}" if name == "no type" else b"[[3]]"
        body = b'{"batch":[' + b",".join(events) + b'],"sentAt":"2026-11-22T10:00:00Z","writeKey":"k"}'
        single = b'{"event":"E","userId":"ada","messageId":"%s %s 3"}' % (name.encode(), part.encode())
        alone = pack(head._replace(kind="track"), received_at=now_ms())
        world.raw(join_envelope(requests=[(pack(head, received_at=now_ms()), body), (alone, single)]))
        expected |= {f"{name} {part} {n}" for n in (0, 2, 3)}
    batch = world.projector().work(world.entries)
    world.carry()
    stored = set(world.message_ids())
    assert expected <= stored
    away = quarantined(world)
    assert len(away) + len(stored - expected) == len(expected) // 3
    reasons = {message_id: reason for message_id, reason, _ in away if message_id}
    for name, part in itertools.product(("bigint", "infinite"), ("properties", "context")):
        assert reasons.pop(f"{name} {part} 1") == "bad_number"
    assert {reason for _, reason, _ in away} - {"bad_number"} <= {"unreadable", "bad_field"}
    assert "bad_number" not in reasons.values()
    assert all(one.rejection.source == world.source for one in batch.turned)


def test_depth_beyond_recursion(world):
    world.raw(b'{"v":1,"interactions":[' + spliced(world, "deep", DEEP) + b"]}")
    world.projector().work([*world.entries, world.entry(world.one("good"))])
    world.carry()
    assert world.message_ids() == ["good"]


def test_an_envelope_that_is_none_at_all(world):
    world.raw(b"\x00\xff rotten")
    world.projector().work([*world.entries, world.entry(world.one("good"))])
    world.carry()
    assert world.message_ids() == ["good"]


@pytest.mark.parametrize("step", ["describe.device_of", "shape.row_of", "place.incoming"])
def test_an_item_that_breaks_a_step_is_isolated(world, monkeypatch, step):
    module, _, name = step.partition(".")
    from importlib import import_module

    original = getattr(import_module(f"amity.workers.pipeline.{module}"), name)

    def breaking(thing, *args, **kwargs):
        agent = thing if isinstance(thing, str) else thing.interaction.user_agent
        if agent == "poison":
            raise ZeroDivisionError("a bug")
        return original(thing, *args, **kwargs)

    monkeypatch.setattr(f"amity.workers.pipeline.{step}", breaking)
    ones = [world.one(f"m{n:02}", user_agent="poison" if n in {3, 11} else "") for n in range(12)]
    batch = world.projector().work([world.entry(*ones[:5]), world.entry(*ones[5:])])
    world.carry()
    assert world.message_ids() == [f"m{n:02}" for n in range(12) if n not in {3, 11}]
    assert quarantined(world) == [("m03", "failed", module), ("m11", "failed", module)]
    assert [i.interaction.message_id for i in batch.items] == [one.message_id for one in ones]


def test_what_postgresql_refuses_is_isolated_too(world, monkeypatch):
    from amity.workers.pipeline import place

    original = place.incoming

    def with_nul(item):
        made = original(item)
        return made if item.interaction.message_id != "bad" else type(made)(**{**_fields(made), "user_id": "a\x00b"})

    monkeypatch.setattr(place, "incoming", with_nul)
    world.projector().work([world.entry(world.one("a"), world.one("bad"), world.one("b"))])
    world.carry()
    assert {"a", "b"} <= set(world.message_ids())


def _fields(one):
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_rejections_of_the_edge_and_of_steps_end_in_quarantine_and_everything_is_counted(world):
    rejection = Rejection(
        workspace=world.workspace, source=world.source, received_at=now_ms(), reason="not_json", detail="It is no JSON.", body="{"
    )
    world.raw(
        encode_envelope(
            Envelope(interactions=(world.one("a"), world.one("a"), world.one("nobody", user_id=None)), rejections=(rejection,))
        )
    )
    batch = world.projector().work(world.entries)
    world.carry()
    assert sorted(quarantined(world)) == [("", "not_json", "edge"), ("nobody", "no_identifier", "place")]
    [health] = collection.list_source_health(workspace_id=world.workspace)
    assert (health.accepted, health.duplicates, health.reasons) == (1, 1, {"no_identifier": 1, "not_json": 1})
    assert health.accepted + health.duplicates + health.rejected == read_by(batch) == 4


def test_what_was_turned_away_after_dedupe_may_come_again(world, monkeypatch):
    projector = world.projector()
    projector.work([world.entry(world.one("x", user_id=None))])
    again = projector.work([world.entry(world.one("x"))])
    assert [i.dropped for i in again.items] == [""]


def test_a_past_that_refuses_for_the_moment_is_waited_for(world, monkeypatch):
    """Too many queries, no memory left: nothing of that is in the item."""
    from amity.engines.past import client

    ask, left = client.ask, [1, 2, 3]

    def busy(**kwargs):
        if left:
            left.pop()
            raise AmityError("The past refused: Too many simultaneous queries.", code="past_202")
        return ask(**kwargs)

    monkeypatch.setattr(client, "ask", busy)
    old = now_ms() - 40 * DAY
    batch = world.projector().work([world.entry(world.one("a", time=old))])
    assert [i.dropped for i in batch.items] == [""]


def test_a_present_that_refuses_for_the_moment_is_waited_for(world):
    """A statement that was cancelled, a full disk: the customers' own statements tell of it as all others do."""
    from amity.rooms.customers.actions.cursor import run
    from amity.workers.pipeline.run import is_ours

    with transaction.atomic():
        run("SET LOCAL statement_timeout = 1")
        with pytest.raises(OperationalError) as refused, transaction.atomic():
            run("SELECT pg_sleep(5)")
    assert not is_ours(refused.value)
