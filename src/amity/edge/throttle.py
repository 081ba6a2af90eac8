"""Token buckets: so many requests a second for each write key, with one second's worth of burst."""

from __future__ import annotations

import math
import time

from amity.edge.reply import Refused


class Throttle:
    """The buckets of this process, made when a key first sends."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str, rate: int, *, now: float | None = None) -> None:
        """Take one token from `key`'s bucket of `rate` a second (0: no limit). Raises Refused (429) when it is empty."""
        if rate <= 0:
            return
        now = time.monotonic() if now is None else now
        tokens, since = self._buckets.get(key, (float(rate), now))
        tokens = min(float(rate), tokens + (now - since) * rate)
        if tokens < 1:
            self._buckets[key] = (tokens, now)
            raise _too_many(rate)
        self._buckets[key] = (tokens - 1, now)


def _too_many(rate: int) -> Refused:
    wait = str(max(1, math.ceil(1 / rate)))
    return Refused(
        429,
        "too_many_requests",
        f"This write key may send {rate} requests a second. Send the same again after Retry-After seconds, or send larger batches.",
        headers=[
            ("retry-after", wait),
            ("x-ratelimit-limit", str(rate)),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", wait),
        ],
    )
