"""The disks that this data folder and the embedded engines in it write to: what is free, and whether that is enough to go on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from amity.engines.supervisor.records import read_holder
from amity.kernel.settings import Settings

ENOUGH = 64_000_000  # bytes: room for a few of PostgreSQL's segments and an insert of the past's
LITTLE = 1_000_000_000  # bytes: below this it is time to warn
ENGINES = {"log": "NATS", "present": "PostgreSQL", "past": "ClickHouse"}


@dataclass(frozen=True, kw_only=True)
class Disk:
    """One disk: a path on it, bytes, the embedded engines whose data it holds, and what those need free to go on."""

    path: str
    free: int
    total: int
    engines: tuple[str, ...] = ()
    needs: int = 0

    @property
    def used(self) -> int:
        """Bytes that are taken, by whatever."""
        return self.total - self.free

    @property
    def percent(self) -> int:
        """The share that is taken, of a hundred."""
        return round(100 * self.used / self.total) if self.total else 100

    @property
    def full(self) -> bool:
        """Whether an engine on it can't go on, or is kept from filling the rest."""
        return self.free < self.needs

    @property
    def problem(self) -> str:
        """A sentence for people that says what to do; empty while there is space."""
        if self.full:
            kinds = " and ".join(ENGINES[name] for name in self.engines)
            return (
                f"No space left for {kinds} on the disk of {self.path}: {size(self.free)} free, {size(self.needs)} needed. Free at "
                f"least {size(self.needs - self.free)}; everything goes on by itself then. {self._meanwhile}"
            )
        return f"Only {size(self.free)} are free on the disk of {self.path}." if self.free < LITTLE else ""

    @property
    def _meanwhile(self) -> str:
        if "log" in self.engines:
            return "What can't be stored meanwhile is answered 503, and clients send it again."
        return "Until then interactions are still collected and wait in the log."


def look_at_disks(chosen: Settings) -> tuple[Disk, ...]:
    """Return the data folder's disk, then those of embedded engines that lie on others."""
    places = {"": existing(chosen.home)} | {name: chosen.home / name for name in embedded(chosen)}
    by_device: dict[int, list[tuple[str, Path]]] = {}
    for name, path in places.items():
        if path.exists():
            by_device.setdefault(path.stat().st_dev, []).append((name, path))
    return tuple(_disk(chosen, held) for held in by_device.values())


def log_disk_full(chosen: Settings) -> bool:
    """Whether the embedded log can't be written for want of space."""
    return any(disk.full and "log" in disk.engines for disk in look_at_disks(chosen))


def embedded(chosen: Settings) -> tuple[str, ...]:
    """Return which engines the supervisor of this data folder runs itself, or did last."""
    holder = read_holder(chosen.run)
    return tuple(name for name in ENGINES if holder is not None and name in holder.ports)


def free_on(path: Path) -> int:
    """Return the bytes that are free where `path` is, or would be."""
    return shutil.disk_usage(existing(path)).free


def existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists."""
    while not path.exists():
        path = path.parent
    return path


def size(count: int) -> str:
    """Return bytes as text for people."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _disk(chosen: Settings, held: list[tuple[str, Path]]) -> Disk:
    engines = tuple(name for name, _ in held if name)
    usage = shutil.disk_usage(held[0][1])
    needs = max(ENOUGH, chosen.disk_reserve if "log" in engines else 0) if engines else 0
    return Disk(path=str(held[0][1]), free=usage.free, total=usage.total, engines=engines, needs=needs)
