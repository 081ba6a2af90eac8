"""What a run says of itself: a line for each fault, a summary that is always up to date, and the report at its end."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.chaos.clients import Ledger
from bench.chaos.strike import Struck
from bench.chaos.verdict import Verdict


class Report:
    """Collects what happens. `summary()` may be asked at any time."""

    def __init__(self, *, chosen: dict[str, Any], ledger: Ledger, progress: Path | None) -> None:
        self.chosen, self.ledger, self.progress = chosen, ledger, progress
        self.begun_at, self.begun = datetime.now(UTC), time.monotonic()
        self.struck: list[Struck] = []
        self.checks: list[str] = []
        self.starts = 0
        self.minutes = 0.0  # that the faults took
        self.commit = commit()
        self.gave_up: list[str] = []

    def say(self, text: str) -> None:
        """Print a line with the time."""
        print(f"{datetime.now(UTC):%H:%M:%S} {text}", flush=True)

    def add(self, struck: Struck) -> None:
        """Note a fault."""
        self.struck.append(struck)
        self.minutes = (time.monotonic() - self.begun) / 60
        fault = struck.fault
        what = f"{fault.how} {fault.victim}{f' ({fault.part})' if fault.part else ''}"
        after = "" if struck.silence is None else f": silent for {struck.silence:.1f} s, ready after {struck.ready:.1f} s"
        missed = "" if struck.pids else ": it did not run"
        self.say(f"#{fault.number + 1} {what}{' in haste' if fault.hasty else ''}{after}{missed}")
        if self.progress and (len(self.struck) % 10 == 0 or fault.number < 10):
            self.write(self.progress, {})

    def summary(self) -> dict[str, Any]:
        """Return everything that is known so far."""
        return {
            "begun_at": self.begun_at.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self.begun),
            **self.chosen,
            "faults": len(self.struck),
            "by_victim": dict(Counter(one.fault.victim for one in self.struck if one.pids)),
            "stopped": sum(one.fault.how == "stop" for one in self.struck),
            "hasty": sum(one.fault.hasty for one in self.struck),
            "missed": sum(not one.pids for one in self.struck),
            "supervisor_starts": self.starts,
            "supervisor_gave_up": len(self.gave_up),
            "sent": len(self.ledger.fate),
            "acknowledged": len(self.ledger.acknowledged),
            "requests_acknowledged": self.ledger.requests,
            "requests_failed": dict(self.ledger.failed),
            "checks": self.checks,
            "recovery": recovery(self.struck),
            "machine": machine(),
            "commit": self.commit,
        }

    def write(self, path: Path, more: dict[str, Any]) -> None:
        """Write the summary, replacing the file at once."""
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({**self.summary(), **more}, indent=1, default=str) + "\n")
        fresh.replace(path)

    def table(self, verdict: Verdict) -> str:
        """Return the result as Markdown."""
        s, n = self.summary(), verdict.numbers()
        victims = ", ".join(f"{name} {number}" for name, number in sorted(s["by_victim"].items(), key=lambda pair: -pair[1]))
        rows = [
            ("date, seed", f"{self.begun_at:%Y-%m-%d %H:%M} UTC, {self.chosen['seed']}"),
            (
                "faults",
                f"{s['faults']} in {self.minutes:.0f} min: {victims}; of these {s['stopped']} stops, {s['hasty']} in haste",
            ),
            ("acknowledged", f"{s['acknowledged']:,} interactions in {s['requests_acknowledged']:,} requests"),
            ("attempts that failed and were repeated", f"{sum(s['requests_failed'].values()):,}"),
            ("lost, doubled, invented", f"{n['lost']}, {n['doubled']}, {n['invented']}"),
            ("misplaced, miscounted, refused", f"{n['misplaced']}, {n['miscounted']}, {n['refused']}"),
            ("present and past of it disagree", f"{n['disagreeing']}"),
            ("rows unlike a clean replay's", f"{n['differing']} of {sum(verdict.rows.values()):,}"),
            ("machine, commit", f"{s['machine']}; {s['commit']}"),
        ]
        lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
        lines += [
            "| hit | times measured | nothing acknowledged for, median (most) | all ready after, median (most) |",
            "|---|---|---|---|",
        ]
        for name, one in s["recovery"].items():
            first, second = one["silence"], one["ready"]
            lines.append(f"| {name} | {one['times']} | {first[0]} s ({first[1]} s) | {second[0]} s ({second[1]} s) |")
        return "\n".join(lines)


def recovery(struck: list[Struck]) -> dict[str, Any]:
    """Return median and most seconds of silence and until all was ready, for each kind of fault that was waited for.

    A fault that came before the last one was recovered from counts as one of several at once, whatever it was.
    """
    kinds: dict[str, list[Struck]] = {}
    for one in struck:
        if one.silence is not None and one.pids:
            kinds.setdefault(_kind(one), []).append(one)
    return {
        name: {
            "times": len(some),
            "silence": _median_and_most([one.silence or 0.0 for one in some]),
            "ready": _median_and_most([one.ready or 0.0 for one in some]),
        }
        for name, some in sorted(kinds.items())
    }


def _kind(one: Struck) -> str:
    if one.fault.hasty:
        return "several at once"
    return f"{one.fault.victim}{' (stopped)' if one.fault.how == 'stop' else ''}"


def machine() -> str:
    """Return what this ran on, and how busy it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, load {os.getloadavg()[2]:.1f}"


def commit() -> str:
    """Return the commit that is tried."""
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"


def _median_and_most(values: list[float]) -> list[float]:
    return [round(statistics.median(values), 1), round(max(values), 1)]
