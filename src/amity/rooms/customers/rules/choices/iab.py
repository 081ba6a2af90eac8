"""The two strings of the Interactive Advertising Bureau, as far as a purpose here depends on them.

TCF: "Consent string and vendor list formats v2", core segment (unchanged in 2.2 and 2.3). GPP: "Consent String Specification" and
the sections `usnat` (7) and `usca` (8). Both are URL-safe base64 without padding; fields are big-endian bits.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from functools import lru_cache

LONGEST = 8_000
_SHAPE = re.compile(r"[A-Za-z0-9_\-]+")
_PURPOSES = 24
_US_NATIONAL, _CALIFORNIA = 7, 8
_OPTED_OUT = 1
_MOST_SECTIONS = 64


class Unreadable(ValueError):
    """The string isn't one, or of a version that isn't known."""


class Bits:
    """The bits of one part of a string, taken from its front."""

    def __init__(self, text: str) -> None:
        if not _SHAPE.fullmatch(text):
            raise Unreadable("This is no base64 of the kind that is used here.")
        # A last character alone holds six bits, which base64 doesn't know: `A` in its place adds zeros.
        body = urlsafe_b64decode(text + "A" * (-len(text) % 4))
        self._number, self._left = int.from_bytes(body, "big"), len(body) * 8

    def skip(self, width: int) -> None:
        """Leave that many bits out."""
        self.take(width)

    def take(self, width: int) -> int:
        """Take that many bits as a number. Raises Unreadable where there are fewer."""
        if width > self._left:
            raise Unreadable("The string is cut off.")
        self._left -= width
        return (self._number >> self._left) & ((1 << width) - 1)

    def fibonacci(self) -> int:
        """Read a number in Fibonacci coding: bits for 1, 2, 3, 5, …, ended by two ones in a row."""
        total, weight, following, before = 0, 1, 2, 0
        while True:
            bit = self.take(1)
            if bit and before:
                return total
            total += weight if bit else 0
            weight, following, before = following, weight + following, bit


@lru_cache(maxsize=4_096)
def tcf_purposes(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the purposes consented to, and those of whose legitimate interest the person was told and didn't object.

    Raises Unreadable.
    """
    bits = Bits(text[:LONGEST].partition(".")[0])
    if bits.take(6) != 2:
        raise Unreadable("This isn't a TC string of version 2.")
    bits.skip(36 + 36 + 12 + 12 + 6 + 12 + 12 + 6 + 1 + 1 + 12)  # up to and with the special features
    return _set_of(bits), _set_of(bits)


def _set_of(bits: Bits) -> frozenset[int]:
    return frozenset(number for number in range(1, _PURPOSES + 1) if bits.take(1))


@lru_cache(maxsize=4_096)
def gpp_opted_out(text: str) -> bool | None:
    """Return whether a GPP string opts out of sale, sharing or targeted advertising; None where it says nothing of them.

    Raises Unreadable.
    """
    header, *sections = text[:LONGEST].split("~")
    ids = sections_of(header)
    if len(ids) != len(sections):
        raise Unreadable("Header and sections don't fit.")
    found = [_us(number, section) for number, section in zip(ids, sections, strict=True)]
    said = [one for one in found if one is not None]
    return any(said) if said else None


def sections_of(header: str) -> list[int]:
    """Return the numbers of the sections that a GPP string's header names. Raises Unreadable."""
    bits = Bits(header)
    if bits.take(6) != 3 or bits.take(6) != 1:
        raise Unreadable("This isn't a GPP string of version 1.")
    ids: list[int] = []
    for _ in range(bits.take(12)):
        is_range = bits.take(1)
        first = (ids[-1] if ids else 0) + bits.fibonacci()
        last = first + bits.fibonacci() if is_range else first
        if last - first + len(ids) >= _MOST_SECTIONS:
            raise Unreadable("More sections than there are.")
        ids += range(first, last + 1)
    return ids


def _us(number: int, section: str) -> bool | None:
    if number not in {_US_NATIONAL, _CALIFORNIA}:
        return None
    core, *others = section.split(".")
    bits = Bits(core)
    bits.skip(6)
    bits.skip(12 if number == _US_NATIONAL else 6)  # which notices were given
    told = [bits.take(2) for _ in range(3 if number == _US_NATIONAL else 2)]  # sale, sharing, targeted advertising
    if any(_is_gpc(one) for one in others):
        return True
    return _OPTED_OUT in told if any(told) else None


def _is_gpc(segment: str) -> bool:
    bits = Bits(segment)
    return bits.take(2) == 1 and bits.take(1) == 1
