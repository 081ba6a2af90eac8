"""Which interactions are trouble, by their names: one list for the marks of a story and for what is still unsolved.

Known events say so themselves. Other names are the company's own words, of which only plain English words of failure are
recognised; a name without one is never called trouble.
"""

from __future__ import annotations

from amity.rooms.customers.rules.portrait.phrases import find_phrase
from amity.rooms.customers.rules.portrait.shapes import Trouble
from amity.rooms.customers.rules.portrait.words import plain_words

_LONGEST = 300
_BY_WORD: dict[str, Trouble] = {
    "declined": "declined", "rejected": "declined", "denied": "declined", "refused": "declined",
    "failed": "failed", "failure": "failed", "failing": "failed", "bounced": "failed", "unavailable": "failed",
    "error": "broke", "errored": "broke", "crashed": "broke", "crash": "broke", "timeout": "broke",
    "complaint": "complaint", "complained": "complaint",
}  # fmt: skip
FAILURE = frozenset(word for word, kind in _BY_WORD.items() if kind != "complaint")
SUCCESS = frozenset(
    {"completed", "succeeded", "success", "approved", "accepted", "paid", "passed", "resolved", "fixed", "delivered"}
)
_MENDED = frozenset({"resolved", "fixed"})


def trouble_of(name: str) -> Trouble:
    """Return which kind of trouble a tracked event of this name is, empty for none."""
    phrase = find_phrase(name)
    if phrase is not None:
        return phrase.trouble
    words = name_words(name)
    return "" if _MENDED.intersection(words) else next((_BY_WORD[word] for word in words if word in _BY_WORD), "")


def name_words(name: str) -> list[str]:
    """Return the words of an event's name, in small letters."""
    return plain_words(name[:_LONGEST]).lower().split()
