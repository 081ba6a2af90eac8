"""Does to Amity what a fault says, and measures how long it takes until everything flows again."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer

from amity.engines.supervisor.records import started
from bench.chaos.clients import Ledger
from bench.chaos.schedule import Fault
from bench.chaos.target import Broken, Target

APPEARS = 20.0  # seconds for which a victim that doesn't run yet is waited for
RECOVERS = 120.0  # seconds after which a fault that wasn't recovered from is a failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """What became of a fault. `silence` is the longest time in seconds, from the blow on, in which no request was acknowledged;
    `ready` the time until everything was ready, a stopped process from when it went on. None where the next fault came before.
    """

    fault: Fault
    pids: int
    silence: float | None = None
    ready: float | None = None


class Striker:
    """Carries out one fault after the other."""

    def __init__(self, target: Target, ledger: Ledger, *, stop_seconds: float) -> None:
        self.target, self.ledger, self.stop_seconds = target, ledger, stop_seconds
        self.timers: list[Timer] = []

    def strike(self, fault: Fault, *, alone: bool) -> Struck:
        """Wait for the moment, do it, and, where it comes `alone` (the next one waits), until it is recovered from."""
        self._await_moment(fault)
        pids = self._victims(fault)
        self.ledger.listen()
        instant = time.monotonic()
        for pid in pids[1:] if fault.part == "orphans" else ():
            _send(pid, signal.SIGSTOP)
        for pid in pids[:1] if fault.part == "orphans" else pids:
            _send(pid, signal.SIGSTOP if fault.how == "stop" else signal.SIGKILL)
        if fault.how == "stop":
            self._continue_later(pids, self.stop_seconds * fault.stretch)
        elif fault.victim in {"supervisor", "everything"}:
            self.target.process.wait(10)
            self.target.launch()
        if not alone:
            return Struck(fault=fault, pids=len(pids))
        return self._recover(fault, pids, instant)

    def cut_short(self, seconds: float) -> None:
        """Start Amity, and kill all of it so many seconds later, when its data folder is half made."""
        self.target.launch()
        time.sleep(seconds)
        for pid in self.target.pids_of("everything"):
            _send(pid, signal.SIGKILL)
        self.target.process.wait(10)

    def close(self) -> None:
        """Let everything that is stopped go on."""
        for timer in self.timers:
            timer.cancel()
            timer.function()

    def _await_moment(self, fault: Fault) -> None:
        if fault.after_acks:
            self.ledger.await_requests(self.ledger.requests + fault.after_acks, seconds=5)
        else:
            time.sleep(fault.after_seconds)

    def _victims(self, fault: Fault) -> list[int]:
        """Return the victim's processes, as soon as there are some: one that is just being started again is hit in its start."""
        deadline = time.monotonic() + APPEARS
        while True:
            self.target.revive()
            pids = self.target.pids_of(fault.victim, fault.part)
            if pids and (fault.part == "backend" or fault.victim == "worker"):
                return [random.Random(fault.draw).choice(pids)]
            if pids or time.monotonic() > deadline:
                return pids
            time.sleep(0.01)

    def _continue_later(self, pids: list[int], seconds: float) -> None:
        stopped = {pid: started(pid) for pid in pids}

        def go_on() -> None:
            for pid, begun in stopped.items():
                if started(pid) == begun != "":
                    _send(pid, signal.SIGCONT)

        timer = Timer(seconds, go_on)
        timer.daemon = True
        timer.start()
        self.timers = [*(one for one in self.timers if one.is_alive()), timer]

    def _recover(self, fault: Fault, pids: list[int], blow: float) -> Struck:
        if fault.how == "stop":
            time.sleep(self.stop_seconds * fault.stretch)
        instant, ready = time.monotonic(), 0.0
        while not (ready and self.ledger.await_after(instant, seconds=0.02)):
            self.target.revive()
            if not ready and self._is_back(fault, pids):
                ready = time.monotonic() - (instant if fault.how == "stop" else blow)
            if time.monotonic() - instant > RECOVERS:
                missing = "No request is acknowledged" if ready else "Not all is ready"
                raise Broken(f"{missing} {RECOVERS:.0f} s after {fault}; see {self.target.home}")
            if not ready:
                time.sleep(0.02)
        return Struck(fault=fault, pids=len(pids), silence=self.ledger.silence(blow), ready=ready)

    def _is_back(self, fault: Fault, pids: list[int]) -> bool:
        """Whether everything is ready, by processes other than those that were killed. (A backend's end is PostgreSQL's own affair.)"""
        return self.target.is_ready(without=() if fault.how == "stop" or fault.part == "backend" else pids)


def _send(pid: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sign)
