"""One run, from a fresh data folder to a verdict."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.chaos.clerk import Clerk
from bench.chaos.clients import Client, Ledger, Source
from bench.chaos.replay import last_sequence, take_log, work_clean
from bench.chaos.report import Report
from bench.chaos.schedule import early_moments, make_schedule
from bench.chaos.state import await_settled, read_state, read_stored
from bench.chaos.stories import Storyteller
from bench.chaos.strike import Striker
from bench.chaos.target import Broken, Target
from bench.chaos.verdict import Verdict, compare, judge, told

SETTLES = 300.0  # seconds that everything may take until it is worked, once clients are silent
EVENTS_A_BATCH = 3.5
_CLOCKS = {1: timedelta(hours=1), 4: timedelta(days=-400)}  # clients whose clocks are wrong


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a run is to do. `early`: how often the very first start is cut short by killing everything. `stops`: the share of faults that stop a process for `stop_seconds`; `rate`: events a second in all."""

    seed: int = 1
    kills: int = 100
    early: int = 3
    stops: float = 0.02
    stop_seconds: float = 30.0
    rate: float = 60.0
    workers: int = 1
    check_every: int = 100
    minutes: float = 180.0
    folder: Path | None = None
    progress: Path | None = None


def run(chosen: Chosen) -> tuple[Report, Verdict]:
    """Do it. Raises Broken, leaving the data folder for a look, where it can't go on; else the folder goes if all is good."""
    folder = Path(tempfile.mkdtemp(prefix="amity-chaos-", dir=chosen.folder))
    ledger = Ledger()
    shown = {name: value for name, value in asdict(chosen).items() if name not in {"folder", "progress"}}
    report = Report(chosen=shown, ledger=ledger, progress=chosen.progress)
    report.say(f"seed {chosen.seed}, {chosen.kills} faults, in {folder}")
    verdict: Verdict | None = None
    try:
        verdict = _Run(chosen, folder, ledger, report).go()
    finally:
        if verdict is not None and verdict.good:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            report.say(f"The data is kept in {folder}")
    return report, verdict


class _Run:
    def __init__(self, chosen: Chosen, folder: Path, ledger: Ledger, report: Report) -> None:
        self.chosen, self.folder, self.ledger, self.report = chosen, folder, ledger, report
        self.target, self.clean = (Target(folder / name, workers=chosen.workers) for name in ("tried", "clean"))
        self.striker = Striker(self.target, ledger, stop_seconds=chosen.stop_seconds)
        self.clients: list[Client | Clerk] = []
        self.deadline = time.monotonic() + chosen.minutes * 60

    def go(self) -> Verdict:
        """Hit it, let it settle, judge it, and hold it against a clean one."""
        try:
            self._send(self._begin())
            self._strike()
            self.clean.launch()
            self._silence()
            self._settle()
            self.report.say("settled; reading everything")
            state = read_state(self.target)
            logged = take_log(self.target, self.folder / "envelopes")
            self.target.end()
            verdict = judge(self.ledger, logged, state)
            self.report.say(f"found {verdict.numbers()}")
            self.report.say(f"{logged.envelopes} envelopes; working them in a clean Amity")
            compare(verdict, state, work_clean(self.clean, self.folder / "envelopes"), ordered=self.chosen.workers == 1)
        finally:
            self.striker.close()
            for client in self.clients:
                client.stopping.set()
            self.target.end()
            self.clean.end()
        self.report.say(told(verdict) or "nothing is lost, doubled or different")
        return verdict

    def _begin(self) -> list[Source]:
        """Bring it up for the first time. The clean one is a copy of its folder from before the first interaction."""
        for moment in early_moments(seed=self.chosen.seed, number=self.chosen.early):
            self.striker.cut_short(moment)
        self.target.launch()
        self.target.await_ready(seconds=120)
        sources = self.target.furnish()
        self.target.end()
        shutil.copytree(self.target.home, self.clean.home, dirs_exist_ok=True, symlinks=True)
        self.target.launch()
        self.target.await_ready(seconds=120)
        return sources

    def _send(self, sources: list[Source]) -> None:
        open_ones = [one for one in sources if one.write_key]
        crowd = [*open_ones, open_ones[0]]
        self.clients = [
            Client(
                edge=self.target.edge,
                source=source,
                stories=Storyteller(
                    name=f"c{n}", seed=self.chosen.seed, clock=_CLOCKS.get(n, timedelta()), rivals=self.chosen.workers == 1
                ),
                ledger=self.ledger,
                pause=len(crowd) * EVENTS_A_BATCH / self.chosen.rate,
            )
            for n, source in enumerate(crowd)
        ]
        own = [one for one in sources if not one.write_key]
        self.clients.append(
            Clerk(target=self.target, sources=own, ledger=self.ledger, seed=self.chosen.seed, pause=30 / self.chosen.rate)
        )
        for client in self.clients:
            client.start()
        if not self.ledger.await_requests(10, seconds=60):
            raise Broken(f"Nothing is acknowledged at all: {self.ledger.failed} {self.ledger.refused[:3]}")

    def _strike(self) -> None:
        faults = make_schedule(seed=self.chosen.seed, kills=self.chosen.kills, stops=self.chosen.stops)
        for fault, after in zip(faults, [*faults[1:], None], strict=True):
            self.report.add(self.striker.strike(fault, alone=after is None or not after.hasty))
            self.report.starts, self.report.gave_up = self.target.starts, self.target.gave_up
            if time.monotonic() > self.deadline:
                raise Broken(f"The time is over after {fault.number + 1} faults.")
            if broke := [f"{one.name}: {one.broke}" for one in self.clients if one.broke]:
                raise Broken(f"Clients broke: {broke}")
            if (fault.number + 1) % self.chosen.check_every == 0:
                self._check()

    def _check(self) -> None:
        """In the middle of a long run: what was acknowledged until now is there soon, and once."""
        acknowledged = set(self.ledger.acknowledged)
        self.target.await_ready(seconds=120)
        deadline = time.monotonic() + SETTLES
        while missing := acknowledged - (stored := read_stored(self.target)).keys():
            if time.monotonic() > deadline:
                raise Broken(f"{len(missing)} acknowledged are not stored after {SETTLES:.0f} s: {sorted(missing)[:5]}")
            time.sleep(1)
        if doubled := [key for key, number in stored.items() if number > 1]:
            raise Broken(f"{len(doubled)} are stored more than once: {doubled[:5]}")
        said = f"after {len(self.report.struck)} faults: {len(acknowledged)} acknowledged, all stored, none twice"
        self.report.checks.append(said)
        self.report.say(said)

    def _silence(self) -> None:
        for client in self.clients:
            client.stopping.set()
        for client in self.clients:
            client.join(20)

    def _settle(self) -> None:
        self.striker.close()
        self.target.await_ready(seconds=120)
        last = -1
        while last != (last := last_sequence(self.target)):  # the relay may have brought more meanwhile
            await_settled(self.target, until=last, seconds=SETTLES)


def result(report: Report, verdict: Verdict) -> dict[str, Any]:
    """Return what the report's file holds beside the summary."""
    return {
        "found": verdict.numbers(),
        "rows": verdict.rows,
        "good": verdict.good,
        "told": told(verdict),
        "gave_up": report.gave_up,
    }
