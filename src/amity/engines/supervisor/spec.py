"""What the supervisor is told of each child: how to start it, how to see that it works, how to end it."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check found.

    `ready`: does its work. `busy`: alive and on its way (recovering, waiting for an engine), to be waited for without limit.
    `down`: no sign of life, or one that only a restart mends. `detail` says more to a person. `restart`: nothing else mends
    it and it would work again, so no patience is owed.
    """

    state: Literal["ready", "busy", "down"]
    detail: str = ""
    restart: bool = False


READY = Answer("ready")
Check = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, kw_only=True)
class Child:
    """One process to keep running. Durations are seconds."""

    name: str
    title: str
    command: Sequence[str]
    check: Check
    env: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    stop: signal.Signals = signal.SIGTERM
    stop_within: float = 4.0
    clear: Callable[[], None] | None = None  # done before it is started again: ends what its earlier life left behind
    ordinary: bool = False
    when_orphaned: signal.Signals = signal.SIGKILL
    patience: float = 30.0  # how long it may be down before it is ended and started again
    first_patience: float = 120.0  # the same for its first minutes, when a cold disk makes everything slow
    check_every: float = 5.0
    stop_rank: int = 0  # lower ranks are stopped first: the edge, so that nothing new comes; the engines last
