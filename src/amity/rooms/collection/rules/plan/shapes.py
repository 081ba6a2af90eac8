"""The shape of an interaction: which properties and traits it carries, and of which type each is.

What flows has few shapes, so whatever is decided about one is remembered, and the rest is a dictionary's lookup.
"""

from __future__ import annotations

from typing import Any, TypeAlias

TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
PLACES = ("properties", "traits")
Shape: TypeAlias = tuple[tuple[str, ...], tuple[type, ...], tuple[str, ...], tuple[type, ...]]

LONGEST_NAME = 200
_NAMES: dict[type, str] = {
    str: "string", int: "integer", float: "number", bool: "boolean", dict: "object", list: "array", type(None): "null"
}  # fmt: skip


def shape_of(properties: dict[str, Any], traits: dict[str, Any]) -> Shape:
    """Return names and types of both, in the order in which they were sent."""
    return (
        tuple(properties),
        tuple(map(type, properties.values())),
        tuple(traits),
        tuple(map(type, traits.values())),
    )


def types_of(shape: Shape) -> list[tuple[str, str, str]]:
    """Return (place, name, JSON type) of each property and trait; names are cut to 200 characters."""
    names, types, trait_names, trait_types = shape
    return [
        (place, name[:LONGEST_NAME], type_name(kind))
        for place, pairs in (
            ("properties", zip(names, types, strict=True)),
            ("traits", zip(trait_names, trait_types, strict=True)),
        )
        for name, kind in pairs
    ]


def type_name(kind: type) -> str:
    """Return JSON Schema's name of a Python type; a number that JSON wrote without a fraction is an integer."""
    return _NAMES.get(kind, "number")
