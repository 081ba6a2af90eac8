"""One clock for all bodies that are awaited."""

from __future__ import annotations

import asyncio
import gc

import pytest

from amity.edge.patience import Patience


async def wait(patience: Patience, ready: asyncio.Event) -> str:
    task = patience.begin()
    try:
        await ready.wait()
    except asyncio.CancelledError:
        if patience.ended(task):
            return "too late"
        raise
    finally:
        patience.end(task)
    return "in time"


async def test_who_waits_too_long_is_interrupted_and_nobody_else():
    patience, never, soon = Patience(0.2), asyncio.Event(), asyncio.Event()
    late, punctual = asyncio.create_task(wait(patience, never)), asyncio.create_task(wait(patience, soon))
    soon.set()
    assert await punctual == "in time"
    began = asyncio.get_running_loop().time()
    assert await late == "too late"
    assert 0.1 < asyncio.get_running_loop().time() - began < 60
    assert late.cancelling() == 0
    assert await asyncio.create_task(wait(patience, soon)) == "in time"  # its clock runs again, once somebody waits again


async def test_a_cancellation_from_elsewhere_goes_through():
    patience = Patience(60)
    task = asyncio.create_task(wait(patience, asyncio.Event()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not patience._until
    assert not patience._interrupted


async def test_nothing_is_held_of_those_who_are_done():
    patience, ready = Patience(60), asyncio.Event()
    ready.set()
    for _ in range(100):
        await asyncio.create_task(wait(patience, ready))
    gc.collect()
    assert not patience._until
