"""Keeps one child running: starts it, takes its output, asks after its health, starts it again when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.logfile import LogFile
from amity.engines.supervisor.records import Process, State, started
from amity.engines.supervisor.spec import Answer, Child
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 15.0
_WORTH = 10.0  # a life so many times as long as the pause before it was no failed start
_QUICK, _CALM = 0.05, 1.0  # between checks of a child that isn't ready: at first, and when that takes long


class Keeper:
    """One child over its many lives. `entry` is its row of the record; `changed` is called after each change of it, with its state before."""

    def __init__(self, child: Child, *, logs: Path, changed: Callable[[Process, State], None]) -> None:
        self.child = child
        self.entry = Process(name=child.name, title=child.title, since=now_ms())
        self.ready = asyncio.Event()
        self._changed = changed
        self._log = LogFile(logs / f"{child.name}.log")
        self._popen: subprocess.Popen[bytes] | None = None
        self._exited = asyncio.Event()
        self._stopping = False
        self._ready_at: float | None = None
        self._pipes: dict[int, Callable[[], bool]] = {}

    async def run(self) -> None:
        """Keep the child running until `stop`. Never returns before."""
        pause = 0.0
        while not self._stopping:
            self._ready_at = None
            try:
                await self._clear()
                self._spawn()
            except (OSError, subprocess.SubprocessError, AmityError) as error:
                self._enter("waiting", f"can't be started: {error}")
            else:
                await self._watch()
            if self._stopping:
                return
            served = 0.0 if self._ready_at is None else time.monotonic() - self._ready_at
            pause = next_pause(pause, served=served)
            self.entry.restarts += 1
            self._enter("waiting", f"{self.entry.last_exit or self.entry.detail}; starts again in {pause:.1f} s")
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """Ask the child to end, make it end when its time is over."""
        self._stopping = True
        if self._popen is None or self._exited.is_set():
            self._enter("stopped")
            return
        self._enter("stopping")
        self._send(self.child.stop)
        try:
            async with asyncio.timeout(self.child.stop_within):
                await self._exited.wait()
        except TimeoutError:
            self.kill()
            await self._exited.wait()
        self._ended()
        self._enter("stopped")

    def kill(self) -> None:
        """End the child at once."""
        self._stopping = True
        self._send(signal.SIGKILL)

    def close(self) -> None:
        """Take the last output and close the log file, once the child has ended."""
        for take in list(self._pipes.values()):
            while take():
                pass
        for fd in list(self._pipes):
            self._drop(fd)
        self._log.close()

    async def _clear(self) -> None:
        if self.child.clear is not None and self.entry.restarts:
            await asyncio.to_thread(self.child.clear)

    def _spawn(self) -> None:
        reading, writing = os.pipe2(os.O_CLOEXEC)
        try:
            self._popen = subprocess.Popen(
                list(self.child.command),
                env={**os.environ, **self.child.env},
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                preexec_fn=before_exec(ordinary=self.child.ordinary, sign=self.child.when_orphaned),
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self._exited = asyncio.Event()
        self._take_output(reading)
        self._notice_exit(self._popen)
        self.entry.pid, self.entry.started = self._popen.pid, started(self._popen.pid)
        self._enter("starting")

    async def _watch(self) -> None:
        """Ask after the child until it has ended; end it when it has been down for longer than its patience."""
        assert self._popen is not None  # noqa: S101
        patience, down_since = self.child.first_patience, 0.0
        while not self._exited.is_set():
            answer = await self._unless_exited(self.child.check())
            if answer is None:
                break
            if answer.state == "down":
                # Since it was first found down, not since it was last found alive: in between we may have been stopped ourselves.
                down_since = down_since or time.monotonic()
                if answer.restart and not self._stopping:
                    self._enter("down", answer.detail)
                    await self._end()
                    break
                if time.monotonic() - down_since > patience and not self._stopping:
                    self._enter("down", f"no sign of life for {patience:.0f} s: {answer.detail}")
                    await self._end()
                    break
            else:
                down_since = 0.0
            self._note(answer)
            if self.entry.state == "ready":
                patience = self.child.patience
            await self._unless_exited(asyncio.sleep(self._until_next_check()))
        await self._exited.wait()
        self._ended()

    def _until_next_check(self) -> float:
        if self.entry.state == "ready":
            return self.child.check_every
        return min(_CALM, max(_QUICK, (now_ms() - self.entry.since) / 1000 * 0.05))

    def _ended(self) -> None:
        assert self._popen is not None  # noqa: S101
        self.ready.clear()
        self.entry.pid, self.entry.up_since = None, None
        self.entry.last_exit = _how(self._popen.wait())

    def _note(self, answer: Answer) -> None:
        if self._stopping or (answer.state == "down" and self.entry.state == "starting"):
            return
        if answer.state == "ready":
            self.ready.set()
            self._ready_at = self._ready_at or time.monotonic()
            self.entry.up_since = self.entry.up_since or now_ms()
        else:
            self.ready.clear()
        self._enter(answer.state, answer.detail)

    async def _end(self) -> None:
        self._send(self.child.stop)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.child.stop_within):
                await self._exited.wait()
        self._send(signal.SIGKILL)

    async def _unless_exited(self, work: object) -> Answer | None:
        """Wait for `work`, but not beyond the child's end; None then."""
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        gone = asyncio.ensure_future(self._exited.wait())
        try:
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() and not self._exited.is_set() else None
        finally:
            for one in (task, gone):
                if not one.done():
                    one.cancel()
            await asyncio.gather(task, gone, return_exceptions=True)

    def _send(self, sign: signal.Signals) -> None:
        if self._popen is not None and self._popen.poll() is None:
            if sign == signal.SIGKILL and self.child.when_orphaned == signal.SIGQUIT:
                self._popen.send_signal(signal.SIGQUIT)
            self._popen.send_signal(sign)

    def _enter(self, state: State, detail: str = "") -> None:
        if (self.entry.state, self.entry.detail) == (state, detail) and state != "starting":
            return
        if self.entry.state != state:
            self.entry.since = now_ms()
        before, self.entry.state, self.entry.detail = self.entry.state, state, detail
        self._changed(self.entry, before)

    def _take_output(self, fd: int) -> None:
        """Move what the child writes to its log file, for as long as anyone holds the pipe's other end."""
        os.set_blocking(fd, False)
        with contextlib.suppress(OSError, AttributeError):
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 1 << 20)

        def take() -> bool:
            try:
                data = os.read(fd, 1 << 16)
            except BlockingIOError:
                return False
            if not data:
                self._drop(fd)
                return False
            self._log.write(data)
            return True

        self._pipes[fd] = take
        asyncio.get_running_loop().add_reader(fd, take)

    def _drop(self, fd: int) -> None:
        if self._pipes.pop(fd, None) is not None:
            asyncio.get_running_loop().remove_reader(fd)
            os.close(fd)

    def _notice_exit(self, popen: subprocess.Popen[bytes]) -> None:
        loop, exited = asyncio.get_running_loop(), self._exited
        try:
            fd = os.pidfd_open(popen.pid)
        except (AttributeError, OSError):
            loop.create_task(_poll(popen, exited))
            return

        def noticed() -> None:
            loop.remove_reader(fd)
            os.close(fd)
            popen.wait()
            exited.set()

        loop.add_reader(fd, noticed)


def next_pause(pause: float, *, served: float) -> float:
    """Return for how many seconds to wait before the next start, given the pause before the last one.

    It doubles while starts are in vain. A child that had been ready for long enough (`served` seconds) starts again at once.
    """
    return _FIRST_PAUSE if not pause or served >= pause * _WORTH else min(pause * 2, _LONGEST_PAUSE)


async def _poll(popen: subprocess.Popen[bytes], exited: asyncio.Event) -> None:
    while popen.poll() is None:  # noqa: ASYNC110  a kernel without pidfd tells in no other way
        await asyncio.sleep(0.05)
    exited.set()


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"
