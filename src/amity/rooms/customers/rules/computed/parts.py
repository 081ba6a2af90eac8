"""What whole definitions are made of, wherever it stands in them: what is asked of which engine, and what they listen to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from amity.engines.past.behaviour.language import Behaviour, Event, Window, events_of
from amity.engines.past.behaviour.takes import Take
from amity.rooms.customers.rules.audiences.language import Compared, Condition, InAccount, Profile, leaves
from amity.rooms.customers.rules.computed.language import Cases, Sql, Tile, Value, conditions, inner

_encoder = msgspec.json.Encoder()


def key_of(part: object) -> bytes:
    """Return what makes two parts the same; to Python, True equals 1."""
    return _encoder.encode(part)


@dataclass(slots=True)
class Parts:
    """Distinct parts by their keys."""

    behaviours: dict[bytes, Behaviour] = field(default_factory=dict)
    profiles: dict[bytes, Profile] = field(default_factory=dict)
    accounts: dict[bytes, InAccount] = field(default_factory=dict)
    takes: dict[bytes, Take] = field(default_factory=dict)
    sqls: dict[bytes, Sql] = field(default_factory=dict)
    tiles: dict[bytes, Tile] = field(default_factory=dict)

    def events(self) -> list[tuple[Event, Window | None]]:
        """Return each event that is looked at, with its window."""
        found = [(event, one.within) for one in self.behaviours.values() for event in events_of(one)]
        return found + [(one.event, one.within) for one in self.takes.values()]

    def heard(self) -> set[tuple[str, str]]:
        """Return (type, name) of the interactions that can change something; an empty text stands for any.

        The type `account` is heard of whoever names an account, beside the interaction's own.
        """
        found: set[tuple[str, str]] = {(event.type, event.name) for event, _ in self.events()}
        if self.accounts:
            found.add(("account", ""))
        return found | {("", "")} if self.sqls else found

    def windows(self) -> list[Window]:
        """Return the windows that something is looked at within."""
        found = [one.within for one in (*self.behaviours.values(), *self.takes.values())]
        return [one for one in found if one is not None]


def parts_of(wheres: Iterable[Condition] = (), values: Iterable[Value] = ()) -> Parts:
    """Return the parts of whole conditions and values."""
    parts = Parts()
    for where in wheres:
        _of_condition(where, parts)
    for value in values:
        _of_value(value, parts)
    return parts


def _of_condition(where: Condition, parts: Parts) -> None:
    for leaf in leaves(where):
        if isinstance(leaf, Compared):
            _of_value(leaf.value, parts)
        elif isinstance(leaf, Behaviour):
            parts.behaviours.setdefault(key_of(leaf), leaf)
        elif isinstance(leaf, InAccount):
            parts.accounts.setdefault(key_of(leaf), leaf)
        elif isinstance(leaf, Profile):
            parts.profiles.setdefault(key_of(leaf), leaf)


def _of_value(value: Value, parts: Parts) -> None:
    match value:
        case Sql():
            parts.sqls.setdefault(key_of(value), value)
        case Tile():
            parts.tiles.setdefault(key_of(value), value)
        case _ if isinstance(value, Take):
            parts.takes.setdefault(key_of(value), value)
    if isinstance(value, Cases):
        for where in conditions(value):
            _of_condition(where, parts)
    for one in inner(value):
        _of_value(one, parts)
