"""The process that compares: `python -m amity.rooms.customers.actions.matching.child FOLDER`, started by `run.py`.

It knows no engine's address and no secret; it reads `people` and `wanted` in a folder, writes `found` and `progress` there, and
takes no more memory, processors and disk than it was given. It ends when its parent does.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec

from amity.rooms.customers.actions.matching.engine import Limits, work
from amity.rooms.customers.rules.matching.records import record_from

_BESIDE_MB = 2_048  # for Python and what it loads, above what DuckDB may hold; memory that is only set aside counts, too


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is given beside the people: from which match weight on, and what it may take."""

    threshold: float
    memory_mb: int
    threads: int
    spill_mb: int
    most_found: int


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is, and once it is done what was learned."""

    doing: str = ""
    share: float = 0.0
    learned: dict[str, Any] | None = None


def main(folder: Path) -> None:
    """Compare the people of a folder."""
    wanted = msgspec.json.decode((folder / "wanted").read_bytes(), type=Wanted)
    _keep_within(wanted)
    Thread(target=_end_with_parent, daemon=True).start()

    def told(doing: str, share: float) -> None:
        _write(folder, Progress(doing=doing, share=share))

    told("Reading", 0.0)
    with (folder / "people").open("rb") as people, (folder / "records").open("wb") as records:
        for line in people:
            if (one := record_from(line)).tells:
                records.write(msgspec.json.encode(one) + b"\n")
    limits = Limits(memory_mb=wanted.memory_mb, threads=wanted.threads, spill_mb=wanted.spill_mb, most_found=wanted.most_found)
    learned, pairs = work(
        people=folder / "records", scratch=folder / "scratch", threshold=wanted.threshold, limits=limits, told=told
    )
    with (folder / "found").open("wb") as out:
        for pair in pairs:
            out.write(msgspec.json.encode(pair) + b"\n")
    _write(folder, Progress(doing="Comparing", share=1.0, learned=msgspec.to_builtins(learned)))


def _keep_within(wanted: Wanted) -> None:
    most = (wanted.memory_mb + _BESIDE_MB) * 1_048_576
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)


def _end_with_parent() -> None:
    os.read(0, 1)  # until the other end is closed, by whatever ends the parent; nothing is ever written there
    os._exit(3)


def _write(folder: Path, progress: Progress) -> None:
    new = folder / "progress.new"
    new.write_bytes(msgspec.json.encode(progress))
    new.replace(folder / "progress")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
