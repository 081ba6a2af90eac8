"""Runs the console: one process, one event loop, until a signal asks it to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

from amity.kernel.settings import Settings

_GRACE, _LIMIT = 1.5, 3.0  # seconds for ordinary requests to finish; then for streams to notice that we end


async def run_console(chosen: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Open streams are ended after a moment, so that stopping never waits for a browser."""
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.server.embed import Server

    from amity.config.asgi import application

    sys.setswitchinterval(
        0.0005
    )  # threads that draw pages hold the interpreter for 5 ms otherwise, and quick answers wait for it
    server = Server(
        application,
        address=chosen.bind,
        port=chosen.console_port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        websockets=False,
        backlog=1024,
        log_enabled=False,
    )
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    serving, stopping = asyncio.create_task(server.serve()), asyncio.create_task(stop.wait())
    warming = asyncio.create_task(_warm())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    warming.cancel()
    if not serving.done():
        server.stop()
        await asyncio.wait([serving], timeout=_GRACE if application.open else 0.05)
        application.end()
        await asyncio.wait([serving], timeout=_LIMIT)
    stopping.cancel()
    if not serving.done():  # a thread of a request hangs: what it does is not worth waiting for
        os._exit(0)
    serving.result()


async def _warm() -> None:
    """Import every route and template engine before the first person waits for them."""
    from amity.config.asgi import application, django_application

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False} if not asked.is_set() else await _never(asked)

    async def send(message: object) -> None:
        del message
        asked.set()

    asked = asyncio.Event()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/account/login/",
        "raw_path": b"/account/login/", "query_string": b"", "root_path": "", "headers": [(b"host", b"localhost")],
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 0),
    }  # fmt: skip
    with contextlib.suppress(Exception):  # warming is a favour; readiness tells what is wrong
        await django_application(scope, receive, send)
    application.readiness.warm = True
    await asyncio.to_thread(_warm_rooms)


def _warm_rooms() -> None:
    """Read the rooms' templates and the past's client, so that the first look at a customer takes no longer than the second."""
    from django.template.loader import get_template
    from django.template.utils import get_app_template_dirs

    with contextlib.suppress(Exception):
        import clickhouse_connect  # noqa: F401
    for folder in get_app_template_dirs("templates"):
        if "amity" not in folder.parts:
            continue
        for one in sorted(folder.rglob("*.html")):
            with contextlib.suppress(Exception):
                get_template(one.relative_to(folder).as_posix())


async def _never(_: asyncio.Event) -> dict[str, object]:
    await asyncio.Event().wait()
    raise AssertionError
