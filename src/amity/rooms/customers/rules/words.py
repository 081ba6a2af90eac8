"""The words that find a customer, and the question that a person's typing asks of them.

A word is lower case, without accents, letters and digits only. In the index each stands behind its workspace's number,
so one index serves all workspaces and none ever reads another's words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from amity.kernel.sealed import PREFIX

MOST_WORDS = 100
LONGEST_WORD = 40
LONGEST_TEXT = 300
_SEPARATORS = re.compile(r"[\W_]+")
_ONE_LETTER = re.compile(r"'\d+:\w':\*")
_UNSPOKEN = frozenset({"anonymous_id", "device_id", "advertising_id"})  # nobody reads these aloud: found whole or by prefix


def is_spoken(kind: str) -> bool:
    """Whether identifiers of a kind are found by their words."""
    return kind not in _UNSPOKEN


def words_of(text: str) -> list[str]:
    """Return the words of a text: accents and case dropped, split at all that is no letter or digit."""
    plain = text[:LONGEST_TEXT]
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return [word[:LONGEST_WORD] for word in _SEPARATORS.split(plain.casefold()) if word]


def customer_words(*, identifiers: Iterable[tuple[str, str]], traits: Mapping[str, Any]) -> list[str]:
    """Return the words that find one customer, at most MOST_WORDS: of identifiers first, then of traits by name."""
    found: dict[str, None] = {}
    texts = [value for kind, value in sorted(identifiers) if kind not in _UNSPOKEN]
    texts += [text for _, value in sorted(traits.items()) for text in _texts(value)]
    for text in texts:
        found.update(dict.fromkeys(words_of(text)))
        if len(found) >= MOST_WORDS:
            break
    return list(islice(found, MOST_WORDS))


def stored(workspace: int, words: Iterable[str]) -> str:
    """Return words as the index is given them: each behind its workspace's number, joined by spaces."""
    return " ".join(f"{workspace}:{word}" for word in words)


def asked(workspace: int, text: str) -> str:
    """Return a tsquery that wants every word of `text`, the last one as a beginning. Empty if there is no word in it."""
    words = words_of(text)
    if not words:
        return ""
    return " & ".join(f"'{workspace}:{word}'" for word in words) + ":*"


def is_letter(question: str) -> bool:
    """Whether what `asked` returned wants nothing but words that begin with one letter or digit."""
    return _ONE_LETTER.fullmatch(question) is not None


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        if not value.startswith(("http://", "https://", "data:", PREFIX)):
            yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value) if value.bit_length() < 128 else ""
    elif isinstance(value, Mapping) and depth < 2:
        for _, inner in sorted(value.items()):
            yield from _texts(inner, depth + 1)
    elif isinstance(value, list) and depth < 2:
        for inner in value[:20]:
            yield from _texts(inner, depth + 1)
