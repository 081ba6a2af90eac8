"""From what was seen of an interaction to a plan of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from amity.rooms.collection.rules.plan.shapes import TYPES

REQUIRED_FROM = 0.999
RARE = 0.001  # a type that comes less often than this is a mistake to be told, not a plan
MOST_VALUES = 12
LONGEST_VALUE = 60
LEAST_SEEN = 100  # below, few values say nothing: there were few interactions
LEAST_EACH = 20  # times that each value came on average, before the values are taken for all that there are
MOST_PLANNED = 300


def schemas_from(seen: Iterable[Mapping[str, Any]], *, total: int) -> dict[str, dict[str, Any]]:
    """Return a schema of properties and one of traits, from rows of (place, name, n, counts by type, some values).

    A property is required if at least 99.9 % of `total` interactions carry it. Its types are those of at least 0.1 % of its
    values. Its values become an `enum` where they are texts, at most 12, each at most 60 characters, seen 20 times on average
    among at least 100.
    """
    made: dict[str, dict[str, Any]] = {
        place: {"type": "object", "required": [], "properties": {}} for place in ("properties", "traits")
    }
    for row in seen:
        schema = made[row["place"]]
        if len(schema["properties"]) >= MOST_PLANNED:
            continue
        if total and row["n"] >= REQUIRED_FROM * total:
            schema["required"].append(row["name"])
        schema["properties"][row["name"]] = _property(row)
    for schema in made.values():
        schema["required"].sort()
        schema["properties"] = dict(sorted(schema["properties"].items()))
        if not schema["required"]:
            del schema["required"]
    return made


def _property(row: Mapping[str, Any]) -> dict[str, Any]:
    types = [name for name in TYPES if row[name] and row[name] >= RARE * row["n"]]
    if "number" in types and "integer" in types:
        types.remove("integer")  # every integer is a number
    one: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    if (values := _few_values(row, types)) is not None:
        one["enum"] = values
    return one


def _few_values(row: Mapping[str, Any], types: list[str]) -> list[str] | None:
    some = row["some"]
    if types != ["string"] or row["string"] != row["n"] or len(some) > MOST_VALUES or row["n"] < LEAST_SEEN:
        return None
    if row["n"] < LEAST_EACH * len(some):
        return None
    try:
        values = sorted(json.loads(one) for one in some)
    except ValueError:  # cut in the middle, so too long
        return None
    return values if all(len(one) <= LONGEST_VALUE for one in values) else None
