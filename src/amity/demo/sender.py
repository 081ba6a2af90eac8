"""Sends interactions to the edge over HTTP, as any client would: in batches, each customer's in their order.

Nothing here remembers how far it came. The messages have the same ids each time, so a second run doubles nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Self

from amity.demo.pen import Entry
from amity.demo.wire import segment_form
from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import AmityError, NotRunning

BATCH = 200
_PATIENCE = 60.0


class Sender:
    """Posts to the edge at `edge`, each source with its own write key. Use it as `async with`."""

    def __init__(self, *, edge: str, keys: Sequence[str], seed: int) -> None:
        import httpx

        self._keys, self._seed = keys, seed
        self._client = httpx.AsyncClient(base_url=edge, timeout=30, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send(self, entries: Iterable[Entry]) -> None:
        """Send interactions in their order. Raises NotRunning where the edge stays silent for a minute, AmityError where it refuses."""
        batch: list[Entry] = []
        for one in entries:
            # A write key is one source's, and what comes next may be the same customer's: so a batch ends where the source changes.
            if batch and (batch[0][3] != one[3] or len(batch) >= BATCH):
                await self._post(batch)
                batch = []
            batch.append(one)
        if batch:
            await self._post(batch)

    async def check(self) -> None:
        """Ask, with nothing to send, whether the keys are taken. Raises AmityError where one isn't; an edge that is away is no answer."""
        for key in self._keys:
            problem, _ = await self._try(key, b'{"batch":[]}')
            if problem is not None and not isinstance(problem, NotRunning):
                raise problem

    async def _post(self, batch: list[Entry]) -> None:
        sent_at = from_ms(now_ms()).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        events = b",".join(segment_form(self._seed, one) for one in batch)
        body = b'{"batch":[' + events + b'],"sentAt":"' + sent_at.encode() + b'"}'
        waited, pause = 0.0, 0.2
        while True:
            problem, asked = await self._try(self._keys[batch[0][3]], body)
            if problem is None:
                return
            if waited >= _PATIENCE:
                raise problem
            pause = max(pause, asked)
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, 5.0)

    async def _try(self, key: str, body: bytes) -> tuple[AmityError | None, float]:
        import httpx

        headers = {"Content-Type": "application/json"}
        try:
            answer = await self._client.post("/v1/batch", content=body, auth=(key, ""), headers=headers)
        except httpx.TransportError as error:
            said = f"Amity's edge does not answer at {self._client.base_url}: {error or type(error).__name__}"
            return NotRunning(said), 0.0
        if answer.status_code == httpx.codes.OK:
            return None, 0.0
        problem = AmityError(f"The edge refused the demo's interactions: {answer.status_code} {answer.text[:300]}")
        # 401: the edge learns of a new write key a moment after it is made.
        if answer.status_code not in {401, 408, 429} and answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
            raise problem
        return problem, _asked_pause(answer)


def _asked_pause(answer: Any) -> float:
    header = answer.headers.get("retry-after", "")
    return min(float(header), 10.0) if header.isdigit() else 0.0
