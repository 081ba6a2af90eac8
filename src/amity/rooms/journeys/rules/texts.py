"""What people write, as it is kept, and what is written as JSON, as it is read. Pure."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from amity.kernel.errors import Invalid

LONGEST_NAME, LONGEST_ABOUT = 120, 2_000
T = TypeVar("T")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def checked_name(text: str, what: str) -> str:
    """Return a name as it is kept; `what` it names stands in the error. Raises Invalid."""
    name = storable(text).strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"{what} needs a name of at most {LONGEST_NAME} characters.")
    return name


def checked_about(text: str) -> str:
    """Return a description as it is kept. Raises Invalid."""
    about = storable(text).strip()
    if len(about) > LONGEST_ABOUT:
        raise Invalid(f"The description may have {LONGEST_ABOUT:,} characters.")
    return about


def storable(text: str) -> str:
    """Return text without what PostgreSQL can't hold."""
    return _UNSTORABLE.sub("\ufffd", text)


def plain(text: str) -> str:
    """Return text without what XML can't hold."""
    return _NO_XML.sub("\ufffd", text)


def read_json(decoder: msgspec.json.Decoder[T], text: str | bytes, what: str) -> T:
    """Return what JSON says; `what` it should be stands in the error. Raises Invalid with what is wrong, and where."""
    try:
        found = decoder.decode(text)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at `")
        place = where.rstrip("`").removeprefix("$.").removeprefix("$")
        raise Invalid(f"{said.rstrip('.')}{f', at {place}' if place else ''}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The {what} is no JSON: {str(error).removeprefix('JSON is malformed: ')}.") from None
    if b"\\u0000" in msgspec.json.encode(found):
        raise Invalid(f"A {what} can't hold NUL characters: no engine keeps them.")
    return found
