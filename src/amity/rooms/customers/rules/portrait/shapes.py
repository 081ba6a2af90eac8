"""What a portrait is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from amity.rooms.customers.contracts import Voice

Trouble = Literal["", "declined", "failed", "complaint", "broke", "unhappy"]


@dataclass(frozen=True, kw_only=True)
class Detail:
    """One fact below the sentence; `code` is a machine's word, set in mono."""

    text: str
    label: str = ""
    code: bool = False


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """An interaction as a person would tell it.

    `sentence` has no subject (“Looked at Alder floor lamp”), `quote` is the customer's own words, `trouble` says whether
    the experience broke here, `browsing` marks what folds into a visit (“3 pages in 9 min”).
    """

    sentence: str
    bead: Voice
    icon: str
    place: str = ""
    quote: str = ""
    details: tuple[Detail, ...] = ()
    trouble: Trouble = ""
    mark: str = ""
    browsing: bool = False


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """How one kind of event is told.

    `say` holds blanks (`{product}`); where one of them has no value, `plain` is said instead. `facts` name what stands
    below, `quotes` the properties that hold the customer's own words, best first.
    """

    say: str
    plain: str = ""
    icon: str = ""
    bead: Voice | None = None
    facts: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    trouble: Trouble = ""
    browsing: bool = False
