"""Clients that don't speak HTTP as it is meant hold up nobody in the console."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.hostile.sockets import post, say

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started

SIGN_IN = b"/account/sign-in/"
HALVES = [
    b"",
    b"GET /account/si",
    b"GET /account/sign-in/ HTTP/1.1\r\nHost: x\r\n",
    post(b"login=a&pass", b"Content-Length: 5000", path=SIGN_IN, length=False),
    post(b"5\r\nlo", b"Transfer-Encoding: chunked", path=SIGN_IN, length=False),
]


async def test_half_heads_and_half_bodies_hold_up_nobody(amity):
    attacks = [asyncio.create_task(say(amity.console, HALVES[n % len(HALVES)], patience=20)) for n in range(100)]
    async with httpx.AsyncClient(base_url=amity.console, timeout=10) as http:
        for _ in range(10):
            for path in ("/healthz", SIGN_IN.decode()):
                assert (await http.get(path)).status_code == 200
    assert not all(one.done() for one in attacks)
    heard = await asyncio.gather(*attacks)
    # Whoever hasn't said its head within 15 seconds is closed; bodies have 30.
    assert [one.closed for one in heard if one.seconds < 19] == [True] * 60


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (post(b"{}", b"Content-Length: 3", path=SIGN_IN), 400),
        (post(b"{}", b"Transfer-Encoding: xchunked", path=SIGN_IN, length=False), 400),
        (post(b"{}", b"X-A: " + b"a" * 1_000_000, path=SIGN_IN), 431),
        (b"\x00\xff" * 500, 400),
    ],
    ids=["two lengths", "an unknown coding", "a header of a megabyte", "garbage"],
)
async def test_what_is_no_http_is_refused_at_once(amity, data: bytes, status: int):
    heard = await say(amity.console, data, patience=10)
    assert (heard.statuses, heard.closed) == ([status], True)


async def test_odd_requests_are_answered_without_a_failure_of_ours(amity):
    """Each is refused in a way that says so; none is a 500."""
    odd = [
        b"GET /account/sign-in/?next=%00%ff&a=" + b"%" * 500 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /w/%00/customers/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /account/sign-in/ HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
        b"GET /account/sign-in/ HTTP/1.1\r\nHost: x\r\nCookie: " + b"a=\xff;" * 300 + b"\r\nConnection: close\r\n\r\n",
        post(b"\xff\x00" * 400, b"Connection: close", path=SIGN_IN),
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    ]
    for data in odd:
        heard = await say(amity.console, data, patience=10)
        assert [status < 500 for status in heard.statuses] == [True], (data[:60], heard.data[:100])
