"""Long answers of the past, a block at a time: what doesn't fit into memory still goes through it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any

from amity.engines.past.client import connect, errors, question

Block = Sequence[Sequence[Any]]  # columns in the question's order, each with the same number of values

# An answer may take hours, for it goes as fast as its reader takes it. What has to be sorted goes through the disk.
_LONG = {
    "max_execution_time": "0",
    "max_block_size": "8192",
    "max_threads": "2",
    "max_bytes_before_external_sort": str(256 * 2**20),
    "max_bytes_ratio_before_external_sort": "0",
    "min_external_sort_block_bytes": "0",
}
_PATIENCE = 3600  # seconds between two blocks: a sort of everything says nothing until it is done


def stream(*, package: str, name: str, **params: Any) -> Generator[Block]:
    """Ask the question in `<package>/sql/<name>.sql` with bound parameters and yield its answer's blocks as they come.

    It has a connection of its own, so it may be read in another thread than it was asked in; closing the generator stops the
    question. Raises NotRunning where the past doesn't answer or stops answering, AmityError where it refuses.
    """
    with errors(), closing(connect(database=None, send_receive_timeout=_PATIENCE, query_retries=0)) as client:
        asked = client.query_column_block_stream(question(package, name), parameters=params, settings=_LONG)
        with asked as blocks:
            yield from blocks
