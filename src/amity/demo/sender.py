"""Sends Linden's story to the edge over HTTP, as any client would: in batches, each customer's interactions in their order.

Nothing here remembers how far it came. The messages have the same ids each time, so a second run doubles nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from amity.demo.company import Told
from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import AmityError, NotRunning

BATCH = 200
LANES = 4
STRETCH = 4_000
_PATIENCE = 60.0


async def send(
    *, told: Sequence[Told], edge: str, keys: Mapping[str, str], progress: Callable[[int], None] | None = None
) -> None:
    """Send everything to the edge at `edge` with each source's write key.

    `progress` hears how many are sent. Raises NotRunning where the edge stays silent for a minute, AmityError where it refuses.
    """
    import httpx

    limits = httpx.Limits(max_connections=LANES, max_keepalive_connections=LANES)
    async with httpx.AsyncClient(base_url=edge, timeout=30, limits=limits, trust_env=False) as client:
        for start in range(0, len(told), STRETCH):
            stretch = told[start : start + STRETCH]
            async with asyncio.TaskGroup() as group:
                for lane in range(LANES):
                    mine = [one for one in stretch if one.customer % LANES == lane]
                    group.create_task(_Lane(client, keys).send(mine))
            if progress:
                progress(start + len(stretch))


class _Lane:
    """Sends some customers' interactions one batch after the other. A batch has one source, for a write key is one source's."""

    def __init__(self, client: Any, keys: Mapping[str, str]) -> None:
        self._client, self._keys = client, keys
        self._open: dict[str, list[Told]] = {source: [] for source in keys}
        self._where: dict[int, str] = {}

    async def send(self, told: Sequence[Told]) -> None:
        for one in told:
            waiting = self._where.get(one.customer)
            if waiting is not None and waiting != one.source:
                await self._flush(waiting)  # or the customer's earlier interaction would arrive after this one
            self._open[one.source].append(one)
            self._where[one.customer] = one.source
            if len(self._open[one.source]) >= BATCH:
                await self._flush(one.source)
        for source in self._keys:
            await self._flush(source)

    async def _flush(self, source: str) -> None:
        batch, self._open[source] = self._open[source], []
        for one in batch:
            self._where.pop(one.customer, None)
        if batch:
            sent_at = from_ms(now_ms()).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            body = b'{"batch":[' + b",".join(one.body for one in batch) + b'],"sentAt":"' + sent_at.encode() + b'"}'
            await _post(self._client, self._keys[source], body)


async def _post(client: Any, key: str, body: bytes) -> None:
    import httpx

    waited, pause = 0.0, 0.2
    while True:
        try:
            answer = await client.post("/v1/batch", content=body, auth=(key, ""), headers={"Content-Type": "application/json"})
        except httpx.TransportError as error:
            problem: AmityError = NotRunning(
                f"Amity's edge does not answer at {client.base_url}: {error or type(error).__name__}"
            )
        else:
            if answer.status_code == httpx.codes.OK:
                return
            problem = AmityError(f"The edge refused the demo's interactions: {answer.status_code} {answer.text[:300]}")
            # 401: the edge learns of a new write key a moment after it is made.
            if answer.status_code not in {401, 408, 429} and answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                raise problem
            pause = max(pause, _asked_pause(answer.headers.get("retry-after", "")))
        if waited >= _PATIENCE:
            raise problem
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, 5.0)


def _asked_pause(header: str) -> float:
    return min(float(header), 10.0) if header.isdigit() else 0.0
