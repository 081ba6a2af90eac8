"""Wait for a condition instead of sleeping for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(look: Callable[[], T | None], *, seconds: float = 120, every: float = 0.1) -> T:
    """Call `look` until it returns something true, and return that; fail after `seconds`, a bound for what hangs."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds} s in vain for {getattr(look, '__qualname__', look)}; last seen: {found!r}")
        time.sleep(every)
