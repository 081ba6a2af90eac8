"""Interactions of people who must not be kept: dropped, counted, and stored nowhere."""

from __future__ import annotations

from uuid import uuid4

import msgspec
import pytest

from amity.engines.present.models import SeenMessage
from amity.facts.envelope import Envelope, encode_envelope
from amity.facts.interaction import Rejection
from amity.kernel.clock import now_ms
from amity.kernel.errors import NotRunning
from amity.rooms.collection.models import SourceHour
from amity.rooms.trust.actions.erasure import kept_out
from amity.rooms.trust.actions.erasure.suppress import hashes_of, lift, suppress
from amity.rooms.trust.models import Workspace
from amity.workers.live import feed
from tests.rooms.trust.erasure.working import kept
from tests.sweep import found_anywhere


def silence(world, *pairs: tuple[str, str]):
    request = uuid4()
    suppress(workspace_id=world.workspace, erasure_id=request, hashes=hashes_of(world.workspace, pairs))
    return request


def outcomes(world) -> dict[str, int]:
    return dict(SourceHour.objects.filter(source_id=world.source).values_list("outcome", "count"))


@pytest.mark.parametrize(
    ("pair", "fields"),
    [
        (("user_id", "eve-4711"), {"user_id": "eve-4711"}),
        (("user_id", "eve-4711"), {"user_id": "  eve-4711 ", "anonymous_id": "b"}),
        (("anonymous_id", "browser-eve"), {"user_id": None, "anonymous_id": "browser-eve"}),
        (("anonymous_id", "browser-eve"), {"user_id": "somebody", "anonymous_id": "browser-eve"}),
        (("email", "eve@mail.example"), {"kind": "identify", "user_id": "new", "traits": {"email": "EVE@Mail.example"}}),
        (("email", "eve@mail.example"), {"user_id": "new", "context": {"traits": {"email": "eve@mail.example"}}}),
        (("phone", "+4930123456"), {"kind": "identify", "user_id": "new", "traits": {"phone": "+49 30 123 456"}}),
        (("user_id", "eve-4711"), {"kind": "alias", "user_id": "new", "previous_id": "eve-4711"}),
        (("device_id", "dev-eve-1"), {"user_id": "new", "context": {"device": {"id": "dev-eve-1"}}}),
    ],
)
def test_whoever_is_suppressed_leaves_no_trace(world, pair, fields):
    silence(world, pair)
    batch = world.projector().work([world.entry(world.one("m-eve", **fields), world.one("m-ada"))])
    world.carry()
    assert [item.dropped for item in batch.items] == ["suppressed", ""]
    assert world.message_ids() == ["m-ada"]
    assert world.past(table="quarantine") == []
    assert outcomes(world) == {"accepted": 1, "suppressed": 1}
    assert SeenMessage.objects.filter(key=batch.items[0].key).count() == 0
    assert found_anywhere([pair[1], "m-eve"]) == {}
    assert b"m-eve" not in b"".join(feed(batch).values())


def test_a_fact_about_an_erased_customer_is_dropped(world):
    gone = uuid4()
    silence(world, ("customer_id", str(gone)))
    fact = world.one(
        "note", user_id=None, dialect="amity", context={"customer_id": str(gone)}, properties={"text": "of Eve Adler"}
    )
    world.projector().work([world.entry(fact)])
    world.carry()
    assert found_anywhere(["Eve Adler", str(gone)]) == {}


@pytest.mark.parametrize(
    "body",
    [
        '{"userId": "eve-4711", "type": "nonsense"}',
        '{"traits": {"email": "Eve@mail.example"}, "type": 7}',
        '{"userId": "eve-4711", "broken',
        "userId=eve-4711&email=eve@mail.example",
    ],
)
def test_what_the_edge_turned_away_is_not_kept_either(world, body):
    silence(world, ("user_id", "eve-4711"), ("email", "eve@mail.example"))

    def turned(text: str) -> Rejection:
        return Rejection(
            workspace=world.workspace, source=world.source, received_at=now_ms(), reason="bad_field", detail="", body=text
        )

    entry = world.raw(encode_envelope(Envelope(rejections=(turned(body), turned('{"userId": "ada"}')))))
    world.projector().work([entry])
    world.carry()
    assert world.past("body", "quarantine", "body") == [('{"userId": "ada"}',)]
    assert outcomes(world) == {"bad_field": 1, "suppressed": 1}


def test_another_workspace_and_another_kind_are_free(world):
    silence(world, ("user_id", "eve-4711"))
    other = Workspace.objects.create(slug=uuid4().hex[:12], name="O").pk
    suppress(workspace_id=other, hashes=hashes_of(other, [("user_id", "ada")]))
    world.projector().work([world.entry(world.one("m1"), world.one("m2", user_id=None, anonymous_id="eve-4711"))])
    world.carry()
    assert world.message_ids() == ["m1", "m2"]


def test_what_was_lifted_is_taken_again_but_not_what_came_before(world):
    request = silence(world, ("user_id", "eva-12"))
    now = now_ms()
    del request
    assert lift(workspace_id=world.workspace, before=now, hashes=hashes_of(world.workspace, [("user_id", "eva-12")])) == 1
    world.projector().work([
        world.entry(
            world.one("before", user_id="eva-12", received_at=now - 1),
            world.one("earlier", user_id="eva-12", received_at=now, time=now - 1),
            world.one("after", user_id="eva-12", received_at=now, time=now),
        )
    ])  # fmt: skip
    world.carry()
    assert world.message_ids() == ["after"]
    silence(world, ("user_id", "eva-12"))
    assert kept(world.workspace, "user_id", "eva-12") == [None]


def test_only_hashes_are_kept(world):
    silence(world, ("email", "eve@mail.example"))
    assert found_anywhere(["eve@mail.example"]) == {}
    assert hashes_of(1, [("email", "a@b.example")]) != hashes_of(2, [("email", "a@b.example")])


def test_a_careful_run_suppresses_too(world):
    silence(world, ("user_id", "eve-0815"))
    poison = world.one("poison", properties=msgspec.Raw(b'{"a": "\\u0000"}'))
    world.projector().work([world.entry(world.one("m-eve", user_id="eve-0815"), poison, world.one("m-ada"))])
    world.carry()
    assert "m-eve" not in world.message_ids()
    assert found_anywhere(["eve-0815"]) == {}


def test_where_nobody_is_suppressed_nothing_is_hashed(world, monkeypatch):
    def never(*_):
        raise AssertionError("asked for nothing")

    monkeypatch.setattr("amity.workers.pipeline.suppress.incoming", never)
    monkeypatch.setattr("amity.rooms.trust.actions.erasure.kept_out.keyed_hash", never)
    batch = world.projector().work([world.entry(world.one("m-ada"))])
    assert [item.dropped for item in batch.items] == [""]


def test_a_process_with_another_key_takes_nothing(world, settings):
    silence(world, ("user_id", "eve-4711"))
    settings.SECRET_KEY = "another"
    with pytest.raises(NotRunning, match="console-key"):
        kept(world.workspace, "user_id", "ada")


@pytest.mark.parametrize("most", [200_000, 2])
def test_what_changes_later_is_seen_whether_much_or_little_is_kept_out(world, monkeypatch, most):
    monkeypatch.setattr(kept_out, "MOST_REMEMBERED", most)
    silence(world, ("user_id", "one"))
    assert (kept(world.workspace, "user_id", "one"), kept(world.workspace, "user_id", "two")) == ([None], [])
    silence(world, ("user_id", "two"), ("user_id", "three"))
    assert kept(world.workspace, "user_id", "two") == [None]
    lift(workspace_id=world.workspace, before=2**45, hashes=hashes_of(world.workspace, [("user_id", "two")]))
    assert kept(world.workspace, "user_id", "two") == [2**45]
    assert kept(world.workspace, "email", "one") == []
