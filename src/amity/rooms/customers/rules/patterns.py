"""Patterns that people write: regular expressions that can't take long, whatever value they are tried on.

Python's matcher tries one way after another. How many ways there are at most is known before: each choice multiplies them, and
each repetition whose length is free does by the length of a value. What could take too many is refused when it is written, as is
what looks around or back. A value is at most LONGEST characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from amity.kernel.errors import Invalid

LONGEST = 300
LONGEST_PATTERN = 200
MOST_WAYS = 200_000
_ONE = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN", "RANGE", "CATEGORY"})
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_PLAIN_FLAGS = re.UNICODE


@lru_cache(maxsize=2_000)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern that a value has to match as a whole, whatever its case. Raises Invalid with what is wrong and how to mend it."""
    if not pattern:
        raise Invalid("A pattern is empty; leave the line out.")
    if len(pattern) > LONGEST_PATTERN:
        raise Invalid(f"A pattern has at most {LONGEST_PATTERN} characters; {pattern[:20]}… has {len(pattern)}.")
    try:
        parsed = re._parser.parse(pattern)  # type: ignore[attr-defined]  # noqa: SLF001  the parser that re itself uses; it has no other name
        found = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        raise Invalid(f"{pattern} is no pattern: {error}.") from error
    if parsed.state.flags & ~_PLAIN_FLAGS:
        raise Invalid(f"{pattern}: leave out flags such as (?i); case never counts.")
    ways = _ways_of(parsed, pattern)
    if ways > MOST_WAYS:
        raise Invalid(
            f"{pattern} could take too long on some values: it has too many repetitions of free length, or one within another. "
            "Use at most two of * and +, none inside another, and {1,9} where a length is known."
        )
    return found


def _ways_of(parts: Any, pattern: str) -> int:
    """Return how many ways through a value there are at most, beyond MOST_WAYS without counting on."""
    ways = 1
    for code, argument in parts:
        ways = min(ways * _ways(str(code), argument, pattern), MOST_WAYS + 1)
    return ways


def _ways(code: str, argument: Any, pattern: str) -> int:
    if code in _ONE or code == "AT":
        return 1
    if code == "SUBPATTERN":
        if argument[1] or argument[2]:
            raise Invalid(f"{pattern}: leave out flags such as (?i); case never counts.")
        return _ways_of(argument[-1], pattern)
    if code == "BRANCH":
        return sum(_ways_of(branch, pattern) for branch in argument[1])
    if code in _REPEATS:
        least, most, inner = argument
        most = min(int(most), LONGEST)
        within = _ways_of(inner, pattern)
        return int(min(within ** max(most, 1), MOST_WAYS + 1) * (max(most - least, 0) + 1))
    raise Invalid(f"{pattern}: a pattern may not look ahead or behind, nor refer back to what it matched.")


def usable(patterns: Iterable[Any], left_out: Callable[[str], None] = lambda _: None) -> Iterator[re.Pattern[str]]:
    """Give the patterns that can be used; `left_out` is told why one can't: it must not stop everybody's interactions."""
    for pattern in patterns:
        try:
            yield compiled(str(pattern))
        except Invalid as error:
            left_out(error.message)
