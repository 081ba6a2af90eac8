"""Clients that don't speak HTTP as it is meant: each gets its 4xx or is closed, in time, and only its own connection suffers."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator

import httpx
import pytest

from amity.engines.log.client import Log
from tests.edge.conftest import put_key, running_edge
from tests.hostile.sockets import post, say

BODY_SECONDS = 2
CLOSE = b"Connection: close"


@pytest.fixture(scope="module")
def edge(log_ready) -> Iterator[str]:
    """An edge that gives a body two seconds."""
    with running_edge(AMITY_EDGE_BODY_SECONDS=str(BODY_SECONDS)) as url:
        yield url


@pytest.fixture(scope="module")
def event(log_ready) -> bytes:
    """A good event, with its write key."""

    async def make() -> str:
        from amity.engines.addresses import addresses

        log = await Log.connect(addresses().log, name="test")
        made = await put_key(log, requests_per_second=0)
        await log.close()
        return made.write_key

    return json.dumps({"type": "track", "event": "E", "userId": "u", "writeKey": asyncio.run(make())}).encode()


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in chunks) + b"0\r\n\r\n"


SMUGGLED = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
REFUSED = {
    "two lengths": ([post(b"{}", b"Content-Length: 3")], 400),
    "a list of lengths": ([post(b"{}", b"Content-Length: 2, 2", length=False)], 400),
    "a negative length": ([post(b"{}", b"Content-Length: -1", length=False)], 400),
    "a length with a sign": ([post(b"{}", b"Content-Length: +2", length=False)], 400),
    "a hexadecimal length": ([post(b"{}", b"Content-Length: 0x2", length=False)], 400),
    "a length of 23 digits": ([post(b"{}", b"Content-Length: " + b"9" * 23, length=False)], 400),
    "an unknown coding": ([post(b"{}", b"Transfer-Encoding: xchunked", length=False)], 400),
    "chunked, then not": ([post(SMUGGLED, b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", length=False)], 400),
    "a space before the colon": ([post(b"0\r\n\r\n", b"Transfer-Encoding : chunked", length=False)], 400),
    "a control before the value": ([post(b"0\r\n\r\n", b"Transfer-Encoding:\x0bchunked", length=False)], 400),
    "bare carriage returns": ([post(b"{}").replace(b"\r\n", b"\r")], 400),
    "bare line feeds": ([post(b"{}").replace(b"\r\n", b"\n")], 400),
    "a bare line feed": ([post(b"{}", b"X-A: a\nX-B: b")], 400),
    "two hosts": ([post(b"{}", b"Host: y")], 400),
    "a folded header": ([post(b"{}", b"X-A: a\r\n b")], 400),
    "NUL in a header": ([post(b"{}", b"X-A: a\x00b")], 400),
    "a header of a megabyte": ([post(b"{}", b"X-A: " + b"a" * 1_000_000)], 431),
    "2,000 headers": ([post(b"{}", *[b"X-%d: a" % n for n in range(2_000)])], 431),
    "a path of 200 KB": ([post(b"{}", path=b"/" + b"a" * 200_000)], 414),
    "NUL in the method": ([b"G\x00T / HTTP/1.1\r\n\r\n"], 400),
    "a version to come": ([b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"], 400),
    "no version": ([b"GET /\r\n\r\n"], 400),
    "TLS": ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200], 400),
    "garbage": ([b"\x00\xff" * 500], 400),
}  # fmt: skip


@pytest.mark.parametrize(("pieces", "status"), REFUSED.values(), ids=REFUSED)
async def test_what_is_no_http_is_refused_at_once(edge: str, pieces: list[bytes], status: int):
    heard = await say(edge, *pieces, patience=10)
    assert (heard.statuses, heard.closed) == ([status], True)


@pytest.mark.parametrize(
    "body", [b"zz\r\n{}\r\n0\r\n\r\n", b"f" * 18 + b"\r\n{}\r\n0\r\n\r\n", b"2;" + b"a" * 1_000_000 + b"\r\n{}\r\n0\r\n\r\n"]
)
async def test_broken_chunks(edge: str, body: bytes):
    heard = await say(edge, post(body, b"Transfer-Encoding: chunked", length=False), patience=10)
    assert [400 <= status < 500 for status in heard.statuses] == [True]
    assert heard.closed


async def test_nothing_is_smuggled_behind_a_body_of_two_lengths(edge: str, event: bytes):
    heard = await say(edge, post(SMUGGLED, b"Transfer-Encoding: chunked"), patience=10)
    assert [400 <= status < 500 for status in heard.statuses] == [True]  # one answer, to the one request
    assert heard.closed
    heard = await say(edge, post(chunked(event) + b"GET /healthz HTTP/1.1\r\n\r\n", b"Transfer-Encoding: chunked"), patience=10)
    assert (heard.statuses, heard.closed) == ([400], True)  # though the chunks are good


async def test_chunks_are_read(edge: str, event: bytes):
    body = chunked(event[:7], event[7:])
    sent = post(body, b"Transfer-Encoding: chunked", length=False)
    heard = await say(edge, sent, sent[:90], sent[90:], post(event, CLOSE), pause=0.05, patience=10)
    assert (heard.statuses, heard.closed) == ([200] * 3, True)
    trailed = sent[:-2] + b"Authorization: nobody\r\nX-B: b\r\n\r\n"
    assert (await say(edge, trailed + post(event, CLOSE), patience=10)).statuses == [200] * 2
    endless = sent[:-2] + b"".join(b"X-%d: %b\r\n" % (n, b"a" * 1_000) for n in range(1_000))
    heard = await say(edge, endless, patience=10)
    assert (heard.statuses, heard.closed) == ([400], True)


async def test_headers_as_they_may_come(edge: str, event: bytes):
    """Empty ones, repeated ones, ones torn between packets: none becomes part of another."""
    length = b"Content-Length: %d" % len(event)
    sent = post(event, b"X-Empty:", b"X-Blank:   ", b"Accept: a", b"Accept: b", CLOSE)
    for at in range(10, len(sent) - len(event), 9):
        heard = await say(edge, sent[:at], sent[at:], pause=0.001, patience=10)
        assert (at, heard.statuses) == (at, [200])
    for before in (b"X-Empty:", b"X-Blank: \t "):
        heard = await say(edge, post(event, before, length, CLOSE, length=False), patience=10)
        assert heard.statuses == [200]


@pytest.mark.parametrize("wish", [b"h2c", b"websocket", b"h2c, foo"])
async def test_who_would_rather_speak_another_protocol_is_answered_in_this_one(edge: str, event: bytes, wish: bytes):
    """Java's client asks for HTTP/2 with each first request, whatever its body."""
    asking = [
        b"Connection: Upgrade, HTTP2-Settings",
        b"Upgrade: " + wish,
        b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
    ]
    heard = await say(edge, post(event, *asking) + post(event, *asking), post(event, CLOSE), pause=0.05, patience=10)
    assert (heard.statuses, heard.closed) == ([200] * 3, True)
    heard = await say(edge, post(event, *asking)[:-10], post(event)[-10:] + post(event, CLOSE), pause=0.05, patience=10)
    assert heard.statuses == [200] * 2


async def test_a_body_is_asked_for_where_its_client_waits_for_that(edge: str, event: bytes):
    reader, writer = await asyncio.open_connection(*edge.removeprefix("http://").split(":"))
    sent = post(event, b"Expect: 100-continue", CLOSE)
    writer.write(sent[: -len(event)])
    async with asyncio.timeout(10):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(event)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
    writer.close()


async def test_old_clients(edge: str, event: bytes):
    old = post(event).replace(b"HTTP/1.1", b"HTTP/1.0")
    heard = await say(edge, old, patience=10)
    assert (heard.statuses, heard.closed) == ([200], True)
    kept = post(event, b"Connection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0")
    heard = await say(edge, kept + old, patience=10)
    assert (heard.statuses, heard.closed) == ([200] * 2, True)
    assert b"connection: keep-alive" in heard.data


async def test_who_shuts_the_own_side_down_is_answered(edge: str, event: bytes):
    reader, writer = await asyncio.open_connection(*edge.removeprefix("http://").split(":"))
    writer.write(post(event) * 2)
    writer.write_eof()
    async with asyncio.timeout(10):
        assert (await reader.read()).count(b"HTTP/1.1 200 OK") == 2
    writer.close()


async def test_heads_alone_have_no_body(edge: str):
    heard = await say(
        edge, b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", patience=10
    )
    assert heard.data.count(b"ok\n") == 1
    assert heard.data.count(b"content-length: 3\r\n") == 2


async def test_an_answer_has_one_head_whatever_is_repeated_in_it(edge: str):
    asked = b"OPTIONS /v1/track HTTP/1.1\r\nOrigin: http://a.example\r\nAccess-Control-Request-Headers: a\x01b, \xe4\r\nConnection: close\r\n\r\n"
    heard = await say(edge, asked, patience=10)
    assert heard.statuses in ([200], [400])
    assert b"\x01" not in heard.data


async def test_who_reads_no_answers_is_heard_no_more(edge: str, event: bytes):
    """A client that only ever sends must not fill our memory with answers."""

    async def send_on() -> None:
        while True:
            writer.write(asked * 1_000)
            await writer.drain()

    asked = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    _, writer = await asyncio.open_connection(*edge.removeprefix("http://").split(":"), limit=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send_on(), 2)
    writer.transport.abort()


async def test_garbage_behind_a_request_costs_only_itself(edge: str, event: bytes):
    heard = await say(edge, post(event) + b"\x00\xff garbage\r\n\r\n", patience=10)
    assert (heard.statuses, heard.closed) == ([200, 400], True)
    heard = await say(edge, post(event) * 3 + post(event, CLOSE), patience=10)
    assert heard.statuses == [200] * 4


async def test_half_a_body(edge: str, event: bytes):
    heard = await say(edge, post(event)[:-5], patience=15)
    assert (heard.statuses, heard.closed) == ([408], True)
    assert BODY_SECONDS <= heard.seconds < BODY_SECONDS + 4
    heard = await say(edge, post(b"{}", b"Content-Length: 9999999999", length=False), patience=15)
    assert (heard.statuses, heard.closed) == ([408], True)


async def test_a_body_byte_by_byte(edge: str, event: bytes):
    head, body = post(event, CLOSE)[: -len(event)], [event[at : at + 1] for at in range(len(event))]
    assert (await say(edge, head, *body, patience=15)).statuses == [200]
    heard = await say(edge, head, *body, pause=10 * BODY_SECONDS / len(event), patience=30)
    assert heard.closed  # with a 408, if whoever still writes gets to read it
    assert heard.statuses in ([], [408])
    assert heard.seconds < 7 * BODY_SECONDS  # long before it has said all


@pytest.mark.parametrize("encoding", [b"Content-Encoding: gzip", b"X-None: 1"])
async def test_a_bomb(edge: str, encoding: bytes):
    heard = await say(edge, post(gzip.compress(b"0" * 100_000_000, 9), encoding, CLOSE), patience=15)
    assert (heard.statuses, heard.closed) == ([413], True)


@pytest.mark.parametrize("request_line", [b"CONNECT evil.example:443 HTTP/1.1", b"OPTIONS * HTTP/1.1", b"GET // HTTP/1.1"])
async def test_addresses_that_are_none(edge: str, request_line: bytes):
    heard = await say(edge, request_line + b"\r\nHost: evil.example\r\nConnection: close\r\n\r\n", patience=5)
    assert heard.statuses == [404]


@pytest.mark.slow
@pytest.mark.timeout(90)
async def test_half_a_head_and_silence_are_closed_after_half_a_minute(edge: str, event: bytes):
    half = [say(edge, piece) for piece in (b"", b"P", b"POST /v1/track HTTP/1.1\r\nHost: x\r\n", post(event))]
    for heard, statuses in zip(await asyncio.gather(*half), ([], [], [], [200]), strict=True):
        assert (heard.statuses, heard.closed) == (statuses, True)
        assert 25 < heard.seconds < 40


async def test_others_are_answered_meanwhile(edge: str, event: bytes):
    """Sixty slow clients of all kinds are at it while an ordinary one is answered as ever."""
    slow = [post(event)[:-5], post(event)[:40], b"", post(b"5\r\n{", b"Transfer-Encoding: chunked", length=False)]
    attacks = [asyncio.create_task(say(edge, slow[n % 4], patience=8)) for n in range(60)]
    async with httpx.AsyncClient(base_url=edge, timeout=5) as http:
        for _ in range(50):
            answer = await http.post("/v1/track", content=event)
            assert answer.status_code == 200
    assert not all(one.done() for one in attacks)
    await asyncio.gather(*attacks)


async def test_who_leaves_half_way_is_no_failure_of_ours(edge: str, event: bytes):
    """A thousand clients that vanish must not cost a traceback each: that alone had kept an edge busy for minutes."""

    async def counted(code: str) -> float:
        async with httpx.AsyncClient(base_url=edge) as http:
            lines = (await http.get("/metrics")).text.splitlines()
        found = [line for line in lines if line.startswith("amity_edge_refused") and f'"{code}"' in line]
        return sum(float(line.rsplit(" ", 1)[1]) for line in found)

    gone, internal = await counted("gone"), await counted("internal")
    for _ in range(20):
        await say(edge, post(event)[:-5], patience=0.05)
    async with asyncio.timeout(90):
        while await counted("gone") < gone + 20:
            pass
    assert await counted("internal") == internal
