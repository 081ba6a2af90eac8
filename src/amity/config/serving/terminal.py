"""What `amity serve` tells a person: one line for each thing done, and on a terminal one moving line for what it waits for."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import TextIO

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PLAIN_EVERY = 10.0


class Terminal:
    """Lines and waits. Plain text where output is no terminal: no colours, no moving line, a word every ten seconds."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.live = self.out.isatty()
        self._waits: dict[int, tuple[str, float, Callable[[], str]]] = {}
        self._shown = False

    def line(self, text: str = "") -> None:
        """Write a line, above the moving one."""
        self._clear()
        with contextlib.suppress(OSError, ValueError):  # the terminal may be gone; Amity still runs
            print(text, file=self.out, flush=True)

    def done(self, text: str, seconds: float | None = None) -> None:
        """Write that something is done, and how long it took if that was more than a moment."""
        took = f"  {seconds:.1f} s" if seconds is not None and seconds >= 0.1 else ""
        self.line(f"  {self._paint('✓', '32')} {text}{self._paint(took, '2')}")

    def warn(self, text: str) -> None:
        """Write something that a person should know."""
        self.line(f"  {self._paint('!', '33')} {text}")

    def strong(self, text: str) -> str:
        """Return `text` as it stands out on a terminal."""
        return self._paint(text, "1")

    @contextlib.asynccontextmanager
    async def step(self, text: str, *, done: str | None = None, detail: Callable[[], str] = str) -> AsyncIterator[None]:
        """Show that `text` is waited for, with what `detail()` says of it; write it as done afterwards."""
        begun = time.monotonic()
        key = id(object())
        while key in self._waits:
            key += 1
        self._waits[key] = (text, begun, detail)
        mover = asyncio.create_task(self._move(text, begun, detail))
        try:
            yield
        finally:
            del self._waits[key]
            mover.cancel()
            self._clear()
        self.done(done or text, time.monotonic() - begun)

    async def _move(self, text: str, begun: float, detail: Callable[[], str]) -> None:
        if not self.live:
            while True:
                await asyncio.sleep(_PLAIN_EVERY)
                more = f": {said}" if (said := detail()) else ""
                self.line(f"  … {text}, {time.monotonic() - begun:.0f} s so far{more}")
        while True:
            await asyncio.sleep(0.1)
            self._draw()

    def _draw(self) -> None:
        now = time.monotonic()
        parts = []
        for text, begun, detail in self._waits.values():
            said = f" ({said})" if (said := detail()) and now - begun > 2 else ""
            parts.append(f"{text}{said} {now - begun:.0f} s")
        frame = _FRAMES[int(now * 10) % len(_FRAMES)]
        shown = f"  {frame} {', '.join(parts)}"[:110]
        with contextlib.suppress(OSError, ValueError):
            self.out.write(f"\r\x1b[2K{self._paint(shown, '2')}")
            self.out.flush()
        self._shown = True

    def _clear(self) -> None:
        if self._shown:
            with contextlib.suppress(OSError, ValueError):
                self.out.write("\r\x1b[2K")
            self._shown = False

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.live and text else text
