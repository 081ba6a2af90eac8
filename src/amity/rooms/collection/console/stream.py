"""The stream behind Live: rows as server-sent events, for as long as who looks may look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from time import monotonic

from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import get_template
from django.utils import timezone

from amity.kernel.errors import NotRunning
from amity.rooms.collection.console.feed import listen
from amity.rooms.collection.console.live import matches, names_of_sources, row_of_seen, wanted_of
from amity.rooms.collection.queries.latest import Wanted
from amity.rooms.trust.api import page, still_allowed
from amity.rooms.trust.contracts import Access

RECHECK = 2.0  # seconds; with the beat of the feed: access that ended ends the stream within five
MOST = 40  # rows in one event: more a quarter second nobody reads; the newest are shown


@page("live.read")
async def stream(request: HttpRequest, access: Access) -> HttpResponseBase:
    """Answer with what arrives from now on, until the browser leaves or the permission ends."""
    rows = _events(request, access, wanted_of(request))
    return StreamingHttpResponse(
        rows, content_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _events(request: HttpRequest, access: Access, wanted: Wanted) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    sources = await sync_to_async(names_of_sources)(access.workspace_id)
    template = get_template("collection/_live_row.html")
    checked = monotonic()
    try:
        async for heard in listen(access.workspace_id):
            if monotonic() - checked > RECHECK:
                checked = monotonic()
                if not await sync_to_async(still_allowed)(request):
                    yield _event("over", "")
                    return
            if any(one.source_id not in sources for one in heard):
                sources = await sync_to_async(names_of_sources)(access.workspace_id)
            fit = [one for one in heard if matches(one, wanted)][-MOST:]
            if not fit:
                yield b": here\n\n"
                continue
            with timezone.override(access.workspace.time_zone):
                html = "".join(
                    template.render({"row": row_of_seen(one, sources), "access": access, "fresh": True}) for one in reversed(fit)
                )
            yield _event("rows", html)
    except NotRunning as error:
        yield _event("down", error.message)


def _event(name: str, data: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.splitlines() if line.strip()) or "data:\n"
    return f"event: {name}\n{lines}\n".encode()
