"""The envelope: one message of the log, what several requests of a few milliseconds brought, fsynced together.

It is JSON. Version 1 holds interactions and rejections; in version 2 requests of usual events stand beside them as they came, each with
what is said once for all of it (`usual.py`). Whoever reads an envelope sees interactions and rejections, whatever its version.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import msgspec

from amity.facts.interaction import Interaction, Rejection
from amity.facts.objects import Unfit
from amity.facts.usual import Head, Request, tell
from amity.kernel.errors import NewerEnvelope

NEWEST = 2
Packed = tuple[bytes, bytes]
"""A request on its way into an envelope: what `pack` returned, and its body."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an envelope brings, in order: first the interactions of whole requests, then those that stand by themselves.

    `told` is how many came of whole requests: in their free-form parts nobody has looked for numbers that are out of range.
    """

    v: int = 1
    interactions: tuple[Interaction, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    told: int = 0


class _Stored(Envelope, frozen=True, kw_only=True, omit_defaults=True):
    requests: tuple[Request, ...] = ()


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Stored).decode


def encode_envelope(envelope: Envelope) -> bytes:
    """Return the bytes that go into the log, of interactions and rejections that stand by themselves."""
    return _encode(envelope)


def pack(head: Head, *, received_at: int) -> bytes:
    """Return what stands before the body of a request that came at an instant (ms since 1970)."""
    return _pattern(head) % received_at


@lru_cache(maxsize=4_096)
def _pattern(head: Head) -> bytes:
    """Return a request up to its body, its time left open: clients say the same of themselves all the time."""
    whole = _encode(Request(**head._asdict(), received_at=0, body=msgspec.Raw(b"0"))).replace(b"%", b"%%")
    return whole.replace(b',"received_at":0,"body":0', b"", 1)[:-1] + b',"received_at":%d,"body":'


def join_envelope(
    *, requests: Sequence[Packed] = (), interactions: Sequence[bytes] = (), rejections: Sequence[bytes] = ()
) -> bytes:
    """Return the bytes of an envelope whose parts are encoded already; an element of the last two may be several, joined by commas."""
    parts = [b'{"v":2,"requests":[' if requests else b'{"v":1']
    for head, body in requests:
        parts += (head, body, b"},")
    if requests:
        parts[-1] = b"}]"
    if interactions:
        parts += [b',"interactions":[', b",".join(interactions), b"]"]
    if rejections:
        parts += [b',"rejections":[', b",".join(rejections), b"]"]
    return b"".join([*parts, b"}"])


def decode_envelope(body: bytes) -> Envelope:
    """Read an envelope from the log.

    Raises msgspec.DecodeError if the bytes aren't one, RecursionError if they are nested too deep, NewerEnvelope if a later Amity wrote
    it: what is not known of it must be waited with, not passed over.
    """
    try:
        return _read(body)
    except RecursionError:
        with _more_depth():
            return _read(body)


def _read(body: bytes) -> Envelope:
    stored = _decode(body)
    if stored.v > NEWEST:
        raise NewerEnvelope(f"The log holds an envelope of version {stored.v}; this Amity reads up to {NEWEST}. Update it.")
    if not stored.requests:
        return Envelope(v=stored.v, interactions=stored.interactions, rejections=stored.rejections)
    try:
        told = [one for request in stored.requests for one in tell(request)]
    except Unfit as error:
        raise msgspec.ValidationError(str(error)) from error
    return Envelope(v=stored.v, interactions=(*told, *stored.interactions), rejections=stored.rejections, told=len(told))


@contextmanager
def _more_depth() -> Iterator[None]:
    """Let this thread go deeper: what the edge could just read, others read from inside an envelope and deeper on their stack."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 100)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
