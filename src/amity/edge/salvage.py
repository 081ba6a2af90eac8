"""Takes JSON apart without reading it: so that one poisonous event of a batch can't take its neighbours with it.

The typed decoder refuses a whole body for a NaN, a lone surrogate, a bad byte or a hundred thousand brackets in one event.
This finds where each value begins and ends, by strings and brackets alone, without recursion; then each event is read by itself.
"""

from __future__ import annotations

import re

# A whole string, or one of the characters that matter outside strings. Possessive: nothing here can backtrack.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]', re.DOTALL)
_SPACE = b" \t\r\n"


def split_array(text: bytes) -> list[bytes] | None:
    """Return the elements of a JSON array as they stand, or None if it isn't one."""
    parts = _split(text, b"[", b"]")
    return None if parts is None else [text[a:b].strip(_SPACE) for _, a, b in parts]


def split_object(text: bytes) -> dict[bytes, bytes] | None:
    """Return a JSON object's values as they stand, by key without quotes (the last wins), or None if it isn't one."""
    parts = _split(text, b"{", b"}")
    if parts is None or any(key is None for key, _, _ in parts):
        return None
    return {key: text[a:b].strip(_SPACE) for key, a, b in parts if key is not None}


def _split(text: bytes, opening: bytes, closing: bytes) -> list[tuple[bytes | None, int, int]] | None:
    """Return (key, start, end) of each part at depth one, or None where the brackets don't add up."""
    parts: list[tuple[bytes | None, int, int]] = []
    depth, begin, key, last = 0, 0, None, b""
    for match in _TOKEN.finditer(text):
        token = match[0]
        first = token[:1]
        if depth == 0:
            if token != opening or text[: match.start()].strip(_SPACE):
                return None
            depth, begin = 1, match.end()
        elif first in b"[{":
            depth += 1
        elif first in b"]}":
            depth -= 1
            if depth == 0:
                if token != closing or text[match.end() :].strip(_SPACE):
                    return None
                if text[begin : match.start()].strip(_SPACE) or parts:
                    parts.append((key, begin, match.start()))
                return parts
        elif depth == 1 and token == b",":
            parts.append((key, begin, match.start()))
            begin, key = match.end(), None
        elif depth == 1 and token == b":" and opening == b"{" and key is None:
            key, begin = last, match.end()
        if first == b'"':
            last = token[1:-1]
    return None
