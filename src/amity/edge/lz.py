"""LZ-string's decompression, as older posthog-js compresses (`compression=lz64`): base64 of an LZ78 over UTF-16 units."""

from __future__ import annotations

from amity.edge.reply import Refused

_ALPHABET = {c: i for i, c in enumerate(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")}
_SIX = [f"{digit:06b}" for digit in range(64)] + ["000000"]  # = is only padding
_NEW_BYTE, _NEW_UNIT, _END = 0, 1, 2


def decompress_base64(packed: bytes, *, limit: int) -> bytes:
    """Return the UTF-8 text in `packed`. Raises Refused: 400 where it is broken, 413 where it grows above `limit` bytes."""
    try:
        bits = _Bits([_ALPHABET[c] for c in packed])
        units = _expand(bits, limit)
        return "".join(units).encode("utf-16-le", "surrogatepass").decode("utf-16-le").encode()
    except (KeyError, IndexError, ValueError):
        raise Refused(400, "bad_compression", "The body claims to be LZ-string in base64 and can't be read as that.") from None


class _Bits:
    """Reads numbers of any width, lowest bit first, from digits of 6 bits, highest bit first."""

    def __init__(self, digits: list[int]) -> None:
        self.bits = "".join(map(_SIX.__getitem__, digits))
        self.at = 0

    def take(self, width: int) -> int:
        begin, self.at = self.at, self.at + width
        if self.at > len(self.bits):
            raise IndexError
        return int(self.bits[begin : self.at][::-1], 2)


def _expand(bits: _Bits, limit: int) -> list[str]:
    """Rebuild the text: a code is a new unit, the end, or an entry of the dictionary that grows with each."""
    book: dict[int, str] = {}
    width, room, size = 3, 4, 3
    first = bits.take(2)
    if first == _END:
        return []
    if first not in {_NEW_BYTE, _NEW_UNIT}:
        raise ValueError
    entry = before = chr(bits.take(8 if first == _NEW_BYTE else 16))
    book[size] = entry
    size += 1
    out, length = [entry], 1
    while True:
        code = bits.take(width)
        if code == _END:
            return out
        if code in {_NEW_BYTE, _NEW_UNIT}:
            book[size] = chr(bits.take(8 if code == _NEW_BYTE else 16))
            code = size
            size += 1
            room -= 1
            if not room:
                room, width = 1 << width, width + 1
        entry = book[code] if code in book else before + before[0] if code == size else ""
        if not entry:
            raise ValueError
        length += len(entry)
        if length > limit:
            raise Refused(413, "too_large", f"The request unpacks to more than {limit} bytes. Send smaller batches.")
        out.append(entry)
        book[size] = before + entry[0]
        size += 1
        before = entry
        room -= 1
        if not room:
            room, width = 1 << width, width + 1
