"""Segment's collection endpoints: read, find the source, judge each event, store, answer."""

from __future__ import annotations

from collections.abc import Awaitable

from amity.edge import segment
from amity.edge.desk import Desk, heavy, light
from amity.edge.limits import RUDDERSTACK
from amity.edge.reply import Refused, Reply
from amity.edge.request import Handler, Request
from amity.facts.interaction import Kind


class Collect:
    """Handlers of `/v1/…`; `batch` and `single` each make one."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def batch(self) -> Handler:
        """Return the handler of batches."""

        def handle(request: Request) -> Awaitable[Reply]:
            return self._collect(request, kind=None)

        return handle

    def single(self, kind: Kind) -> Handler:
        """Return the handler of single events of a kind."""

        def handle(request: Request) -> Awaitable[Reply]:
            return self._collect(request, kind=kind)

        return handle

    async def _collect(self, request: Request, *, kind: Kind | None) -> Reply:
        body = await request.body(RUDDERSTACK)
        batch = kind is None
        read = segment.read(body, batch=batch) if light(body) else await heavy(body, segment.read, body, batch=batch)
        if read is None:
            raise await self.desk.not_json(request, body, dialect="segment")
        source = self.desk.known(request, read.write_key) or await self.desk.source(request, read.write_key)
        rudder = read.rudder or bool(request.header("anonymousid")) or request.path.startswith("/beacon")
        intake = self.desk.open(request, source, dialect="rudderstack" if rudder else "segment")
        limits = segment.limits_of(intake.dialect)
        if len(body) > limits.unpacked or (kind and len(body) > limits.event):
            most = limits.event if kind else limits.unpacked
            intake.reject("too_large", f"The request has {len(body)} bytes; {most} are allowed.", body=body)
            await self.desk.store(intake)
            raise Refused(400, "too_large", f"The request has {len(body)} bytes; {most} are allowed. Send smaller ones.")
        if light(body):
            segment.judge(intake, read, kind=kind)
        else:
            await heavy(body, segment.judge, intake, read, kind=kind)
        del body, read  # not needed while waiting
        return await self.desk.close(intake)
