"""What every collecting handler needs: find the source, open an intake, store it, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from amity.edge.coalescer import Coalescer, stored
from amity.edge.intake import Intake
from amity.edge.keys import KeyRing
from amity.edge.limits import KB
from amity.edge.metrics import ACCEPTED, REJECTED
from amity.edge.reply import SUCCESS, Refused, Reply, json_reply
from amity.edge.request import Request
from amity.edge.throttle import Throttle
from amity.facts.collection import SourceKey
from amity.facts.interaction import Dialect

HEAVY = 600 * KB
P = ParamSpec("P")
T = TypeVar("T")


def light(body: bytes) -> bool:
    """Tell whether a body is so small that working on it keeps nobody waiting."""
    return len(body) <= HEAVY


async def heavy(body: bytes, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do the work on a body here, or beside the event loop where the body is so large that others would wait for it."""
    if light(body):
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)


class Desk:
    """The edge's shared parts, behind verbs."""

    def __init__(self, *, keys: KeyRing, coalescer: Coalescer) -> None:
        self.keys = keys
        self.coalescer = coalescer
        self.throttle = Throttle()

    async def source(self, request: Request, key: str | None = None) -> SourceKey:
        """Return the sender's source: key from the Authorization header, else the body's, else the query's.

        Raises Refused: 401, 404 where the source is off, 429 where it sends too often, 503.
        """
        known = self.known(request, key)
        if known is not None:
            return known
        source = await self.keys.find(_given(request, key))
        self.throttle.take(source.write_key, source.requests_per_second)
        return source

    def known(self, request: Request, key: str | None) -> SourceKey | None:
        """Return what `source` does where that needs no asking, as nearly always. Raises Refused (429)."""
        source = self.keys.known(_given(request, key))
        if source is not None:
            self.throttle.take(source.write_key, source.requests_per_second)
        return source

    def open(self, request: Request, source: SourceKey, *, dialect: Dialect) -> Intake:
        """Begin to collect what a request brought."""
        return Intake(source, request.sender(), dialect=dialect)

    async def store(self, intake: Intake, *, tidy: bool = False) -> None:
        """Return once all of the intake is on disk. Raises Refused (503) when it may not be.

        `tidy`: let go of the events once they are encoded. Many requests wait at once; what they needn't hold, the next can use while
        it is still in the processor's cache.
        """
        reasons = [one.reason for one in intake.rejections]
        accepted = intake.count - len(reasons)
        fates = self.coalescer.put(intake.interactions, intake.rejections, intake.packed) if intake.count else []
        if tidy:
            intake.forget()
        if len(fates) == 1:
            await fates[0]
        else:
            await stored(fates)
        if accepted:
            ACCEPTED.add(intake.dialect, accepted)
        for reason in reasons:
            REJECTED.add(reason)

    async def close(self, intake: Intake) -> Reply:
        """Store the intake and answer 200, naming the events that were put aside. Afterwards it holds no events."""
        await self.store(intake, tidy=True)
        if not intake.outcomes:
            return SUCCESS
        return json_reply({"success": True, "rejected": intake.outcomes})

    async def not_json(self, request: Request, body: bytes, *, dialect: Dialect) -> Refused:
        """Keep a body that can't be read, if its source can be known without reading it, and return the 400 to raise."""
        detail = "The body is no JSON that holds events. Nothing of it was accepted."
        source = await self.source(request)
        intake = self.open(request, source, dialect=dialect)
        intake.reject("not_json", detail, body=body)
        await self.store(intake)
        return Refused(400, "not_json", detail)


def _given(request: Request, key: str | None) -> str | None:
    return request.credential or key or request.query.get("writeKey") or request.query.get("api_key")
