"""Whether a text that somebody sent tells of a person: identifiers looked for in the bodies of what was turned away."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

LONGEST = 300
_ID_NAMES = frozenset({"userid", "anonymousid", "previousid", "distinctid", "deviceid", "id", "customerid", "email", "phone"})
_TOKEN = re.compile(r"[^\s\"'<>,;{}\[\]()\\]{3,300}")
_PLAIN_NAME = re.compile(r"[^a-z]")
_TELLING = 8  # characters from which a value alone, whatever it is called, tells somebody


def values_in(body: str) -> Iterator[tuple[str, str]]:
    """Give each text or number in a body with the plain name under which it stands (empty in what is no JSON)."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        for token in _TOKEN.findall(body):
            yield "", token
            yield from (("", part) for part in re.split(r"[:=&?]", token) if part != token and part)
        return
    waiting = [("", found)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend((_PLAIN_NAME.sub("", str(key).lower()), value) for key, value in one.items())
        elif isinstance(one, list):
            waiting.extend((name, value) for value in one)
        elif isinstance(one, str | int) and not isinstance(one, bool) and len(str(one)) <= LONGEST:
            yield name, str(one)


def tells(name: str, value: str) -> bool:
    """Whether a value may stand for a person by itself: it is long enough to be nobody else's, or is called an id."""
    return len(value) >= _TELLING or name in _ID_NAMES


def spellings(value: str) -> set[str]:
    """Return how an identifier may stand in a text: as it is, in lower case, a phone number by its digits alone."""
    trimmed = value.strip()
    digits = re.sub(r"\D", "", trimmed)
    phone = {f"+{digits}"} if len(digits) >= 7 and re.fullmatch(r"[+\d\s()./-]+", trimmed) else set()
    return {trimmed, trimmed.lower()} | phone


def mentions(body: str, identifiers: Collection[str]) -> bool:
    """Whether a body holds one of these values as a whole, as an identifier would stand there."""
    sought = {spelled for value in identifiers for spelled in spellings(value)}
    return any(tells(name, value) and spellings(value) & sought for name, value in values_in(body))


def values_in_body(body: str) -> set[str]:
    """Return the values in a body that may stand for somebody, in every spelling that an identifier may be stored in."""
    return {spelled for name, value in values_in(body) if tells(name, value) for spelled in spellings(value)}
