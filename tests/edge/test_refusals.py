"""Every answer that isn't 200, and that it says what to do."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib

import httpx

from amity.edge.reply import Refused
from amity.edge.throttle import Throttle
from tests.edge.conftest import Edge

EVENT = {"type": "track", "event": "E", "userId": "u"}


async def test_an_unknown_key(edge: Edge):
    answer = await edge.http.post("/v1/track", json={**EVENT, "writeKey": "nobody"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_write_key"
    assert answer.headers["www-authenticate"].startswith("Basic")


async def test_a_key_counts_as_soon_as_it_is_made_and_no_longer_than_it_is_kept(edge: Edge):
    from amity.facts.collection import SNAPSHOT_BUCKET, snapshot_key

    made = await edge.key_with(workspace=edge.key.workspace)
    assert (await edge.http.post("/v1/track", json=EVENT, auth=(made.write_key, ""))).status_code == 200
    bucket = await edge.log.snapshot(SNAPSHOT_BUCKET)
    await bucket.delete(snapshot_key(made.write_key))
    async with asyncio.timeout(90):
        while (await edge.http.post("/v1/track", json=EVENT, auth=(made.write_key, ""))).status_code != 401:
            pass


async def test_a_source_that_is_switched_off(edge: Edge):
    off = await edge.key_with(enabled=False)
    answer = await edge.http.post("/v1/track", json=EVENT, auth=(off.write_key, ""))
    assert (answer.status_code, answer.json()["code"]) == (404, "source_disabled")


async def test_nothing_there_and_wrong_method(edge: Edge):
    answer = await edge.http.get("/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    answer = await edge.http.get("/v1/batch")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")


async def test_segments_limits(edge: Edge):
    large = {**EVENT, "properties": {"a": "x" * 33_000}}
    answer = await edge.post("/v1/track", large)
    assert (answer.status_code, answer.json()["code"]) == (400, "too_large")
    answer = await edge.post("/v1/batch", {"batch": [{**EVENT, "properties": {"a": "x" * 30_000}}] * 20, "writeKey": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "too_large")
    answer = await edge.post("/v1/batch", {"batch": [{"type": "track"}] * 2_501})
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_events")
    assert await edge.stored() == []
    assert [len(one.body) <= 64 * 1024 for one in await edge.rejected()] == [True, True]


async def test_rudderstack_may_send_more(edge: Edge):
    event = {**EVENT, "context": {"library": {"name": "RudderLabs JavaScript SDK"}}, "properties": {"a": "x" * 60_000}}
    answer = await edge.post("/v1/batch", {"batch": [event] * 40})
    assert answer.json() == {"success": True}
    assert [one.dialect for one in await edge.stored()] == ["rudderstack"] * 40
    answer = await edge.post("/v1/batch", {"batch": [event] * 80})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_bombs(edge: Edge):
    bomb = gzip.compress(b" " * 40_000_000, 9)
    twice = gzip.compress(b"") * 1_000 + gzip.compress(b"{}")
    for body, status in (
        (bomb, 413),
        (twice, 400),
        (bomb[:-20], 413),
        (gzip.compress(b"{}")[:-9], 400),
        (b"\x1f\x8bnothing", 400),
    ):
        answer = await edge.http.post("/v1/batch", content=body, auth=(edge.key.write_key, ""))
        assert answer.status_code == status
    zlibbed = zlib.compress(json.dumps({"batch": [EVENT]}).encode())
    answer = await edge.http.post(
        "/v1/batch", content=zlibbed, auth=(edge.key.write_key, ""), headers={"content-encoding": "deflate"}
    )
    assert answer.status_code == 200


async def test_too_many_requests(edge: Edge):
    slow = await edge.key_with(requests_per_second=3)
    answers = [await edge.http.post("/v1/track", json=EVENT, auth=(slow.write_key, "")) for _ in range(8)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1
    assert int(refused[0].headers["x-ratelimit-reset"]) >= 1
    assert refused[0].json()["code"] == "too_many_requests"


def test_the_bucket_fills_again():
    throttle = Throttle()

    def taken(now: float) -> bool:
        try:
            throttle.take("k", 2, now=now)
        except Refused:
            return False
        return True

    assert [taken(0.0), taken(0.0), taken(0.0), taken(0.5), taken(0.5), taken(10), taken(10), taken(10)] == [
        True, True, False, True, False, True, True, False,
    ]  # fmt: skip
    throttle.take("k", 0, now=10)


async def test_cors(edge: Edge):
    asked = {
        "origin": "https://shop.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-retry-count",
    }
    answer = await edge.http.options("/v1/t", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type,x-retry-count"
    assert "POST" in answer.headers["access-control-allow-methods"]
    answer = await edge.http.post("/v1/t", json=EVENT, headers={"origin": "https://shop.example"})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


async def test_a_chunked_body(edge: Edge):
    async def chunks():
        for part in (b'{"batch":[', json.dumps(EVENT).encode(), b"]}"):
            yield part

    answer = await edge.http.post("/v1/batch", content=chunks(), auth=(edge.key.write_key, ""))
    assert answer.json() == {"success": True}


async def test_half_a_body_is_not_waited_for(quick_edge_url: str):
    host, port = quick_edge_url.removeprefix("http://").split(":")
    for head in (b"content-length: 100\r\n", b"transfer-encoding: chunked\r\n"):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /v1/batch HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n5\r\n{")
        async with asyncio.timeout(15):  # other edges give 20 seconds
            assert b" 408 " in await reader.readline()
        writer.close()
        await writer.wait_closed()
    async with httpx.AsyncClient(base_url=quick_edge_url) as http:
        assert (await http.get("/healthz")).status_code == 200


async def test_what_would_cost_us_much_before_we_know_who_sent_it(edge: Edge):
    """None of these needs a write key: little is sent, and as little is spent or kept."""
    for claimed in ("x" * 201, "x" * 300_000):
        answer = await edge.http.post("/v1/track", json={**EVENT, "writeKey": claimed})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_write_key")
        assert "200 characters" in answer.json()["message"]
    for bomb in (b"[" + b"[]," * 5_000_000 + b"[]]", b"{" + b":" * 5_000_000 + b"}", b"[" + b'""' * 5_000_000 + b"]"):
        answer = await edge.http.post("/batch/", content=gzip.compress(bomb), headers={"content-encoding": "gzip"})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    answer = await edge.http.get("/e/?" + "a=&" * 1_001)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
