"""Files that are made while they are sent: a piece at a time, as fast as the browser takes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import StreamingHttpResponse

from amity.kernel.errors import Busy

MOST = 4  # downloads at once in this process: each holds a reader of the past and may be as slow as its network
_open = 0


def download(pieces: Generator[bytes], *, name: str, media_type: str) -> StreamingHttpResponse:
    """Answer with a file called `name`, made of `pieces`.

    What fails before the first piece is raised here, and gets its own status. Later a failure breaks the answer off, so that
    the client knows. Closing the answer, as when the browser leaves, closes `pieces`. Raises Busy where too many are open.
    """
    answer = StreamingHttpResponse(_Pieces(_counted(pieces)), content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"
    return answer


class _Pieces(AsyncIterator[bytes]):
    """Takes pieces from a plain generator, all in the request's own thread and never two at once."""

    def __init__(self, pieces: Generator[bytes]) -> None:
        self._pieces = pieces
        self._first: bytes | None = next(pieces)

    async def __anext__(self) -> bytes:
        piece = await sync_to_async(self._next)()
        if piece is None:
            raise StopAsyncIteration
        return piece

    def _next(self) -> bytes | None:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        try:
            return next(self._pieces, None)
        except BaseException:
            close_old_connections()  # nobody closes an answer that broke, and the pool would count this one forever
            raise

    def close(self) -> None:
        """Let the generator end where it is."""
        self._pieces.close()


def _counted(pieces: Generator[bytes]) -> Generator[bytes]:
    global _open  # noqa: PLW0603  one number for the process
    if _open >= MOST:
        raise Busy(f"{MOST} downloads are running already. Wait until one has ended, or use: amity export")
    _open += 1
    try:
        yield from pieces
    finally:
        _open -= 1
