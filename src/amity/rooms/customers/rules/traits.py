"""What is known of a customer under each name: the newest by event time, with where it came from.

Null is an answer: known to be empty. Ties in time go to the higher message key, so that order never matters.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from amity.rooms.customers.contracts import Refusal

MOST_TRAITS = 300
LONGEST_NAME = 100
LONGEST_VALUE = 10_000  # characters of JSON
_DIGITS = 1_000
_DEPTH = 20
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

Origin = list[Any]  # [time in ms, source, message key as hex]


def fold(  # noqa: PLR0913  a trait and all of its origin
    traits: dict[str, Any], origins: dict[str, Origin], said: Mapping[str, Any], *, time: int, source: int, key: UUID
) -> tuple[bool, list[Refusal]]:
    """Let a customer's traits learn what an interaction said. Returns whether a value or origin changed, and what was refused."""
    refused: list[Refusal] = []
    changed = False
    mark = key.hex
    for raw_name, raw in said.items():
        name = storable_text(str(raw_name))
        known = origins.get(name)
        if known is not None and (known[0], known[2]) >= (time, mark):
            continue
        value, reason = storable(raw)
        if not name or len(name) > LONGEST_NAME or reason:
            refused.append(Refusal("trait", name[:LONGEST_NAME], reason or "invalid"))
        elif known is None and len(origins) >= MOST_TRAITS:
            refused.append(Refusal("trait", name, "too_many_traits"))
        else:
            traits[name] = value
            origins[name] = [time, source, mark]
            changed = True
    return changed, refused


def join(
    traits: dict[str, Any], origins: dict[str, Origin], other: Mapping[str, Any], from_: Mapping[str, Origin]
) -> tuple[bool, dict[str, list[Any]]]:
    """Let a customer's traits take in those of another who turned out to be the same. Nothing is refused here.

    Returns whether anything changed, and what was replaced: {name: [value, origin]}.
    """
    changed = False
    replaced: dict[str, list[Any]] = {}
    for name, theirs in from_.items():
        ours = origins.get(name)
        if ours is None or (ours[0], ours[2]) < (theirs[0], theirs[2]):
            if ours is not None:
                replaced[name] = [traits.get(name), ours]
            traits[name], origins[name] = other.get(name), theirs
            changed = True
    return changed, replaced


def storable(value: Any) -> tuple[Any, str]:
    """Return (value, "") as jsonb can hold it, or (None, reason): `invalid` or `too_long`.

    NUL and lone surrogates become U+FFFD; numbers of over 1,000 digits, infinities and deep nests are invalid.
    """
    if value is None or isinstance(value, bool):
        return value, ""
    if isinstance(value, str):
        return (storable_text(value), "") if len(value) <= LONGEST_VALUE else (None, "too_long")
    try:
        clean = _clean(value, 0)
        long = not isinstance(clean, int | float) and len(json.dumps(clean)) > LONGEST_VALUE
    except ValueError:
        return None, "invalid"
    return (None, "too_long") if long else (clean, "")


def storable_text(text: str) -> str:
    """Return text without what PostgreSQL can't hold."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def _clean(value: Any, depth: int) -> Any:
    if depth > _DEPTH:
        raise ValueError("too deep")
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, Mapping):
        return {storable_text(str(k)): _clean(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v, depth + 1) for v in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value.bit_length() < _DIGITS * 3:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError("not storable")
