"""Tells a person, in a line, when a child ends by itself and when it is back."""

from __future__ import annotations

from pathlib import Path

from amity.config.serving.terminal import Terminal
from amity.engines.supervisor.records import Process, State

_TELL_AT = {3, 10, 30, 100}  # fruitless starts after which it is told again


class Watch:
    """Hears of each child's states. Quiet about ordinary starts and stops."""

    def __init__(self, terminal: Terminal, logs: Path) -> None:
        self.terminal, self.logs = terminal, logs
        self._watching = False
        self._gone: set[str] = set()

    def begin(self) -> None:
        """From now on every child should be ready."""
        self._watching = True

    def end(self) -> None:
        """From now on children end because they are told to."""
        self._watching = False

    def tell(self, entry: Process, before: State) -> None:
        """Hear that a child has changed its state."""
        if entry.state == "ready" and entry.name in self._gone:
            self._gone.discard(entry.name)
            self.terminal.done(f"{entry.title} is back")
        elif entry.state == "waiting" and before != "waiting":
            if self._watching and entry.name not in self._gone:
                self._gone.add(entry.name)
                self.terminal.warn(f"{entry.title} {entry.last_exit}; it is started again")
            if entry.restarts in _TELL_AT and entry.up_since is None:
                self.terminal.warn(f"{entry.title} does not start: {self._last_line(entry)}")

    def _last_line(self, entry: Process) -> str:
        path = self.logs / f"{entry.name}.log"
        try:
            lines = path.read_bytes()[-4000:].decode("utf-8", "replace").strip().splitlines()
        except OSError:
            lines = []
        return f"{lines[-1][:300] if lines else entry.last_exit} ({path})"
