"""Clients that don't speak HTTP as it is meant, over a plain socket."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 45.0  # seconds: longer than any server of ours keeps what is half said


@dataclass(frozen=True)
class Heard:
    """What came back until the server closed. `closed` is False where it still hadn't when we gave up."""

    data: bytes
    seconds: float
    closed: bool

    @property
    def statuses(self) -> list[int]:
        """The statuses of all answers."""
        return [int(part[:3]) for part in self.data.split(b"HTTP/1.1 ")[1:]]


async def say(url: str, *pieces: bytes, pause: float = 0.0, patience: float = PATIENCE) -> Heard:
    """Send pieces, then listen until the server closes or `patience` (seconds) ends. A broken connection counts as closed."""
    at = urlsplit(url)
    began, data, closed = time.monotonic(), b"", False
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    try:
        async with asyncio.timeout(patience):
            for number, piece in enumerate(pieces):
                if number and pause:
                    await asyncio.sleep(pause)  # this is what a slow client is
                writer.write(piece)
                await writer.drain()
            while chunk := await reader.read(65_536):
                data += chunk
            closed = True
    except TimeoutError:
        pass
    except ConnectionError:
        closed = True
    finally:
        writer.close()
    return Heard(data, time.monotonic() - began, closed)


def post(body: bytes, *headers: bytes, path: bytes = b"/v1/track", length: bool = True) -> bytes:
    """Return a request's bytes; with `length` its Content-Length is right."""
    lines = [b"POST " + path + b" HTTP/1.1", b"Host: x", b"Content-Type: application/json", *headers]
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body])
