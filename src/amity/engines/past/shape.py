"""Bring a stranger's JSON object into a shape that the past's JSON columns always take. Pure; the input is left alone.

ClickHouse refuses a whole insert for one lone surrogate or one number out of range, reads a dot in a key as a step down,
and keeps a column for each path; so an object that came in as any valid JSON is changed where, and only where, it must be:

- NUL and lone surrogates become U+FFFD; NaN and infinities null; integers beyond 64 bits text;
- a dotted key becomes nested objects (`a.b` is then asked for as `properties.a.b`); where that meets another value of the
  same object, or a part is empty, the dots become underscores instead;
- an empty key becomes `_`, a long one is cut and told apart by a hash, one that already exists gets a number;
- what lies deeper than 12 levels, or beyond 300 paths, is kept as JSON text (the latter together, under `_more`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

MAX_DEPTH = 12
MAX_PATHS = 300
MAX_KEY = 200
MORE = "_more"
_LEAST, _MOST = -(2**63), 2**64 - 1


def clean(given: dict[str, Any]) -> dict[str, Any]:
    """Return the object with what the past can't take changed as this module says."""
    room = _Room()
    out = _object(given.items(), depth=1, room=room)
    if room.rest:
        room = _Room()
        out = _object(sorted(given.items(), key=_is_long), depth=1, room=room)
        out[_free(out, MORE)] = _as_text(room.rest)
    return out


def is_clean(given: dict[str, Any]) -> bool:
    """Whether `clean` would return the same. May say no where it would, but answers ten times sooner: nearly all are."""
    return 0 <= _paths(given, 1) < MAX_PATHS


def _paths(given: dict[str, Any], depth: int) -> int:
    """Return how many paths an object has, a negative number if anything in it may have to be changed."""
    if not given.keys() <= _good_keys and not all(map(_is_good, given)):
        return _DIRTY
    number = 0
    for value in given.values():
        kind = type(value)
        if kind is str:
            if "\0" in value or not (value.isascii() or _text(value) is value):
                return _DIRTY
        elif kind is dict and depth < MAX_DEPTH:
            inner = _paths(value, depth + 1)
            if inner < 0:
                return inner
            number += inner
        elif kind is list and depth < MAX_DEPTH:
            inner = _paths_of_list(value, depth + 1)
            if inner < 0:
                return inner
            number += inner
        elif not (value is None or kind is bool or (kind in _NUMBERS and _number(value) is value)):
            return _DIRTY
        number += 1
    return number


def _paths_of_list(values: list[Any], depth: int) -> int:
    """Return how many paths the objects of a list have, as `_paths` does; lists in lists are looked at by `clean`."""
    number = 0
    for one in values:
        kind = type(one)
        if kind is dict and depth < MAX_DEPTH:
            inner = _paths(one, depth + 1)
            if inner < 0:
                return inner
            number += inner
        elif isinstance(one, dict | list | tuple) or _leaf(one) is not one:
            return _DIRTY
    return number


_DIRTY = -1
_NUMBERS = (int, float)
_good_keys: set[str] = set()  # seen before and found good, so that an object's keys are compared as a set
_MOST_KEYS = 50_000


def _is_good(key: Any) -> bool:
    good = isinstance(key, str) and "." not in key and 0 < len(key) <= MAX_KEY and _text(key) is key
    if good:
        if len(_good_keys) >= _MOST_KEYS:
            _good_keys.clear()
        _good_keys.add(key)
    return good


def _is_long(item: tuple[Any, Any]) -> bool:
    """What is too much is taken from lists and objects first: an order's total must not be lost behind its hundred products."""
    return isinstance(item[1], dict | list | tuple)


class _Room:
    """How many more paths this object may have, and what found no room."""

    __slots__ = ("left", "rest")

    def __init__(self) -> None:
        self.left = MAX_PATHS
        self.rest: list[list[Any]] = []


def _object(items: Iterable[tuple[Any, Any]], *, depth: int, room: _Room) -> dict[str, Any]:
    out: dict[str, Any] = {}
    dotted: list[tuple[str, Any]] = []
    for raw, value in items:
        key = _key(raw)
        if "." in key:
            dotted.append((key, value))
        elif room.left <= 0:
            room.rest.append([key, value])
        else:
            out[_free(out, key)] = _value(value, depth=depth, room=room)
    # After all plain keys, so that whether a dotted one finds its place doesn't hang on the order of keys.
    for key, value in dotted:
        if room.left <= 0:
            room.rest.append([key, value])
        else:
            _place(out, key, _value(value, depth=depth + key.count("."), room=room), depth=depth)
    return out


def _place(out: dict[str, Any], key: str, value: Any, *, depth: int) -> None:
    parts = key.split(".")
    at: Any = out
    if all(parts) and depth + len(parts) <= MAX_DEPTH:
        for part in parts[:-1]:
            at = at.setdefault(part, {}) if isinstance(at, dict) else None
        if isinstance(at, dict) and parts[-1] not in at:
            at[parts[-1]] = value
            return
    out[_free(out, key.replace(".", "_"))] = value


def _value(value: Any, *, depth: int, room: _Room) -> Any:
    if isinstance(value, dict) and depth < MAX_DEPTH:
        return _object(value.items(), depth=depth + 1, room=room)
    room.left -= 1
    if isinstance(value, list | tuple) and depth < MAX_DEPTH:
        return _array(value, depth=depth + 1, room=room)
    return _as_text(value) if isinstance(value, dict | list | tuple) else _leaf(value)


def _leaf(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return value
    return _number(value) if isinstance(value, int | float) else _text(str(value))


def _array(values: list[Any] | tuple[Any, ...], *, depth: int, room: _Room) -> list[Any]:
    out = []
    for value in values:
        if not isinstance(value, dict | list | tuple):
            out.append(_leaf(value))
        else:
            out.append(_value(value, depth=depth, room=room) if room.left > 0 else _as_text(value))
    return out


def _text(value: str) -> str:
    if "\0" in value:
        value = value.replace("\0", "\ufffd")
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


def _number(value: float) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if _LEAST <= value <= _MOST:
        return value
    try:
        return str(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits in decimal
        return hex(value)


def _key(raw: Any) -> str:
    key = _text(raw if isinstance(raw, str) else str(raw))
    if len(key) > MAX_KEY:
        key = f"{key[:MAX_KEY].replace('.', '_')}~{blake2b(key.encode(), digest_size=4).hexdigest()}"
    return key or "_"


def _free(out: dict[str, Any], key: str) -> str:
    if key not in out:
        return key
    number = 2
    while f"{key}_{number}" in out:
        number += 1
    return f"{key}_{number}"


def _as_text(value: Any) -> str:
    try:
        return json.dumps(value, default=str, separators=(",", ":"))
    except (RecursionError, ValueError):
        return "(too deep to keep)"
