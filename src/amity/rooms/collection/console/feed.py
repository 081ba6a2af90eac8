"""Interactions as the workers tell of them: one subscription a workspace, shared by everyone who watches.

The last few hundred are remembered, so that one of them can be opened with its way through the pipeline.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import msgspec

REMEMBERED = 400
WAITING = 1_000
BEAT = 2.5
GATHER = 0.25


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One interaction as a worker worked it. Times in ms since 1970; steps are (name, outcome, microseconds)."""

    key: str
    message_id: str = ""
    time: int = 0
    received_at: int = 0
    name: str = ""
    type: str = ""
    channel: str = ""
    source_id: int = 0
    customer_id: str | None = None
    outcome: str = "accepted"
    detail: str = ""
    steps: tuple[tuple[str, str, int], ...] = ()
    body: Any = None
    flags: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it went all the way."""
        return self.outcome == "accepted"

    @property
    def who(self) -> str:
        """The identifier that it carries itself."""
        return next(iter(self.ids), "")

    @property
    def ids(self) -> list[str]:
        """Every identifier that it carries itself, the strongest first."""
        body = self.body if isinstance(self.body, dict) else {}
        return [found for name in ("userId", "anonymousId") if isinstance(found := body.get(name), str) and found]


_decoder = msgspec.json.Decoder(list[Seen])


class Channel:
    """What one workspace's workers tell, passed on to each listener. Lives while someone listens."""

    def __init__(self) -> None:
        self.recent: deque[Seen] = deque(maxlen=REMEMBERED)
        self.listeners: set[asyncio.Queue[Seen]] = set()
        self.subscription: Any = None

    async def hear(self, message: Any) -> None:
        """Take one message of the log engine; whoever is too slow loses the oldest, not the newest."""
        try:
            heard = _decoder.decode(message.data)
        except msgspec.MsgspecError:
            return
        self.recent.extend(heard)
        for queue in self.listeners:
            for one in heard:
                if queue.full():
                    queue.get_nowait()
                queue.put_nowait(one)


_channels: dict[int, Channel] = {}
_logs: dict[asyncio.AbstractEventLoop, Any] = {}
_lock: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}


async def listen(workspace_id: int) -> AsyncIterator[list[Seen]]:
    """Yield what arrives in a workspace, a few times a second; an empty list every few seconds when nothing does.

    Raises NotRunning if the log does not answer. Leaving the loop ends the subscription when nobody else listens.
    """
    channel = _channels.setdefault(workspace_id, Channel())
    queue: asyncio.Queue[Seen] = asyncio.Queue(WAITING)
    channel.listeners.add(queue)
    try:
        async with _lock.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            if channel.subscription is None:
                client = (await _log()).client
                channel.subscription = await client.subscribe(f"amity.live.{workspace_id}", cb=channel.hear)
                await client.flush()
        yield []
        while True:
            yield await _gather(queue)
    finally:
        channel.listeners.discard(queue)
        if not channel.listeners and channel.subscription is not None:
            subscription, channel.subscription = channel.subscription, None
            await subscription.unsubscribe()


def recall(workspace_id: int, key: str) -> Seen | None:
    """Return an interaction that was seen a moment ago, with its steps; None if it is no longer remembered."""
    channel = _channels.get(workspace_id)
    return next((one for one in reversed(list(channel.recent)) if one.key == key), None) if channel else None


async def _gather(queue: asyncio.Queue[Seen]) -> list[Seen]:
    try:
        found = [await asyncio.wait_for(queue.get(), BEAT)]
    except TimeoutError:
        return []
    await asyncio.sleep(GATHER)
    while not queue.empty():
        found.append(queue.get_nowait())
    return found


async def _log() -> Any:
    from amity.engines.addresses import addresses
    from amity.engines.log.client import Log

    loop = asyncio.get_running_loop()
    for old in [one for one in _logs if one.is_closed()]:
        del _logs[old]
    if loop not in _logs:
        _logs[loop] = await Log.connect(addresses().log, name="console")
    return _logs[loop]
