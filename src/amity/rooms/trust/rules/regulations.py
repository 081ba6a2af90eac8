"""Segment's regulations: which there are, and what each does. See the Public API's Deletion and Suppression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_SUBJECTS = 5_000  # in one call, as Segment has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulation:
    """What a type does: erase, keep out from then on, take on again."""

    erases: bool = False
    keeps_out: bool = False
    takes_on: bool = False


# Those that are called internal spare the destinations that Segment sends to, which aren't here.
TYPES: Mapping[str, Regulation] = {
    "SUPPRESS_WITH_DELETE": Regulation(erases=True, keeps_out=True),
    "SUPPRESS_WITH_DELETE_INTERNAL": Regulation(erases=True, keeps_out=True),
    "DELETE_ONLY": Regulation(erases=True),
    "DELETE_INTERNAL": Regulation(erases=True),
    "SUPPRESS_ONLY": Regulation(keeps_out=True),
    "UNSUPPRESS": Regulation(takes_on=True),
}


def status(*, total: int, left: int, finished: bool) -> str:
    """Return the status in Segment's words: nothing is begun, something is, all is done."""
    if finished:
        return "FINISHED"
    return "INITIALIZED" if left == total else "RUNNING"
