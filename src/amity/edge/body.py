"""The bytes of a request as its client meant them: read within bounds of size and time, unpacked whatever its headers say."""

from __future__ import annotations

import asyncio
import base64
import binascii
import zlib
from urllib.parse import unquote_to_bytes

from amity.edge.limits import MB, Limits
from amity.edge.lz import decompress_base64
from amity.edge.patience import Patience
from amity.edge.reply import Refused
from amity.edge.wire.message import Message

GZIP = b"\x1f\x8b"
DRAINED = 64 * MB
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


async def read(message: Message, *, declared: str | None, limit: int, patience: Patience) -> bytes:
    """Return the whole body. Raises Refused: 413 above `limit` bytes, 408 when it takes longer than `patience` has."""
    fits = declared is not None and declared.isdecimal() and len(declared) < 12 and int(declared) <= limit
    if fits and message.whole:
        return message.take()
    task = patience.begin()
    try:
        return await (message.all() if fits else _read_pieces(message, limit))
    except asyncio.CancelledError:
        if patience.ended(task):
            raise Refused(408, "timeout", f"The body did not arrive within {patience.seconds:.0f} seconds.") from None
        raise
    finally:
        patience.end(task)


async def _read_pieces(message: Message, limit: int) -> bytes:
    """Read a body of unknown or excessive size. What is too much is let pass for a while: a client hears our answer only then."""
    pieces: list[bytes] = []
    size = 0
    while piece := await message.piece():
        size += len(piece)
        if size <= limit:
            pieces.append(piece)
        elif size <= DRAINED:
            pieces.clear()
        else:
            break
    if size > limit:
        raise too_large(limit)
    return b"".join(pieces)


def unpack(body: bytes, *, encoding: str, limits: Limits) -> bytes:
    """Return the body without its compression, which its first bytes tell better than its headers.

    Raises Refused: 413 where it would grow above the limit, 400 where it is broken.
    """
    if body[:2] == GZIP or encoding == "deflate":
        return _inflate(body, limits.unpacked)
    if body[:3] == b"\xef\xbb\xbf":
        return body[3:]
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _recode(body, "utf-16")
    if body[:1] == b"{" and body[1:2] == b"\x00":
        return _recode(body, "utf-16-le")
    return body


def unpack_form(body: bytes, *, compression: str, limits: Limits) -> bytes:
    """Return what a form's field `data` holds: JSON as it is, in base64, or in LZ-string's base64 (older posthog-js)."""
    fields = dict(part.split(b"=", 1) for part in body.split(b"&", 10) if b"=" in part)
    packing = compression or unquote_to_bytes(fields.get(b"compression", b"")).decode("ascii", "replace")
    value = unquote_to_bytes(fields.get(b"data", b"").replace(b"+", b" "))
    return decode_field(value, compression=packing, limits=limits)


def decode_field(value: bytes, *, compression: str, limits: Limits) -> bytes:
    """Return the JSON in a text field that may be base64 or LZ-string."""
    value = value.strip()
    if value[:1] in {b"{", b"["}:
        return value
    packed = value.replace(b" ", b"+")
    if compression.startswith("lz"):
        return decompress_base64(packed, limit=limits.unpacked)
    try:
        raw = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, "not_json", "The field data holds neither JSON nor base64.") from None
    return unpack(raw, encoding="", limits=limits)


def _inflate(body: bytes, limit: int) -> bytes:
    """Decompress gzip (of one or several members) or zlib, and stop where it exceeds the limit."""
    out: list[bytes] = []
    left = limit + 1
    try:
        while body and left > 0:
            stream = zlib.decompressobj(_GZIP_OR_ZLIB)
            out.append(stream.decompress(body, left))
            left -= len(out[-1])
            if left > 0 and not stream.eof:
                raise Refused(400, "bad_compression", "The compressed body ends too early.")
            body = stream.unused_data.lstrip(b"\x00")
    except zlib.error:
        raise Refused(400, "bad_compression", "The body is compressed, but not so that gzip or zlib could read it.") from None
    if left <= 0:
        raise too_large(limit)
    return b"".join(out)


def _recode(body: bytes, charset: str) -> bytes:
    try:
        return body.decode(charset).encode()
    except UnicodeError:
        raise Refused(400, "not_json", f"The body claims to be {charset} and is not.") from None


def too_large(limit: int) -> Refused:
    """Return the 413 for a request above `limit` bytes."""
    return Refused(413, "too_large", f"The request is larger than {limit} bytes. Send smaller batches.")
