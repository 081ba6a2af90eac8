"""What stands before Django in the console's process, and how it ends while streams are open."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time

import httpx
import pytest

from amity.config.serving import front as fronts
from amity.config.serving.front import Front
from amity.engines.supervisor.ports import free_ports

STREAMER = """
import asyncio, sys
from amity.config.serving import console
from amity.kernel.settings import settings
from amity.config import asgi

async def inner(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/quick":
        await asyncio.sleep(0.3)
        await send({"type": "http.response.body", "body": b"whole"})
        return
    await send({"type": "http.response.body", "body": b"data: 1\\n\\n", "more_body": True})
    await receive()

asgi.application.inner = inner
asyncio.run(console.run_console(settings()))
"""


@pytest.fixture
async def streaming(monkeypatch):
    [port] = free_ports(1)
    env = {**os.environ, "AMITY_CONSOLE_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", STREAMER, env=env)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
        deadline = time.monotonic() + 60
        while True:
            try:
                await client.get("/healthz")
            except httpx.TransportError:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
            else:
                break
        yield process, client
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_open_streams_don_t_delay_the_end_and_short_requests_are_finished(streaming):
    process, client = streaming
    async with client.stream("GET", "/stream") as stream:
        chunks = stream.aiter_raw()
        assert await anext(chunks) == b"data: 1\n\n"
        quick = asyncio.create_task(client.get("/quick"))
        async with asyncio.timeout(90):
            while 'status="200"} 2.0' not in (await client.get("/metrics")).text:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert (await quick).text == "whole"
        assert await asyncio.wait_for(process.wait(), 60) == 0
        assert time.monotonic() - begun < 20


async def test_static_files_health_and_metrics_need_no_django(streaming):
    _, client = streaming
    css = await client.get("/static/amity/css/base.css")
    assert (css.status_code, css.headers["content-type"]) == (200, 'text/css; charset="utf-8"')
    assert css.headers["x-content-type-options"] == "nosniff"
    again = await client.get("/static/amity/css/base.css", headers={"If-None-Match": css.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get("/healthz")).text == "ok\n"
    assert "amity_console_requests_total" in (await client.get("/metrics")).text


async def call(front: Front, *, path: str = "/x", messages: list | None = None) -> list[dict]:
    sent, coming = [], list(messages or [{"type": "http.request", "body": b"", "more_body": False}])

    async def receive():
        if coming:
            return coming.pop(0)
        return await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": []}
    await asyncio.wait_for(front(scope, receive, send), 25)
    return sent


async def echo(scope, receive, send):
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})


async def test_a_body_that_never_comes_to_its_end_is_given_up(monkeypatch):
    monkeypatch.setattr(fronts, "BODY_SECONDS", 0.05)
    assert await call(Front(echo), messages=[{"type": "http.request", "body": b"half", "more_body": True}]) == []


async def test_a_body_that_comes_in_drops_is_given_up_as_soon(monkeypatch):
    monkeypatch.setattr(fronts, "BODY_SECONDS", 0.2)

    async def receive():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    sent = []
    await asyncio.wait_for(Front(echo)({"type": "http", "method": "POST", "path": "/x", "headers": []}, receive, sent.append), 25)
    assert sent == []


async def test_a_body_without_measure_is_given_up(monkeypatch):
    monkeypatch.setattr(fronts, "BODY_BYTES", 10)
    endless = [{"type": "http.request", "body": b"x" * 6, "more_body": True}] * 3
    assert await call(Front(echo), messages=endless) == []


@pytest.mark.django_db(transaction=True)
async def test_ready_means_warm_and_the_present_answers():
    front = Front(echo)
    assert (await call(front, path="/readyz"))[0]["status"] == 503
    front.readiness.warm = True
    answer = await call(front, path="/readyz")
    assert (answer[0]["status"], answer[1]["body"]) == (200, b"ready\n")
    front.end()
    assert (await call(front, path="/readyz"))[1]["body"] == b"stopping\n"
