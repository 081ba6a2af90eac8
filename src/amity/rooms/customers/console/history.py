"""The ledger of a customer's identity in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from amity.rooms.customers.console.known import kind_words
from amity.rooms.customers.queries.ledger import Entry

_WHY = {
    "blocked": "was left out: such a value identifies nobody",
    "invalid": "was left out: it is not well-formed",
    "too_long": "was left out: it is too long",
    "limit": "was left out: this customer has as many of its kind as one person may have, or its owner is another person",
    "apart": "was left out: a person said that its owner is somebody else",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One decision as a sentence. `icon` and `at` stand beside it, `by` says who or what decided."""

    icon: str
    text: str
    by: str
    at: int


def lines_of(entries: Sequence[Entry], sources: Mapping[int, str]) -> list[Line]:
    """Return sentences, in the order of the entries."""
    return [_line(one, sources) for one in entries]


def _line(one: Entry, sources: Mapping[int, str]) -> Line:
    source = f"from {sources.get(one.source_id, 'a source that is gone')}" if one.key is not None else ""
    named = _named(one.identifiers)
    if one.what == "created":
        return Line(icon="person", text="First met", by="", at=one.at)
    if one.what == "added":
        return Line(
            icon="plus", text=f"{named} was added{' by an alias call' if one.rule == 'alias' else ''}", by=source, at=one.at
        )
    if one.what == "left_out":
        return Line(icon="x", text=f"{named} {_WHY.get(one.rule, 'was left out')}", by=source, at=one.at)
    person = f"{one.person}{f': {one.reason}' if one.reason else ''}" if one.person else source
    if one.what == "kept_apart":
        return Line(
            icon="shield", text=f"Is not customer {str(one.other)[:8]}: no evidence will join the two", by=person, at=one.at
        )
    icon = "link" if one.what == "joined" else "undo"
    verb = "became part of this customer" if one.what == "joined" else "was part of this customer until the join was taken back"
    return Line(icon=icon, text=f"{named or 'Another visitor'} {verb}{_evidence(one)}", by=person, at=one.at)


def _evidence(one: Entry) -> str:
    if one.rule == "people":
        return ", because a person said so"
    if one.rule == "alias":
        return ", because an alias call said that both are one"
    return f", because {_named(one.evidence)} came together" if one.evidence else ""


def _named(identifiers: Sequence[tuple[str, str]]) -> str:
    shown = [f"{kind_words(kind)} {value}" for kind, value in identifiers[:3]]
    more = len(identifiers) - len(shown)
    return " and ".join(shown) + (f" and {more} more" if more > 0 else "")
