"""Decode: from the log's bytes to items whose free-form parts are plain Python objects.

The edge has checked all of it once, but for numbers out of range in requests that it stored as they came: they are found here,
where each is decoded anyway (ADR 0043). What is odd all the same (another version's envelope, a rotten bit) is isolated item by
item, and its neighbours pass.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
import structlog

from amity.engines.log.client import Entry
from amity.engines.past.shape import clean, is_clean
from amity.facts.envelope import Envelope, decode_envelope
from amity.facts.interaction import EMPTY, Interaction, Rejection
from amity.facts.usual import Request, split, tell
from amity.kernel.clock import from_ms
from amity.kernel.ids import message_key
from amity.workers.batch import Batch, Item, Turned
from amity.workers.faults import said

T = TypeVar("T", Interaction, Rejection, Request)
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError, ValueError, TypeError, OverflowError)
_parts = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()
_interaction = msgspec.json.Decoder(Interaction)
_request = msgspec.json.Decoder(Request)
_rejection = msgspec.json.Decoder(Rejection)
_EMPTY = bytes(EMPTY)
LONGEST_BODY = 65_536
_LEAST, _MOST = -(2**63), 2**64 - 1
_DIGITS, _LONG_NUMBER = bytes.maketrans(b"123456789", b"000000000"), b"0" * 19
_MORE_BITS = "The event holds a whole number of more than 64 bits. Send it as text."
_OUT_OF_RANGE = "The event holds a number that is out of range."
log = structlog.get_logger("amity.worker")


class _NoObject(Exception):
    """Something else stands where an object belongs."""


class _TooLarge(Exception):
    """A whole number of more than 64 bits, which no engine could keep."""


class _Loose(msgspec.Struct):
    requests: list[msgspec.Raw] = []
    interactions: list[msgspec.Raw] = []
    rejections: list[msgspec.Raw] = []


class _Whose(msgspec.Struct):
    workspace: int = 0
    source: int = 0
    received_at: int = 0


_loose = msgspec.json.Decoder(_Loose)
_whose = msgspec.json.Decoder(_Whose)


def open_entries(batch: Batch, entries: Iterable[Entry], mine: Callable[[Interaction | Rejection, int], bool]) -> None:
    """Fill the batch with the items and rejections of these entries that are `mine` (thing, sequence) to work."""
    for entry in entries:
        envelope, broken = _open(entry)
        may_hold_nul = b"\\u0000" in entry.body  # JSON has no other way to write it; nearly no entry does
        for index, interaction in enumerate(envelope.interactions):
            if mine(interaction, entry.seq):
                key = message_key(interaction.workspace, interaction.source, interaction.message_id)
                one = _without_nul(interaction) if may_hold_nul else interaction
                batch.items.append(Item(entry.seq, index, one, key, index < envelope.told))
        for step, rejections in (("edge", envelope.rejections), ("decode", broken)):
            for index, rejection in enumerate(rejections):
                if mine(rejection, entry.seq):
                    batch.turned.append(Turned(entry.seq, index, step, rejection))


def decode(batch: Batch) -> None:
    """Decode properties, traits and context of each item; drop with `unreadable`, `bad_field` or `bad_number` what can't be."""
    for item in batch.live:
        one, told = item.interaction, item.told
        try:
            item.properties, item.raw_properties = _cleaned(one.properties, told)
            item.traits, item.raw_traits = _cleaned(one.traits, told)
            item.context, item.raw_context = _context(bytes(one.context)), one.context
            if told and _context_is_odd(bytes(one.context)):
                item.drop("bad_number", _MORE_BITS)
        except _NoObject as error:
            item.drop("bad_field", str(error))
        except _TooLarge as error:
            item.drop("bad_number", str(error))
        except msgspec.ValidationError as error:  # nothing is asked of the values but that they can be
            item.drop(*(("bad_number", _OUT_OF_RANGE) if told else ("unreadable", said(error))))
        except _UNREADABLE as error:
            item.drop("unreadable", said(error))


@lru_cache(maxsize=4_096)
def _context(raw: bytes) -> dict[str, Any]:
    """Return a context, the same object for the same bytes: one device says the same of itself all the time."""
    return _object(raw)


@lru_cache(maxsize=4_096)
def _context_is_odd(raw: bytes) -> bool:
    """Whether a number in a context is too large. One of many digits is looked for in its bytes, which takes a tenth of the time."""
    return _LONG_NUMBER in raw.translate(_DIGITS) and _has_large(_context(raw))


def _has_large(value: Any) -> bool:
    """Whether anything in a value is a whole number of more than 64 bits."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            rest += one.values()
        elif isinstance(one, list):
            rest += one
        elif isinstance(one, int) and not _LEAST <= one <= _MOST:
            return True
    return False


def _object(raw: msgspec.Raw | bytes) -> dict[str, Any]:
    value = _parts.decode(raw)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _NoObject(f"Properties, traits and context are objects; this is {type(value).__name__}.")
    return value


def _cleaned(raw: msgspec.Raw, told: bool) -> tuple[dict[str, Any], msgspec.Raw]:  # noqa: FBT001  quicker so
    if raw is EMPTY or bytes(raw) == _EMPTY:  # many clients write the empty object out
        return {}, EMPTY
    value = _object(raw)
    if not value:
        return value, EMPTY
    if is_clean(value):
        return value, msgspec.Raw(_encoder.encode(value))
    if told and _has_large(value):
        raise _TooLarge(_MORE_BITS)
    shaped = clean(value)
    return shaped, msgspec.Raw(_encoder.encode(shaped))


def _without_nul(one: Interaction) -> Interaction:
    named = ("message_id", "name", "user_id", "anonymous_id", "group_id", "previous_id")
    texts = {name: value.replace("\x00", "") for name in named if "\x00" in (value := getattr(one, name) or "")}
    return msgspec.structs.replace(one, **texts) if texts else one


def _open(entry: Entry) -> tuple[Envelope, list[Rejection]]:
    """Return what can be read of an entry, and a rejection for each part that can't."""
    try:
        return decode_envelope(entry.body), []
    except _UNREADABLE as error:
        problem = error
    try:
        return _apart(entry, _loose.decode(entry.body))
    except _UNREADABLE:
        try:
            loose = _mended(entry.body)
        except _UNREADABLE:
            log.critical("envelope unreadable", seq=entry.seq, error=type(problem).__name__, bytes=len(entry.body))
            return Envelope(), [_unreadable(entry, entry.body, problem)]
        return _apart(entry, loose)


def _apart(entry: Entry, loose: _Loose) -> tuple[Envelope, list[Rejection]]:
    """Return what can be read of an envelope's parts, one by one, and a rejection for each that can't."""
    broken: list[Rejection] = []
    interactions: list[Interaction] = []
    for request in _each(entry, loose.requests, _request, broken):
        interactions += _told(entry, request, broken)
    told = len(interactions)
    interactions += _each(entry, loose.interactions, _interaction, broken)
    rejections = tuple(_each(entry, loose.rejections, _rejection, broken))
    return Envelope(interactions=tuple(interactions), rejections=rejections, told=told), broken


def _told(entry: Entry, request: Request, broken: list[Rejection]) -> Iterator[Interaction]:
    """Yield a request's interactions, each event by itself."""
    try:
        events = split(request)
    except _UNREADABLE as error:
        broken.append(_unreadable(entry, bytes(request.body), error, whose=request))
        return
    for event in events:
        try:
            yield from tell(event)
        except _UNREADABLE as error:
            broken.append(_unreadable(entry, bytes(event.body), error, whose=request))


def _mended(body: bytes) -> _Loose:
    """Return an envelope's parts by way of Python's own parser, which takes lone surrogates and numbers out of range."""
    given = json.loads(body.decode("utf-8", "replace"))
    if not isinstance(given, dict):
        raise TypeError("An envelope is an object.")
    parts = {name: list(map(_mended_part, given.get(name) or [])) for name in ("interactions", "rejections")}
    return _Loose(**parts, requests=list(map(_mended_request, given.get("requests") or [])))


def _mended_part(one: Any) -> msgspec.Raw:
    return msgspec.Raw(_encoder.encode(clean(one) if isinstance(one, dict) else None))


def _mended_request(one: Any) -> msgspec.Raw:
    body = one.pop("body", None) if isinstance(one, dict) else None
    if not isinstance(body, dict):
        return _mended_part(one)
    events = body.get("batch")
    if isinstance(events, list):
        mended: Any = {"batch": [_mended_part(event) for event in events], "sentAt": body.get("sentAt")}
    else:
        mended = _mended_part(body)
    return msgspec.Raw(_encoder.encode({**clean(one), "body": mended}))


def _each(entry: Entry, parts: list[msgspec.Raw], decoder: msgspec.json.Decoder[T], broken: list[Rejection]) -> Iterator[T]:
    for raw in parts:
        try:
            yield decoder.decode(raw)
        except _UNREADABLE as error:
            broken.append(_unreadable(entry, bytes(raw), error))


def _unreadable(entry: Entry, body: bytes, error: Exception, whose: _Whose | Request | None = None) -> Rejection:
    try:
        whose = whose or _whose.decode(body)
    except _UNREADABLE:
        whose = _Whose()
    return Rejection(
        workspace=whose.workspace,
        source=whose.source,
        received_at=whose.received_at or entry.stored_at,
        reason="unreadable",
        detail=said(error),
        body=body[:LONGEST_BODY].decode("utf-8", "replace"),
    )


def body_of(one: Interaction) -> str:
    """Return an interaction as the event of Segment's form that it could have come as, so that it can be sent again."""
    event: dict[str, Any] = {
        "type": one.kind,
        "messageId": one.message_id,
        "timestamp": from_ms(one.time).isoformat(),
        "userId": one.user_id,
        "anonymousId": one.anonymous_id,
        "groupId": one.group_id,
        "previousId": one.previous_id,
        "event" if one.kind == "track" else "name": one.name,
        "properties": one.properties,
        "traits": one.traits,
        "context": one.context,
    }
    parts = {name: value for name, value in event.items() if value not in (None, "", EMPTY)}
    return msgspec.json.encode(parts).decode("utf-8", "replace")[:LONGEST_BODY]
