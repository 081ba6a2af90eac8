"""Paths into JSON: `data.items[0].id`. Pure."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from amity.kernel.errors import Invalid

_PATH = re.compile(r"(?:[\w$-]{1,100}|\[[0-9]{1,6}\])(?:\.[\w$-]{1,100}|\[[0-9]{1,6}\])*")
_PART = re.compile(r"\.?([\w$-]+)|\[([0-9]+)\]")


class Missing(Exception):
    """Nothing stands at the path."""


def is_path(text: str) -> bool:
    """Whether a text is a path."""
    return len(text) <= 300 and _PATH.fullmatch(text) is not None


def read_json(body: bytes) -> Any:
    """Return an answer's JSON. Raises Invalid."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        raise Invalid("the answer is no JSON") from None


def value_at(value: Any, path: str) -> Any:
    """Return what stands at a path. Raises Missing."""
    for part in _PART.finditer(path):
        name, number = part.groups()
        try:
            if name is not None and isinstance(value, dict):
                value = value[name]
            elif number is not None and isinstance(value, list):
                value = value[int(number)]
            else:
                raise Missing
        except (KeyError, IndexError):
            raise Missing from None
    return value


def text_of(value: Any) -> str:
    """Return a JSON value as text: text as it is, all else as JSON writes it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
