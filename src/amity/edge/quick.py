"""The usual events of Segment's dialect, a whole request at once.

Most requests hold nothing but events as every client sends them. Those are decoded in one go into exactly typed fields, so that the
decoder checks what `segment.py` checks one by one; then they go into the log as they came, and `facts/usual.py` makes their interactions
when they are read. What is unusual in any way, down to a user id that is a fraction, either does not decode here or does not fit, and
the whole request goes the careful way, which alone knows how to judge. Both lead to the same interactions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

import msgspec

from amity.facts.interaction import EMPTY, Kind
from amity.facts.usual import IDENTIFIER_CHARS, Event

# A whole number of more bits is no identifier; the careful way says so.
Identifier = (
    Annotated[str, msgspec.Meta(max_length=IDENTIFIER_CHARS)] | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None
)
Nothing = Annotated[dict[str, None], msgspec.Meta(max_length=0)] | None


class Some(msgspec.Struct, gc=False):
    """An object, whatever it holds."""


class Context(msgspec.Struct, gc=False):
    """A context, of which only the traits in it must be an object."""

    traits: Some | None = None


class Usual(Event, rename="camel", kw_only=True, gc=False):
    """One event as clients usually send it. Fields of type None are known, and unusual."""

    user_id: Identifier = None
    anonymous_id: Identifier = None
    group_id: Identifier = None
    previous_id: Identifier = None
    properties: Some | None = None
    traits: Some | None = None
    context: Context | None = None
    integrations: Some | None = None
    category: None = None
    action: None = None
    old_user_id: None = msgspec.field(name="user_id", default=None)
    old_anonymous_id: None = msgspec.field(name="anonymous_id", default=None)


class UsualBatch(msgspec.Struct, rename="camel", kw_only=True):
    """A batch of usual events, and what may stand around them."""

    batch: list[Usual]
    write_key: str | None = None
    sent_at: str | None = None
    context: Nothing = None
    integrations: Nothing = None
    type: None = None


class UsualSingle(Usual, kw_only=True, gc=False):
    """A usual event that came alone."""

    write_key: str | None = None


class Found(NamedTuple):
    """A body's usual events, the most bytes that one of them may have, its write key, and whether a client of RudderStack's sent it."""

    events: Sequence[Usual]
    most: int
    write_key: str | None
    rudder: bool


class _First(msgspec.Struct):
    context: msgspec.Raw = EMPTY


class _Firsts(msgspec.Struct):
    batch: list[_First]


# Every event has this once at least. Where a body has it once for each event, and no escape can hide another one, an event reaches neither
# to the word before its own nor to the one behind it: so it is known how large events may be, and where the first one ends.
_MARK = b'"messageId"'
_batch = msgspec.json.Decoder(UsualBatch).decode
_single = msgspec.json.Decoder(UsualSingle).decode
_first = msgspec.json.Decoder(_First).decode
_firsts = msgspec.json.Decoder(_Firsts).decode


def read(body: bytes, *, batch: bool) -> Found | None:
    """Return what a body holds, None where it is unusual."""
    try:
        if not batch:
            one = _single(body)
            rudder = _is_rudder(one, one.write_key, b"udder" in body, lambda: _first(body))
            return Found((one,), len(body), one.write_key, rudder)
        many = _batch(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    events, key = many.batch, many.write_key
    if not events:
        return Found(events, 0, key, rudder=False)
    parts = body.split(_MARK)
    if len(parts) == len(events) + 1 and (b"\\" not in body or b"\\u00" not in body):
        most, said = 2 * max(map(len, parts)) + len(_MARK), b"udder" in parts[0] or b"udder" in parts[1]
    else:
        most, said = len(body), b"udder" in body
    return Found(events, most, key, _is_rudder(events[0], key, said, lambda: _firsts(body).batch[0]))


def fits(events: Sequence[Usual], *, said: Kind | None) -> bool:
    """Tell whether no event lacks what its kind can't do without. `said` is what the path says of a single event's kind."""
    for event in events:
        kind, user_id, anonymous_id = said or event.type, event.user_id, event.anonymous_id
        if not (
            kind is not None
            and event.message_id.strip()
            and ((user_id is not None and str(user_id).strip()) or (anonymous_id is not None and str(anonymous_id).strip()))
        ):
            return False
        if kind == "track":
            if not event.event or not event.event.strip():
                return False
        elif (kind == "group" and _blank(event.group_id)) or (kind == "alias" and _blank(event.previous_id)):
            return False
    return True


def _blank(identifier: str | int | None) -> bool:
    return identifier is None or not str(identifier).strip()


def _is_rudder(first: Usual, key: str | None, said: bool, look: Callable[[], _First]) -> bool:  # noqa: FBT001
    """Tell what `segment.is_rudder` does of the first event. Only where the word may be `said` there, its context is looked at."""
    if key is None and first.channel is not None:
        return True
    return said and b"udder" in bytes(look().context)
