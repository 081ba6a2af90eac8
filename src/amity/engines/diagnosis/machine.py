"""What the doctor finds about the machine, whether Amity runs or not."""

from __future__ import annotations

import os
import platform
import resource
import stat
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from amity.engines.backup.erased import NAME, missing, read, unreadable
from amity.engines.backup.noted import last_backup
from amity.engines.diagnosis.finding import Finding
from amity.engines.health import Health
from amity.engines.supervisor.leash import way_to_drop_root
from amity.kernel.clock import DAY, from_ms, now_ms
from amity.kernel.settings import Settings

GB = 1_000_000_000
_LIST = "List of who was erased"
_OLD_BACKUP = 8  # days; who backs up weekly is not nagged


def look_at_machine(chosen: Settings, health: Health) -> Iterator[Finding]:
    """Python, packages, folders, backup, list of who was erased, disk, memory, limits, root."""
    yield Finding(about="Python", state="ok", text=f"{platform.python_version()} at {sys.executable}")
    yield from _packages()
    yield from _folders(chosen)
    yield from _backup(chosen)
    yield from _erased(chosen)
    yield from _disks(chosen, health)
    yield _memory()
    yield _open_files()
    yield from _root(chosen)


def _packages() -> Iterator[Finding]:
    from packaging.requirements import Requirement

    wanted = [Requirement(text) for text in requires("amity") or []]
    bad = []
    for one in wanted:
        if one.marker is not None and not one.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(one.name)
        except PackageNotFoundError:
            bad.append(f"{one.name} is missing")
        else:
            if not one.specifier.contains(found, prereleases=True):
                bad.append(f"{one.name} is {found}, wanted {one.specifier}")
    if bad:
        yield Finding(
            about="Packages",
            state="broken",
            text="; ".join(bad),
            mend="Install again what is locked: remove .venv and run bin/run.",
        )
    else:
        yield Finding(about="Packages", state="ok", text=f"Amity {version('amity')} and all it needs")


def _folders(chosen: Settings) -> Iterator[Finding]:
    home = chosen.home
    if not home.exists():
        yield Finding(about="Data folder", state="ok", text=f"{home} does not exist yet; amity serve makes it")
        return
    loose = [str(one) for one in (home, chosen.run, chosen.secrets) if one.exists() and stat.S_IMODE(one.stat().st_mode) & 0o077]
    loose += [str(one) for one in chosen.secrets.glob("*") if stat.S_IMODE(one.stat().st_mode) & 0o077]
    if home.stat().st_uid != os.geteuid():
        yield Finding(about="Data folder", state="broken", text=f"{home} belongs to user id {home.stat().st_uid}, not to you ({os.geteuid()})",
                      mend="Run Amity as that user, or choose another folder with AMITY_HOME.")  # fmt: skip
    elif not _writable(home):
        yield Finding(
            about="Data folder",
            state="broken",
            text=f"{home} can't be written",
            mend="Make it writable, or choose another with AMITY_HOME.",
        )
    elif loose:
        yield Finding(
            about="Data folder", state="warning", text=f"others may read {', '.join(loose[:3])}", mend=f"chmod -R go= {home}"
        )
    else:
        yield Finding(about="Data folder", state="ok", text=str(home))


def _backup(chosen: Settings) -> Iterator[Finding]:
    if not chosen.home.exists():
        return
    last = last_backup(chosen)
    if last is None:
        yield Finding(about="Backup", state="ok", text="none was made of this folder yet: amity backup FILE")
        return
    days = (now_ms() - last.instant) / DAY
    text = f"{last.file}, {last.bytes / 1e6:,.1f} MB, of {from_ms(last.instant):%Y-%m-%d %H:%M} UTC"
    if days > _OLD_BACKUP:
        yield Finding(
            about="Backup",
            state="warning",
            text=f"{text}: {days:.0f} days ago",
            mend="See why the schedule stopped: amity backup FILE",
        )
    else:
        yield Finding(about="Backup", state="ok", text=text)


def _erased(chosen: Settings) -> Iterator[Finding]:
    """The list of who was erased: a restore brings back whom it doesn't name."""
    if not chosen.home.exists():
        return
    last = last_backup(chosen)
    beside = Path(last.file).parent if last else chosen.home
    try:
        lines, bad = read(chosen.home), unreadable(chosen.home)
        lacking = len(missing(beside, lines)) if beside.is_dir() else 0
    except OSError as error:
        yield Finding(about=_LIST, state="broken", text=f"{NAME} can't be read: {error.strerror}",
                      mend=f"Make {chosen.home / NAME} and the one beside the last backup readable to you.")  # fmt: skip
        return
    if bad:
        yield Finding(about=_LIST, state="broken", text=f"{bad} of {len(lines) + bad} lines of {chosen.home / NAME} can't be read",
                      mend="While Amity runs, amity backup FILE writes again what the database knows; then delete the damaged lines.")  # fmt: skip
    elif lacking:
        yield Finding(about=_LIST, state="warning", text=f"{lacking} of {len(lines)} lines are missing from {beside / NAME}: a restore elsewhere "
                      "would bring those people back", mend=f"Copy {chosen.home / NAME} there, or make a backup: amity backup FILE")  # fmt: skip
    else:
        where = f", also in {beside}" if lines and beside != chosen.home and beside.is_dir() else ""
        yield Finding(about=_LIST, state="ok", text=f"{len(lines)} lines{where}" if lines else "nobody was erased so far")


def _disks(chosen: Settings, health: Health) -> Iterator[Finding]:
    log = next((one.bytes or 0 for one in health.engines if one.name == "log"), 0)
    for disk in health.disks:
        about = f"Disk of {disk.path}"
        text = f"{disk.free / GB:.1f} of {disk.total / GB:.1f} GB free"
        grows = chosen.log_max_bytes - log if "log" in disk.engines or not (chosen.log_url or disk.engines) else 0
        if disk.full or (disk is health.disk and disk.free < GB / 2):
            yield Finding(about=about, state="broken", text=disk.problem, mend="Free some space, or give it a larger disk.")
        elif disk.free < grows:
            yield Finding(about=about, state="warning", text=f"{text}, but the log alone may grow to {chosen.log_max_bytes / GB:.1f} GB",
                          mend="Free some space, or let the log hold less with AMITY_LOG_MAX_BYTES.")  # fmt: skip
        else:
            yield Finding(about=about, state="ok", text=text)


def _memory() -> Finding:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return Finding(about="Memory", state="ok", text="can't be told here")
    text = f"{total / GB:.1f} GB"
    if total < 2 * GB:
        return Finding(about="Memory", state="warning", text=text, mend="Amity with its three engines wants 2 GB or more.")
    return Finding(about="Memory", state="ok", text=text)


def _open_files() -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    text = "no limit" if hard == resource.RLIM_INFINITY else f"at most {hard}"
    if hard != resource.RLIM_INFINITY and hard < 4096:
        return Finding(about="Open files", state="warning", text=text, mend="Raise it before starting Amity: ulimit -n 65536")
    return Finding(about="Open files", state="ok", text=text)


def _root(chosen: Settings) -> Iterator[Finding]:
    if chosen.present_url:
        return
    way = way_to_drop_root()
    if way == "other user":
        yield Finding(about="Root", state="warning", text="you are root and this kernel refuses user namespaces: PostgreSQL runs as another user",
                      mend="Better start Amity as an ordinary user, or give it a PostgreSQL server with AMITY_PRESENT_URL.")  # fmt: skip
    elif way == "namespace":
        yield Finding(about="Root", state="ok", text="you are root; PostgreSQL runs in a user namespace in which it is not")


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
