"""Free ports for embedded engines."""

from __future__ import annotations

import random
import socket
from pathlib import Path

from amity.kernel.errors import AmityError

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST, _HIGHEST = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback ports that nobody listens on.

    They lie below the range from which the kernel takes ports for outgoing connections: while an engine restarts, nobody's
    connection can take its port, nor can a client that keeps trying connect to itself.
    """
    highest = min(_HIGHEST, _first_ephemeral() - 1)
    lowest = min(_LOWEST, max(1_024, highest - 8_000))
    ports: list[int] = []
    for port in random.SystemRandom().sample(range(lowest, highest), highest - lowest):
        if is_free(port):
            ports.append(port)
            if len(ports) == count:
                return ports
    raise AmityError(f"No {count} free ports between {lowest} and {highest} on 127.0.0.1; end something that listens there.")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Say whether this process could listen on `port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, port))
        except OSError:
            return False
    return True


def _first_ephemeral() -> int:
    try:
        return int(_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 49_152
