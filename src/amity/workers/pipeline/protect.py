"""Protect: seal the values that a workspace's plan calls sensitive, before anything is stored of them. Called by the check.

Only what identifies stays readable (`email` and `phone`): by that customers are found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from amity.engines.fieldkeys import Keys, Unreadable, keys_of
from amity.facts.interaction import Interaction
from amity.kernel.sealed import is_sealed
from amity.rooms.collection.api import Sensitive
from amity.workers.batch import Item

_NONE: frozenset[str] = frozenset()
Change = Callable[[Keys, bytes, Any], Any]


def protect(item: Item, names: Sensitive) -> None:
    """Seal what is sensitive in an item's properties, traits and context."""
    _each(item, names, _seal)


def open_again(item: Item, names: Sensitive) -> None:
    """Open what comes sealed, so that it is judged as it is: what was turned away is kept sealed, and sent again like that."""
    _each(item, names, _open)


def as_kept(item: Item) -> Interaction:
    """Return the interaction as it may be kept and shown: with what was sealed of it."""
    if not item.sealed:
        return item.interaction
    return replace(item.interaction, properties=item.raw_properties, traits=item.raw_traits, context=item.raw_context)


def _each(item: Item, names: Sensitive, change: Change) -> None:
    one = item.interaction
    properties = names.properties.get((one.kind, one.name), _NONE)
    if properties and (hit := properties & item.properties.keys()):
        item.properties = _changed(item, item.properties, hit, b"properties", change)
        item.raw_properties = _raw(item.properties)
    if hit := names.traits & item.traits.keys():
        item.traits = _changed(item, item.traits, hit, b"traits", change)
        item.raw_traits = _raw(item.traits)
    carried = item.context.get("traits")
    if isinstance(carried, dict) and (hit := names.traits & carried.keys()):
        made = _changed(item, carried, hit, b"traits", change)
        item.context = {**item.context, "traits": made}  # the decoded one is shared with others
        item.raw_context = _raw(item.context)


def _changed(item: Item, values: dict[str, Any], names: frozenset[str], place: bytes, change: Change) -> dict[str, Any]:
    keys = keys_of(item.interaction.workspace)
    item.sealed = True
    return {
        name: change(keys, item.key.bytes + place + name.encode(errors="replace"), value) if name in names else value
        for name, value in values.items()
    }


def _seal(keys: Keys, of: bytes, value: Any) -> Any:
    # Null says that it's known to be empty.
    return value if value is None or is_sealed(value) else keys.seal(value, of=of)


def _open(keys: Keys, of: bytes, value: Any) -> Any:  # noqa: ARG001  as _seal
    try:
        return keys.open(value) if is_sealed(value) else value
    except Unreadable:  # somebody sent a text that looks like one
        return value


def _raw(value: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
