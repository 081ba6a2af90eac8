"""Facts of the customers room, as they enter the log: each is an interaction's name and the shape of its properties."""

from __future__ import annotations

import msgspec

NOTE_ADDED = "Note added"


class NoteAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague wrote something down about a customer. Ours, not the customer's: it counts as no activity.

    `author` is the person's or token's name as it was then, `author_id` says which.
    """

    text: str
    author: str
    author_id: str
