"""One connection: bytes in, requests out, answers back in the order in which they were asked for.

llhttp (by httptools) reads. What it lets pass and we don't is refused here: heads without end, versions that are none, wrapping of chunks that
outgrows what it wraps. Time is kept by the listener, which looks at all connections now and then.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

import httptools

from amity.edge.reply import Reply
from amity.edge.wire.head import BODILESS, bare, head
from amity.edge.wire.message import Broken, Gone, Message

if TYPE_CHECKING:
    from amity.edge.wire.listener import Listener

MOST_HEAD = 64 * 1024
MOST_HEADERS = 200
MOST_WRAPPING = 64 * 1024
_WORTH = 9
"""Bytes of wire that each byte in a chunk may take."""

_VERSIONS = {"1.1", "1.0"}
_WISHES = {"connection", "upgrade", "http2-settings"}
_NAMES = {
    name.encode(): name.lower()
    for lower in (
        "host", "user-agent", "content-type", "content-length", "content-encoding", "authorization", "accept", "accept-encoding",
        "connection", "origin", "referer", "x-forwarded-for", "sec-gpc",
    )
    for name in (lower, lower.title())
}  # fmt: skip


class Refusal(Exception):
    """What comes is no request of ours; `status` is the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Connection(asyncio.Protocol):
    """A client's connection. `since`: when it began to wait for a head, or to end; None while a request is worked on."""

    __slots__ = (
        "_answering", "_client", "_coming", "_deaf", "_full", "_head", "_headers", "_in_head", "_listener", "_parser", "_paused",
        "_task", "_transport", "_url", "_waiting", "_wrapping", "ending", "since",
    )  # fmt: skip

    def __init__(self, listener: Listener) -> None:
        self.since: float | None = None
        self.ending = False
        self._listener = listener
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: dict[str, str] = {}
        self._in_head = True
        self._head = 0  # bytes of a head that isn't whole
        self._wrapping = 0  # bytes of a body that aren't the body's own
        self._coming: Message | None = None  # its body isn't whole
        self._waiting: deque[Message | int] = deque()  # behind the requests a status, where no request came
        self._answering: Message | None = None
        self._task: asyncio.Task[None] | None = None
        self._deaf = False  # nothing is read any more
        self._full = False  # the client doesn't read our answers
        self._paused = False

    # ── what the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, if there is room."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._client: str = peer[0] if peer else ""
        self.since = self._listener.now()
        if not self._listener.admit(self):
            self._transport.write(bare(503))
            self._end(unread=True)

    def data_received(self, data: bytes) -> None:
        """Read what came, and begin with the first request in it."""
        if self._deaf:
            return
        try:
            self._measure(len(data))
            self._read(data)
        except Refusal as refusal:
            self._refuse(refusal.status)
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.status if isinstance(cause, Refusal) else 400)
        if self._waiting:
            if self._answering is None and not self._full:
                self._begin()
            self.breathe()
        elif self._coming is not None and self._coming.ahead:
            self.breathe()

    def eof_received(self) -> bool:
        """Note that nothing more comes. Who has only shut the own side down still gets the answers."""
        self._deaf = True
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.fail(Gone)
            if coming is self._answering:
                return False
            self._waiting.remove(coming)
        return self._answering is not None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it. What was taken whole is stored nevertheless."""
        del exc
        self._deaf = self.ending = True
        self._waiting.clear()
        if self._coming is not None:
            self._coming.fail(Gone)
        self._listener.forget(self)

    def pause_writing(self) -> None:
        """Hear no more of one who doesn't read our answers."""
        self._full = True
        self.breathe()

    def resume_writing(self) -> None:
        """Go on."""
        self._full = False
        if self._waiting and self._answering is None:
            self._begin()
        self.breathe()

    # ── what llhttp tells

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._url, self._headers = b"", {}

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        self._url += url
        if len(self._url) > MOST_HEAD:
            raise Refusal(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. Those behind a chunked body are passed over."""
        if not self._in_head:
            return
        headers = self._headers
        if len(headers) >= MOST_HEADERS or len(value) > MOST_HEAD:
            raise Refusal(431)
        key = _NAMES.get(name) or name.decode("latin-1").lower()
        text = value.decode("latin-1")
        if key not in headers:
            headers[key] = text
        elif key == "x-forwarded-for":
            headers[key] += f", {text}"
        elif key == "host":
            raise Refusal(400)

    def on_headers_complete(self) -> None:
        """Make a request of the head."""
        if self._parser.get_http_version() not in _VERSIONS:
            raise Refusal(400)
        method, url = self._parser.get_method().decode(), self._url.decode("latin-1")
        path, _, query = url.partition("?") if url[:1] == "/" else _from(url, method)
        self._in_head, self._head, self._wrapping = False, 0, 0
        message = Message(self, method, unquote(path) if "%" in path else path, query, self._headers, self._client)
        self._coming = message
        self._waiting.append(message)

    def on_body(self, data: bytes) -> None:
        """Take a piece of a body."""
        self._wrapping -= _WORTH * len(data)
        if self._coming is not None:
            self._coming.put(data)

    def on_message_complete(self) -> None:
        """Take a request for whole."""
        self._in_head = True
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.complete(keep=self._parser.should_keep_alive())

    # ── what we do

    def answer(self, message: Message, reply: Reply) -> None:
        """Write an answer, then go on with the next request, or end."""
        self._answering = self._task = None
        if self._transport.is_closing():
            return
        keep = message.whole and message.keep and not self._listener.stopping
        body = b"" if message.method == "HEAD" or reply.status in BODILESS else reply.body
        self._transport.write(head(reply.status, reply.headers, len(reply.body), keep=keep) + body)
        if not keep:
            self._end(unread=not message.whole)
        elif self._waiting and not self._full:
            self._begin()
            self.breathe()
        elif self._deaf and not self._waiting:
            self._end(unread=False)
        else:
            self.since = self._listener.now()
            if self._paused:
                self.breathe()

    def breathe(self) -> None:
        """Read on, or let the client wait: while requests queue, a body comes that nobody has asked for, or answers aren't read."""
        pause = not self.ending and (self._full or bool(self._waiting) or (self._coming is not None and self._coming.ahead))
        if pause != self._paused and not self._transport.is_closing():
            self._paused = pause
            (self._transport.pause_reading if pause else self._transport.resume_reading)()

    def close(self) -> None:
        """End where nothing is worked on."""
        if self._answering is None and not self.ending:
            self._end(unread=False)

    def abort(self) -> None:
        """End at once."""
        self._transport.abort()

    def _measure(self, size: int) -> None:
        if self._in_head:
            if not self._head:  # one that was kept is used again
                self.since = self._listener.now() if self.since is not None else None
            self._head += size
        else:
            self._wrapping += size

    def _read(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline(data[upgrade.args[0] :])
        if self._in_head:
            if self._head > MOST_HEAD:
                raise Refusal(431 if self._headers else 414)
        elif self._wrapping > MOST_WRAPPING:
            raise Refusal(400)

    def _decline(self, rest: bytes) -> None:
        """Go on in HTTP/1.1 with one who would rather speak another protocol, or, after a CONNECT, not at all.

        llhttp has passed over the request's body; so its head is read again, without the wish.
        """
        message = self._waiting[-1]
        assert isinstance(message, Message)  # noqa: S101  llhttp has just told it
        if message.method == "CONNECT":
            message.keep, self._deaf = False, True
            return
        self._waiting.pop()
        self._parser = httptools.HttpRequestParser(self)
        kept = [f"{name}: {value}" for name, value in message.headers.items() if name not in _WISHES]
        self._read("\r\n".join([f"{message.method} {self._url.decode('latin-1')} HTTP/1.1", *kept, "", ""]).encode("latin-1"))
        if rest:
            self._read(rest)

    def _refuse(self, status: int) -> None:
        """Read nothing more. A request that breaks off answers for itself; else `status` is the answer, behind the others."""
        self._deaf = True
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.fail(Broken)
        else:
            self._waiting.append(status)

    def _begin(self) -> None:
        """Work on the next request."""
        message = self._waiting.popleft()
        self.since = None
        if isinstance(message, int):
            self._transport.write(bare(message))
            self._end(unread=True)
            return
        if not message.whole and message.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._answering = message
        self._task = self._listener.work(message)

    def _end(self, *, unread: bool) -> None:
        """Close behind what was written. Where something may be `unread`, hear it out for a while: else the answer could get lost."""
        self._deaf = self.ending = True
        self.since = self._listener.now()
        self._waiting.clear()
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.drop()
        if unread and self._transport.can_write_eof():
            self.breathe()
            self._transport.write_eof()
        else:
            self._transport.close()


def _from(url: str, method: str) -> tuple[str, str, str]:
    """Return path, "" and query of an address that doesn't begin with a slash: a proxy's whole one, a star, or where to connect."""
    if method == "CONNECT":
        return "", "", ""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refusal(400) from None
    return parts.path or "/", "", parts.query
