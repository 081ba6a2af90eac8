"""Segment's dialect through HTTP and the log."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from amity.edge.routes import LETTERS
from tests.edge.conftest import Edge

EXAMPLES = Path(__file__).parents[3] / "shared" / "data" / "segment_spec" / "payload_examples.json"
WHOLE = {
    "userId": "u1",
    "anonymousId": "a1",
    "groupId": "g1",
    "previousId": "p1",
    "event": "Ordered",
    "name": "Checkout",
    "properties": {"price": 12.5},
    "traits": {"plan": "gold"},
    "context": {"page": {"url": "https://shop.example/"}},
    "integrations": {"All": True},
}


async def test_batch_reaches_the_log(edge: Edge):
    answer = await edge.post("/v1/batch", {"batch": [{"type": "track", "event": "Ordered", "userId": "u1", "messageId": "m1"}]})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    (one,) = await edge.stored()
    assert (one.kind, one.name, one.user_id, one.message_id) == ("track", "Ordered", "u1", "m1")
    assert (one.source, one.dialect, one.flags) == (edge.key.source, "segment", ())


@pytest.mark.parametrize(("kind", "letter"), LETTERS.items())
async def test_every_kind_by_its_long_and_its_short_path(edge: Edge, kind: str, letter: str):
    for path in (kind, letter, kind + "/"):
        answer = await edge.http.post(f"/v1/{path}", json={**WHOLE, "writeKey": edge.key.write_key})
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    seen = await edge.stored()
    assert [one.kind for one in seen] == [kind] * 3
    one = seen[0]
    assert (one.user_id, one.anonymous_id, one.group_id, one.previous_id) == ("u1", "a1", "g1", "p1")
    assert json.loads(bytes(one.properties)) == {"price": 12.5}
    assert json.loads(bytes(one.traits)) == {"plan": "gold"}
    assert json.loads(bytes(one.context)) == WHOLE["context"]
    assert json.loads(bytes(one.integrations)) == {"All": True}
    assert one.name == ("Ordered" if kind == "track" else "Checkout")


async def test_the_key_by_basic_bearer_body_or_query(edge: Edge):
    event = {"userId": "u", "event": "E"}
    key = edge.key.write_key
    ways = [
        await edge.http.post("/v1/track", json=event, auth=(key, "")),
        await edge.http.post("/v1/track", json=event, headers={"authorization": f"Bearer {key}"}),
        await edge.http.post("/v1/track", json={**event, "writeKey": key}),
        await edge.http.post(f"/beacon/v1/batch?writeKey={key}", json={"batch": [{**event, "type": "track"}]}),
    ]
    assert [answer.status_code for answer in ways] == [200] * 4
    assert len(await edge.stored()) == 4


async def test_nulls_numbers_and_blanks(edge: Edge):
    nulls = dict.fromkeys(
        ("anonymousId", "groupId", "previousId", "name", "properties", "context", "integrations", "traits", "timestamp")
    )
    batch = [
        {**nulls, "type": "track", "event": "E", "userId": 42, "messageId": 7},
        {"type": "track", "event": 5, "userId": "  ", "anonymousId": 3.0},
    ]
    await edge.post("/v1/batch", {"batch": batch, "context": None, "integrations": None, "sentAt": None})
    first, second = await edge.stored()
    assert (first.user_id, first.message_id, first.anonymous_id, bytes(first.properties)) == ("42", "7", None, b"{}")
    assert (second.user_id, second.anonymous_id, second.name) == (None, "3", "5")


async def test_what_stands_around_a_batch_goes_into_its_events(edge: Edge):
    item = {"type": "track", "event": "E", "userId": "u", "context": {"locale": "de", "app": {"name": "x"}}}
    await edge.post(
        "/v1/batch", {"batch": [item], "context": {"locale": "en", "ip": "198.51.100.7"}, "integrations": {"X": False}}
    )
    (one,) = await edge.stored()
    assert json.loads(bytes(one.context)) == {"locale": "de", "ip": "198.51.100.7", "app": {"name": "x"}}
    assert json.loads(bytes(one.integrations)) == {"X": False}


async def test_category_and_channel_are_kept(edge: Edge):
    page = {"type": "page", "userId": "u", "category": "Docs", "channel": "browser"}
    await edge.post(
        "/v1/batch", {"batch": [page, {**page, "properties": {"category": "own", "a": 1}}, {**page, "context": {"b": 2}}]}
    )
    first, second, third = await edge.stored()
    assert json.loads(bytes(first.properties)) == {"category": "Docs"}
    assert json.loads(bytes(first.context)) == {"channel": "browser"}
    assert json.loads(bytes(second.properties)) == {"category": "own", "a": 1}
    assert json.loads(bytes(third.context)) == {"channel": "browser", "b": 2}


async def test_made_ids_repeat_only_for_what_is_the_same(edge: Edge):
    timed = {"type": "track", "event": "E", "userId": "u", "timestamp": "2026-11-01T00:00:00Z"}
    for batch in ([timed], [timed], [{**timed, "userId": "v"}]):
        await edge.post("/v1/batch", {"batch": batch})
    untimed = {"type": "track", "event": "E", "userId": "u"}
    await edge.post("/v1/batch", {"batch": [untimed, untimed, {**untimed, "messageId": "x" * 101}]})
    ids = [one.message_id for one in await edge.stored()]
    assert ids[0] == ids[1] != ids[2]
    assert ids[3] != ids[4]
    assert ids[5].startswith("long-")
    assert all(one.flags == ("id_made",) for one in await edge.stored())


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"type": "track", "event": "E"}, "no_identity"),
        ({"type": "dance", "userId": "u"}, "unknown_type"),
        ({"userId": "u"}, "unknown_type"),
        ({"type": "track", "userId": "u"}, "no_name"),
        ({"type": "group", "userId": "u"}, "no_group"),
        ({"type": "alias", "userId": "u"}, "no_previous_id"),
        ({"type": "track", "event": "E", "userId": {"a": 1}}, "bad_field"),
        ({"type": "track", "event": "E", "userId": "u", "properties": [1]}, "bad_field"),
        ({"type": "track", "event": "E", "userId": "u" * 501}, "bad_field"),
        ({"type": "track", "event": "E", "userId": "u", "properties": {"a": "x" * 33_000}}, "too_large"),
        ("text", "bad_field"),
        (None, "bad_field"),
        ([], "bad_field"),
    ],
)
async def test_a_bad_event_is_put_aside_and_its_neighbours_pass(edge: Edge, event: object, reason: str):
    good = {"type": "track", "event": "Good", "userId": "u"}
    answer = await edge.post("/v1/batch", {"batch": [good, event, good]})
    assert answer.status_code == 200
    (told,) = answer.json()["rejected"]
    assert (told["index"], told["reason"]) == (1, reason)
    assert [one.name for one in await edge.stored()] == ["Good", "Good"]
    (kept,) = await edge.rejected()
    assert (kept.reason, kept.source) == (reason, edge.key.source)
    assert kept.detail.endswith(".")
    assert json.loads(kept.body) == event


async def test_the_context_of_who_sent(edge: Edge):
    event = {"batch": [{"type": "track", "event": "E", "userId": "u", "context": {"ip": "198.51.100.7", "userAgent": "Phone/1"}}]}
    browser = {"user-agent": "Mozilla/5.0", "origin": "https://shop.example", "sec-gpc": "1", "x-forwarded-for": "203.0.113.9"}
    await edge.post("/v1/batch", event, headers=browser)
    await edge.post("/v1/batch", event, headers={"user-agent": "analytics-python/2.4.0"})
    anonymous = await edge.key_with(workspace=edge.key.workspace, anonymise_ip=True)
    await edge.http.post("/v1/batch", json={**event, "writeKey": anonymous.write_key}, headers={"user-agent": "analytics-node"})
    first, second, third = await edge.stored()
    assert (first.ip, first.user_agent, first.gpc) == ("127.0.0.1", "Mozilla/5.0", True)
    assert (second.ip, second.user_agent, second.gpc) == ("198.51.100.7", "Phone/1", False)
    assert third.ip == "198.51.100.0"


async def test_gzip_whatever_the_headers_say(edge: Edge):
    body = gzip.compress(json.dumps({"batch": [{"type": "track", "event": "E", "userId": "u"}]}).encode())
    for headers in ({"content-encoding": "gzip"}, {}, {"content-type": "application/x-www-form-urlencoded"}):
        answer = await edge.http.post("/v1/batch", content=body, headers=headers, auth=(edge.key.write_key, ""))
        assert answer.status_code == 200
    assert len(await edge.stored()) == 3


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le"])
async def test_other_encodings_of_unicode(edge: Edge, charset: str):
    body = json.dumps({"userId": "ü", "event": "E", "writeKey": edge.key.write_key}, ensure_ascii=False).encode(charset)
    assert (await edge.http.post("/v1/t", content=body, headers={"content-type": "text/plain"})).status_code == 200
    assert [one.user_id for one in await edge.stored()] == ["ü"]


async def test_every_example_of_the_specification_is_accepted(edge: Edge):
    if not EXAMPLES.exists():
        pytest.skip("the examples of Segment's specification aren't on this machine")
    payloads = [one["payload"] for one in json.loads(EXAMPLES.read_text()) if "payload" in one]
    assert len(payloads) == 61
    for payload in payloads:
        answer = await edge.post("/v1/batch", {"batch": [payload]})
        assert answer.status_code == 200, payload
        assert answer.json() == {"success": True} or answer.json()["rejected"][0]["reason"] == "no_identity"
    assert len(await edge.stored()) == 57
    bare = [json.loads(one.body) for one in await edge.rejected()]
    assert not any(payload.keys() & {"userId", "anonymousId", "user_id"} for payload in bare)
