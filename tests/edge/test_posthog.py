"""PostHog's dialect through HTTP and the log."""

from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import urlencode

import pytest

from amity.edge.limits import POSTHOG_EVENT
from amity.edge.lz import decompress_base64
from amity.edge.reply import Refused
from tests.edge.conftest import Edge

LZ = "N4IgpgbmB2AuIC4QGEA2BLAxgazAExABoQAHAJwHsSwzZ0wBnRUPdBu6TWAfXQKTwBGIiFgVc0RCADSAUQCaI6BVhgpAcTIAfgPtgABIFPTQDTm+wLwbgAD2QAX2tA=="
LZ_TEXT = '{"event":"Clicked","properties":{"distinct_id":"d1","token":"KEY","note":"Grüße 日本 😀"}}'
UUID = "0190d3b0-5f0c-7cc3-a9d0-1f2e3d4c5b6a"


def event(name: str = "Clicked", **properties: object) -> dict[str, object]:
    return {"event": name, "distinct_id": "d1", "uuid": UUID, "properties": properties}


@pytest.mark.parametrize("path", ["/e", "/e/", "/capture", "/capture/", "/i/v0/e", "/i/v0/e/", "/batch", "/batch/"])
async def test_all_shapes_at_every_address(edge: Edge, path: str):
    key = edge.key.write_key
    bodies = [
        {**event(), "api_key": key},
        {**event(), "token": key},
        event(token=key),
        [event(token=key), event()],
        {"api_key": key, "batch": [event()], "sent_at": "2026-11-22T10:00:00Z"},
    ]
    for body in bodies:
        answer = await edge.http.post(path, json=body)
        assert (answer.status_code, answer.json()) == (200, {"status": 1})
    seen = await edge.stored()
    assert len(seen) == 6
    assert {(one.kind, one.name, one.user_id, one.message_id, one.dialect) for one in seen} == {
        ("track", "Clicked", "d1", UUID, "posthog")
    }


async def test_packed_as_clients_have_packed(edge: Edge):
    text = json.dumps(event(token=edge.key.write_key))
    packed = base64.b64encode(text.encode()).decode()
    ways = [
        {"content": gzip.compress(text.encode()), "params": {"compression": "gzip-js", "_": "1700000000000"}},
        {"content": gzip.compress(text.encode()), "headers": {"content-encoding": "gzip"}},
        {"content": urlencode({"data": packed}), "params": {"compression": "base64"}},
        {"content": urlencode({"data": packed, "compression": "base64"})},
        {"content": urlencode({"data": text})},
        {"content": packed},
    ]
    for way in ways:
        answer = await edge.http.post("/e/", **way)
        assert answer.json() == {"status": 1}, way
    assert (await edge.http.get("/e/", params={"data": packed})).json() == {"status": 1}
    answer = await edge.http.post(
        "/e/", content=urlencode({"data": LZ}), params={"compression": "lz64"}, auth=(edge.key.write_key, "")
    )
    assert answer.json() == {"status": 1}
    seen = await edge.stored()
    assert len(seen) == 8
    assert json.loads(bytes(seen[-1].properties))["note"] == "Grüße 日本 😀"


def test_lz_string():
    assert decompress_base64(LZ.encode(), limit=1_000).decode() == LZ_TEXT
    assert decompress_base64(b"Q===", limit=10) == b""
    with pytest.raises(Refused, match="unpacks to more"):
        decompress_base64(b"IYIwxqHpPXUNo+TUvczase33BOR+xhJ5Z8QA", limit=100)
    for broken in (b"N4Ig", b"", b"&&&&", b"////"):
        with pytest.raises(Refused):
            decompress_base64(broken, limit=100)


async def test_who(edge: Edge):
    batch = [
        event("A", **{"$device_id": "d1", "$is_identified": False}),
        event("B", **{"$device_id": "x", "$user_id": "d1", "$is_identified": True}),
        event("C"),
        event("D", **{"$process_person_profile": False}),
        {"event": "E", "properties": {"distinct_id": 5}},
        {"event": "F"},
    ]
    answer = await edge.http.post("/batch/", json={"api_key": edge.key.write_key, "batch": batch})
    assert [one["reason"] for one in answer.json()["rejected"]] == ["no_identity"]
    assert [(one.user_id, one.anonymous_id) for one in await edge.stored()] == [
        (None, "d1"),
        ("d1", "x"),
        ("d1", None),
        (None, "d1"),
        ("5", None),
    ]


async def test_events_with_a_meaning_of_their_own(edge: Edge):
    batch = [
        event(
            "$identify",
            **{"$anon_distinct_id": "anon", "$set": {"email": "a@b.example"}, "$set_once": {"first": 1, "email": "old"}},
        ),
        {**event("$set"), "$set": {"plan": "gold"}},
        event("$create_alias", distinct_id="d1", alias="new"),
        event("$pageview", **{"$current_url": "https://shop.example/a?utm_source=x", "title": "Shop", "utm_source": "x"}),
        event("$screen", **{"$screen_name": "Cart"}),
        event("$groupidentify", **{"$group_type": "company", "$group_key": "acme", "$group_set": {"size": 9}}),
    ]
    await edge.http.post("/batch/", json={"api_key": edge.key.write_key, "batch": batch})
    identify, plan, alias, page, screen, group = await edge.stored()
    assert (identify.kind, identify.user_id, identify.anonymous_id) == ("identify", "d1", "anon")
    assert json.loads(bytes(identify.traits)) == {"first": 1, "email": "a@b.example"}
    assert (plan.kind, json.loads(bytes(plan.traits))) == ("identify", {"plan": "gold"})
    assert (alias.kind, alias.user_id, alias.previous_id) == ("alias", "new", "d1")
    assert (page.kind, page.name) == ("page", "Shop")
    context = json.loads(bytes(page.context))
    assert context["page"] == {"url": "https://shop.example/a?utm_source=x", "title": "Shop"}
    assert context["campaign"] == {"source": "x"}
    assert (screen.kind, screen.name) == ("screen", "Cart")
    assert (group.kind, group.group_id, json.loads(bytes(group.traits))) == ("group", "acme", {"size": 9})


async def test_answers_for_each_event(edge: Edge):
    other = UUID[:-1] + "b"
    body = {"created_at": "2026-11-22T10:00:00Z", "batch": [event(), {"event": "", "uuid": other, "distinct_id": "d"}]}
    answer = await edge.http.post("/i/v1/analytics/events", json=body, headers={"authorization": f"Bearer {edge.key.write_key}"})
    assert answer.json() == {"results": {UUID: {"result": "ok"}, other: {"result": "drop", "details": "no_name"}}}
    assert (await edge.http.post("/i/v1/analytics/events", json=body)).status_code == 401


@pytest.mark.parametrize("path", ["/flags/?v=2", "/flags/?v=4", "/decide/?v=3"])
async def test_there_are_no_flags(edge: Edge, path: str):
    answer = await edge.http.post(path, json={"api_key": edge.key.write_key, "distinct_id": "d"})
    told = answer.json()
    assert (told["flags"], told["featureFlags"], told["errorsWhileComputingFlags"]) == ({}, {}, False)
    assert (await edge.http.post(path, json={"distinct_id": "d"})).status_code == 401


async def test_recordings_are_refused_honestly(edge: Edge):
    answer = await edge.http.post("/s/", json=[{"event": "$snapshot"}])
    assert (answer.status_code, answer.json()["code"]) == (404, "not_collected")


async def test_poison_and_size(edge: Edge):
    key = edge.key.write_key.encode()
    body = (
        b'{"api_key":"'
        + key
        + b'","batch":[{"event":"E","distinct_id":"d"},{"event":"E","distinct_id":"d","properties":{"a":NaN}}]}'
    )
    answer = await edge.http.post("/batch/", content=body)
    assert [one["reason"] for one in answer.json()["rejected"]] == ["not_json"]
    assert len(await edge.stored()) == 1
    large = gzip.compress(json.dumps({"api_key": edge.key.write_key, "batch": [event(a="x" * POSTHOG_EVENT.event)]}).encode())
    assert [one["reason"] for one in (await edge.http.post("/batch/", content=large)).json()["rejected"]] == ["too_large"]
    assert (await edge.http.post("/e/", content=b"x" * (POSTHOG_EVENT.wire + 1))).status_code == 413
    assert (await edge.http.post("/e/", content=b"%%%", auth=(edge.key.write_key, ""))).status_code == 400
