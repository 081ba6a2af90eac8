"""The live trickle: sends through the edge, over HTTP, what happens at Linden as it happens, until it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from amity.demo.ahead import FORGIVEN, Ahead
from amity.demo.pen import Entry
from amity.demo.record import Story, recall_sent, remember_sent
from amity.demo.sender import Sender
from amity.kernel.clock import HOUR, now_ms
from amity.kernel.errors import AmityError, NotRunning

STRETCH = 3 * HOUR  # what is worked out at once
LOOK = 10.0  # seconds
_PAUSE = 5.0

Keys = Callable[[], Sequence[str] | None]


async def trickle(*, folder: Path, story: Story, edge: str, keys: Keys) -> None:
    """Send for ever; return where the demo workspace is gone or its sources take nothing, which `keys` tells by None.

    Raises LookupError where the story can't go on, AmityError where the edge refuses what it sends.
    """
    ahead = Ahead(folder, story)
    while (found := keys()) is not None:
        after = max(recall_sent(folder, story), now_ms() - FORGIVEN)
        entries, until = ahead.between(after, max(after, now_ms()) + STRETCH)
        try:
            async with Sender(edge=edge, keys=found, seed=story.seed) as sender:
                await _send_when_due(sender, entries, lambda at: remember_sent(folder, story, at))
                await _quiet_until(sender, until)
        except AmityError:  # its keys aren't taken: have they changed?
            if keys() == found:
                raise
        else:
            remember_sent(folder, story, until)


async def _send_when_due(sender: Sender, entries: list[Entry], told: Callable[[int], None]) -> None:
    begun = 0
    while begun < len(entries):
        now = now_ms()
        ends = next((place for place in range(begun, len(entries)) if entries[place][0] > now), len(entries))
        if ends == begun:
            await _quiet_until(sender, entries[begun][0])
            continue
        try:
            await sender.send(entries[begun:ends])
        except NotRunning:  # the edge is away for a while
            await asyncio.sleep(_PAUSE)
            continue
        told(entries[ends - 1][0])
        begun = ends


async def _quiet_until(sender: Sender, instant: int) -> None:
    """Wait, and look now and then whether the keys are still taken: the demo may have gone meanwhile."""
    while (left := (instant - now_ms()) / 1000) > LOOK:
        await asyncio.sleep(LOOK)
        await sender.check()
    await asyncio.sleep(max(left, 0) + 0.001)
