"""Why a row of a file can't become an interaction."""

from __future__ import annotations

from dataclasses import dataclass

REASONS = {
    "columns": "It has another number of cells than the first line.",
    "unreadable": "It can't be read in the file's format.",
    "bad_text": "It holds bytes that are no text in the file's encoding, or the character NUL.",
    "no_customer": "It names no customer.",
    "no_time": "It has no time.",
    "bad_time": "Its time can't be read, or lies before 1970 or ahead of now.",
    "no_event": "It has no event name.",
    "bad_kind": "Its type is none of track, identify, page, screen, group and alias.",
    "bad_number": "A number can't be read.",
    "bad_field": "A field is not what it should be.",
    "too_large": "It is larger than 500 KB.",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is left out: where it stands, a reason of `REASONS`, a sentence, and its beginning as it was read."""

    line: int
    reason: str
    detail: str
    text: str = ""


class Unfit(Exception):
    """Raised while a row is read: a reason of `REASONS` and a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
