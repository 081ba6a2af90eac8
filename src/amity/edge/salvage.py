"""Takes JSON apart without reading it: so that one poisonous event of a batch can't take its neighbours with it.

The typed decoder refuses a whole body for a NaN, a lone surrogate, a bad byte or a hundred thousand brackets in one event.
This finds where each value begins and ends, by strings and brackets alone, without recursion; then each event is read by itself.
"""

from __future__ import annotations

import re

# A whole string, or one of the characters that matter outside strings. Possessive: nothing here can backtrack.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]', re.DOTALL)
_SPACE = b" \t\r\n"
_QUOTE, _COMMA = b'",'
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_BRACKETS = frozenset(_STEP)


def split_array(text: bytes) -> list[bytes] | None:
    """Return the elements of a JSON array as they stand, or None if it isn't one."""
    parts = _split(text, b"[", b"]")
    return None if parts is None else [part for _, part in parts]


def split_object(text: bytes) -> dict[bytes, bytes] | None:
    """Return a JSON object's values as they stand, by key without quotes (the last wins), or None if it isn't one."""
    parts = _split(text, b"{", b"}")
    if parts is None or any(key is None for key, _ in parts):
        return None
    return {key: part for key, part in parts if key is not None}


def _split(text: bytes, opening: bytes, closing: bytes) -> list[tuple[bytes | None, bytes]] | None:
    """Return (key, value) of each part between the outer brackets, or None where the brackets don't add up."""
    text = text.strip(_SPACE)
    if not (text.startswith(opening) and text.endswith(closing) and len(text) > 1):
        return None
    inner = text[1:-1]
    parts: list[tuple[bytes | None, bytes]] = []
    depth, begin, key, last = 0, 0, None, b""
    for match in _TOKEN.finditer(inner):
        first = inner[match.start()]
        depth += _STEP.get(first, 0)
        if depth < 0:
            return None
        if depth or first in _BRACKETS:
            continue
        if first == _QUOTE:
            last = match[0][1:-1]
        elif first == _COMMA:
            parts.append((key, inner[begin : match.start()].strip(_SPACE)))
            begin, key = match.end(), None
        elif key is None and opening == b"{":
            key, begin = last, match.end()
    if depth:
        return None
    rest = inner[begin:].strip(_SPACE)
    return [*parts, (key, rest)] if rest or parts else parts
