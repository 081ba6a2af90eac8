"""Which encoding a file's bytes are in: by its mark, by trying, at last by likelihood."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from amity.kernel.errors import Invalid

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HALF = 0.3  # share of NULs from which text is taken for UTF-16


class Encoding(NamedTuple):
    """A codec's name; whether the file says so itself by a mark (BOM); how sure that is, for a person."""

    name: str
    marked: bool
    why: str


def find_encoding(samples: list[bytes]) -> Encoding:
    """Return the encoding of a text whose beginning is the first sample; others are from further on."""
    for mark, name in _MARKS:
        if samples[0].startswith(mark):
            return Encoding(name, marked=True, why="the file begins with its mark")
    wide = _wide(samples[0])
    if wide:
        return Encoding(wide, marked=False, why="every other byte is zero")
    if all(_is_utf8(sample) for sample in samples):
        return Encoding("utf-8", marked=False, why="what was looked at is valid UTF-8")
    return Encoding(_likely(b"\n".join(samples)), marked=False, why="it is no UTF-8, and this is most likely")


def check_encoding(name: str) -> str:
    """Return the codec's name as Python knows it. Raises Invalid if it knows none."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise Invalid(f"{name!r} is no encoding; write one like utf-8, cp1252 or utf-16.") from None


def _wide(sample: bytes) -> str:
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(len(sample) // 2, 1)
    if odd / half > _HALF > even / half:
        return "utf-16-le"
    return "utf-16-be" if even / half > _HALF > odd / half else ""


def _is_utf8(sample: bytes) -> bool:
    """Whether a piece cut anywhere is UTF-8; its first and last characters may be halved."""
    start = 0
    while start < min(3, len(sample)) and sample[start] & 0xC0 == 0x80:
        start += 1
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample[start:])
    except UnicodeDecodeError:
        return False
    return True


def _likely(sample: bytes) -> str:
    """Return the likeliest of the encodings with one byte a character; Windows' western one where nothing else is."""
    from charset_normalizer import from_bytes

    odd = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:65_536]
    best = from_bytes(odd, cp_exclusion=["utf_16", "utf_32", "utf_7"]).best()
    found = best.encoding if best is not None else "cp1252"
    return "cp1252" if found in {"ascii", "latin_1", "iso8859_1", "utf_8", "cp1250"} and _fits(odd, "cp1252") else found


def _fits(sample: bytes, name: str) -> bool:
    try:
        sample.decode(name)
    except UnicodeDecodeError:
        return False
    return True
