"""From JSON that strangers wrote to events that can be read one by one, each poisonous one with its reason."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from amity.edge.limits import MOST_PARTS
from amity.edge.reply import Refused
from amity.edge.salvage import split_array, split_object

Trouble = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)

_decode = msgspec.json.Decoder().decode
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 20
_DIGITS_POINT_SIGNS = b"0123456789.+-"
_OUTLINE = bytes(ord(",") if c in b":,[]{} \t\r\n" else ord("e") if c in b"eE" else ord('"') for c in range(256))
"""Separators become commas, what may be an exponent e, all else quotes."""
_BEFORE_NUMBERS = [before + sign for before in (b":", b",", b"[", b" ", b"\n", b"\t", b"\r") for sign in (b"", b"-")]
_LARGEST = 2**64


class Parts(NamedTuple):
    """A request's events as they stand. `checked`: every one is known to hold nothing odd."""

    head: dict[str, Any]
    events: list[Any]
    checked: bool


class Poison(NamedTuple):
    """Why an event can't be read: a stable reason and a sentence."""

    reason: str
    detail: str


def limited(body: bytes) -> None:
    """Raise Refused (413) where a body of few bytes would become too many values: nobody knows yet who sent it."""
    if len(body) > MOST_PARTS and _parts_in(body) > MOST_PARTS:
        raise Refused(413, "too_large", f"The request holds more than {MOST_PARTS} values. Send smaller batches.")


def sound(body: bytes) -> bool:
    """Tell whether the whole body is JSON that can be read: every number in range, every text Unicode, nowhere too deep."""
    try:
        _decode(body)
    except Trouble:
        return False
    return True


def _parts_in(body: bytes) -> int:
    """Return about how many values, and steps of taking it apart, a body would become. Counting takes milliseconds."""
    values = sum(map(body.count, (b",", b"[", b"{")))
    return max(values, body.count(b":"), body.count(b'"') // 4)


def legible(body: bytes) -> bool:
    """Tell whether all of a body is text that every engine keeps: UTF-8 without NUL. Most bodies are ASCII without a backslash."""
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            return False
    return b"\\" not in body or body.rfind(b"\\u0000") < 0


def clean(body: bytes) -> bool:
    """Tell whether a body surely holds nothing that only reading each of its values would find.

    What the decoder passes over unread is checked for its form, but neither for bytes that are no UTF-8 nor for numbers out of range.
    Those are looked for here, in a few passes at the speed of memory: a number is too large only with twenty digits in a row or with
    an exponent, which stands alone between separators once digits, points and signs are struck out. A false alarm costs a closer look.
    """
    if not legible(body):
        return False
    return body.translate(_DIGITS).rfind(_LONG_NUMBER) < 0 and body.translate(_OUTLINE, _DIGITS_POINT_SIGNS).rfind(b",e,") < 0


def harmless(text: bytes) -> bool:
    """Tell whether sound JSON surely holds no NUL and no whole number of more than 64 bits, which no engine could keep."""
    if b"\\u0000" in text:
        return False
    digits = text.translate(_DIGITS)
    return _LONG_NUMBER not in digits or not any(before + _LONG_NUMBER in digits for before in _BEFORE_NUMBERS)


def poison_in(event: bytes) -> Poison | None:
    """Return what makes one event unreadable, or None."""
    try:
        value = _decode(event)
    except RecursionError:
        return Poison("too_deep", "The event is nested deeper than can be read.")
    except UnicodeDecodeError:
        return Poison("bad_text", "The event holds bytes that are no UTF-8.")
    except msgspec.ValidationError:
        return Poison("bad_number", "The event holds a number that is out of range.")
    except msgspec.DecodeError as error:
        return _syntax(event, str(error))
    return None if harmless(event) else _odd_value(value)


def split_events(body: bytes, *, field: bytes | None) -> Parts | None:
    """Take a body apart that can't be decoded whole: events under `field`, or the body as the only one, or an array of them.

    Returns None where not even the brackets add up.
    """
    fields = split_object(body)
    if fields is None:
        events = split_array(body)
        return None if events is None else Parts({}, events, checked=False)
    head = {key.decode("utf-8", "replace"): _lenient(value) for key, value in fields.items() if key != field}
    if field is None or field not in fields:
        return Parts(head, [body], checked=False)
    events = split_array(fields[field])
    return None if events is None else Parts(head, events, checked=False)


def _lenient(value: bytes) -> Any:
    try:
        return None if poison_in(value) else _decode(value)
    except Trouble:
        return None


def _syntax(event: bytes, message: str) -> Poison:
    if "surrogate" in message or ("truncated" in message and b"\\u" in event):
        return Poison("bad_text", "The event holds half a surrogate pair: text cut in the middle of a character.")
    return Poison("not_json", f"The event is no JSON: {message.removeprefix('JSON is malformed: ')}.")


def _odd_value(value: Any) -> Poison | None:
    """Look through a decoded event for what the engines can't hold."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            rest += one.keys()
            rest += one.values()
        elif isinstance(one, list):
            rest += one
        elif isinstance(one, str) and "\x00" in one:
            return Poison("bad_text", "The event holds the character NUL (\\u0000).")
        elif isinstance(one, int) and not -_LARGEST // 2 <= one < _LARGEST:
            return Poison("bad_number", "The event holds a whole number of more than 64 bits. Send it as text.")
    return None
