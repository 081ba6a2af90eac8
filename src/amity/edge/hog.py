"""PostHog's endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec

from amity.edge import body as bodies
from amity.edge import posthog
from amity.edge.boot import flags_reply
from amity.edge.desk import Desk, heavy
from amity.edge.intake import Intake
from amity.edge.limits import KB, POSTHOG_BATCH, POSTHOG_EVENT, Limits
from amity.edge.reply import STATUS_ONE, Refused, Reply, json_reply
from amity.edge.request import Handler, Request
from amity.facts import timing

QUICK = 32 * KB
P = ParamSpec("P")


class Hog:
    """Handlers of `/batch`, `/e` and their like, of v1 capture, flags and recordings."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def capture(self, limits: Limits) -> Handler:
        """Return the handler of events in any of the shapes that PostHog's clients have sent over the years."""

        async def handle(request: Request) -> Reply:
            intake = await self._collect(request, await _read_body(request, limits))
            if intake.outcomes:
                return json_reply({"status": 1, "rejected": intake.outcomes})
            return STATUS_ONE

        return handle

    async def capture_v1(self, request: Request) -> Reply:
        """Answer for each event by its uuid: `ok`, or `drop` with the reason."""
        intake = await self._collect(request, await request.body(POSTHOG_BATCH))
        results: dict[str, dict[str, object]] = {one.message_id: {"result": "ok"} for one in intake.interactions}
        for outcome in intake.outcomes:
            if outcome["message_id"]:
                results[str(outcome["message_id"])] = {"result": "drop", "details": outcome["reason"]}
        return json_reply({"results": results})

    async def flags(self, request: Request) -> Reply:
        """Answer that there are no flags."""
        body = await _read_body(request, POSTHOG_EVENT)
        read = await heavy(body, posthog.read, body)
        source = await self.desk.source(request, read.token if read else None)
        return flags_reply(source.write_key)

    async def recording(self, request: Request) -> Reply:
        """Refuse session recordings honestly: clients are told not to make any, and don't repeat after a 404."""
        del request
        raise Refused(404, "not_collected", "Amity keeps no session recordings. Switch them off with disable_session_recording.")

    async def _collect(self, request: Request, body: bytes) -> Intake:
        read = await heavy(body, posthog.read, body)
        if read is None:
            raise await self.desk.not_json(request, body, dialect="posthog")
        source = await self.desk.source(request, read.token)
        if len(read.events) > POSTHOG_BATCH.events:
            raise Refused(400, "too_many_events", f"A batch may hold {POSTHOG_BATCH.events} events. Send smaller batches.")
        intake = self.desk.open(request, source, dialect="posthog")
        await heavy(body, posthog.judge, intake, read, sent_at=_sent_at(request, read))
        await self.desk.store(intake)
        return intake


async def _read_body(request: Request, limits: Limits) -> bytes:
    """Return the JSON of a request: its body, its form field `data`, or (in a GET) its query field `data`."""
    compression = request.query.get("compression", "")
    if request.method == "GET":
        return bodies.decode_field(request.query.get("data", "").encode(), compression=compression, limits=limits)
    body = await request.body(limits)
    if body.startswith((b"data=", b"compression=")):
        return await _beside(body, bodies.unpack_form, body, compression=compression, limits=limits)
    if body[:1] in {b"{", b"["} or not body:
        return body
    return await _beside(body, bodies.decode_field, body, compression=compression, limits=limits)


async def _beside(body: bytes, work: Callable[P, bytes], *args: P.args, **kwargs: P.kwargs) -> bytes:
    """Unpack a body; beside the event loop where LZ-string, which is read bit by bit, could keep others waiting."""
    return work(*args, **kwargs) if len(body) <= QUICK else await asyncio.to_thread(work, *args, **kwargs)


def _sent_at(request: Request, read: posthog.Read) -> int | None:
    """Return when the client says that it sent: in the body, in v1's header, or as posthog-js, in the query in milliseconds."""
    for said in (read.sent_at, request.header("posthog-request-timestamp")):
        if isinstance(said, str) and said:
            return timing.read_ms(said)
    asked = request.query.get("_", "")
    return int(asked) if asked.isdecimal() and len(asked) == 13 else None
