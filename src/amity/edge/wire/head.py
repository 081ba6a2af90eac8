"""The first lines of an answer, and the bare answers to what is no request."""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus

from amity.edge.reply import JSON, Headers

BODILESS = {204, 304}
_LINES = {one.value: b"HTTP/1.1 %d %b\r\n" % (one.value, one.phrase.encode()) for one in HTTPStatus}


class _Clock:
    """The date's line, made once a second."""

    second = 0
    line = b""

    def date(self) -> bytes:
        now = int(time.time())
        if now != self.second:
            self.second, self.line = now, f"date: {formatdate(now, usegmt=True)}\r\n".encode()
        return self.line


_clock = _Clock()


def head(status: int, headers: Headers, length: int, *, keep: bool) -> bytes:
    """Return an answer's head. `keep`: the connection stays, which is said too, since HTTP/1.0 would not know."""
    lines = _JSON if headers is JSON else _lines(headers)
    size = b"" if status in BODILESS else b"content-length: %d\r\n" % length
    return b"".join((_LINES[status], lines, size, _clock.date(), _KEPT if keep else _CLOSED))


def bare(status: int) -> bytes:
    """Return the whole answer to what is no request; the connection ends with it."""
    return head(status, [], 0, keep=False)


def _lines(headers: Headers) -> bytes:
    return "".join([f"{name}: {_one_line(value)}\r\n" for name, value in headers]).encode("latin-1", "replace")


def _one_line(value: str) -> str:
    """Return a header's value without what would end its line: some repeat what a client sent."""
    return value if value.isprintable() else "".join([c if c.isprintable() else " " for c in value])


_JSON = _lines(JSON)
_KEPT = b"connection: keep-alive\r\n\r\n"
_CLOSED = b"connection: close\r\n\r\n"
