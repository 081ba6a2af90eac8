"""Long answers of the past, a block at a time: what doesn't fit into memory still goes through it."""

from __future__ import annotations

import socket
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from typing import Any

from amity.engines.past.client import connect, errors, question

Block = Sequence[Sequence[Any]]  # columns in the question's order, each with the same number of values

# An answer may take hours, for it goes as fast as its reader takes it. What has to be sorted goes through the disk in small
# runs and small blocks: with the engine's own measures a wide table takes a gigabyte of memory, with these a quarter of it.
_LONG = {
    "max_execution_time": "0",
    "max_threads": "1",
    "max_block_size": "4096",
    "max_read_buffer_size": "131072",
    "max_bytes_before_external_sort": str(64 * 2**20),
    "max_bytes_ratio_before_external_sort": "0",
    "min_external_sort_block_bytes": "1",
    "prefer_external_sort_block_bytes": str(2 * 2**20),
}
_PATIENCE = 3600  # seconds between two blocks: a sort of everything says nothing until it is done


def stream(*, package: str, name: str, **params: Any) -> Generator[Block]:
    """Ask the question in `<package>/sql/<name>.sql` with bound parameters and yield its answer's blocks as they come.

    It has a connection of its own, so it may be read in another thread than it was asked in; closing the generator stops the
    question. Raises NotRunning where the past doesn't answer or stops answering, AmityError where it refuses.
    """
    lines: list[socket.socket] = []
    options = {"pool_mgr": _pools(lines), "send_receive_timeout": _PATIENCE, "query_retries": 0}
    with errors(), closing(connect(database=None, **options)) as client:
        asked = client.query_column_block_stream(question(package, name), parameters=params, settings=_LONG)
        with asked as blocks:
            try:
                yield from blocks
            except BaseException:
                _cut(lines)
                raise


def _pools(lines: list[socket.socket]) -> Any:
    """Return connections for the client that tell their sockets."""
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
    from urllib3.connection import HTTPConnection, HTTPSConnection

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            lines.append(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            lines.append(self.sock)

    manager = PoolManager()
    manager.pool_classes_by_scheme = {
        "http": type("Plains", (HTTPConnectionPool,), {"ConnectionCls": Plain}),
        "https": type("Secures", (HTTPSConnectionPool,), {"ConnectionCls": Secure}),
    }
    return manager


def _cut(lines: list[socket.socket]) -> None:
    """End the connection now: the client would read a rest of gigabytes only to use the connection again."""
    for line in lines:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
