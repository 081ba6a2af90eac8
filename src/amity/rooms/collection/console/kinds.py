"""What an interaction is called in a list: its own name, else what its type says to a person; the type beside a name."""

from __future__ import annotations

_WORDS = {
    "identify": "Identified",
    "page": "Page view",
    "screen": "Screen view",
    "group": "Joined a group",
    "alias": "Joined two ids",
}


def title_of(*, name: str, kind: str) -> str:
    """Return what stands first: the name, or the type's words where there is none or it only repeats the type."""
    return name if name and name != kind else _WORDS.get(kind, "Without a name" if kind in {"", "track"} else kind)


def kind_beside(*, name: str, kind: str) -> str:
    """Return the type's words for beside a name; nothing where the name says it already, nor for ordinary events."""
    words = _WORDS.get(kind, "")
    return words if name and name.casefold() not in {kind, words.casefold()} else ""
