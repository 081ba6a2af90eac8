"""Token buckets: so many a second for each name, and a few seconds' worth at once."""

from __future__ import annotations

from threading import Lock

BURST = 5.0
"""How many seconds' worth a bucket holds."""


class Buckets:
    """The buckets of this process, made when a name first takes. The caller says what time it is, in seconds."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, name: str, *, rate: int, now: float) -> float:
        """Take one from the bucket of `name` (0 a second: no limit); return 0, or the seconds until there is one again."""
        if rate <= 0:
            return 0.0
        full = rate * BURST
        with self._lock:
            left, since = self._left.get(name, (full, now))
            left = min(full, left + (now - since) * rate)
            enough = left >= 1
            self._left[name] = (left - 1 if enough else left, now)
        return 0.0 if enough else (1 - left) / rate
