"""What people fill in about a planned interaction, as a document. What a document must be is decided in `rules.plan`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django.http import QueryDict

from amity.kernel.errors import Invalid

_FIELDS = ("status", "owner", "description", "on_violation", "unplanned_properties")


def rows_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the document's properties and traits as rows of a form; `more` are rules that only the schema shows."""
    rows: list[dict[str, Any]] = []
    for place in ("properties", "traits"):
        schema = document[place]
        for name, one in sorted(schema.get("properties", {}).items()):
            types = one.get("type", [])
            rows.append({
                "place": place, "name": name, "types": types if isinstance(types, list) else [types],
                "required": name in schema.get("required", []), "pii": one.get("x-pii", "none"),
                "description": one.get("description", ""),
                "more": [key for key in one if key not in {"type", "x-pii", "description"}],
            })  # fmt: skip
    return rows


def edited(given: QueryDict, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document as the form leaves it. Raises Invalid where its JSON is none."""
    made = deepcopy(dict(document))
    if given.get("as") == "schema":
        try:
            schemas = json.loads(given.get("schemas", ""))
        except (ValueError, RecursionError) as error:
            raise Invalid(f"This is no JSON: {error}") from error
        if not isinstance(schemas, dict) or not schemas.keys() <= {"properties", "traits"}:
            raise Invalid("Write one object with the two schemas properties and traits.")
        return made | schemas
    made |= {field: given.get(field, made[field]).replace("\r\n", "\n") for field in _FIELDS}
    made["links"] = [one.strip() for one in given.get("links", "").splitlines() if one.strip()]
    for number, row in enumerate(rows_of(document)):
        _apply(made[row["place"]], row["name"], given, f"p{number}-")
    if new := given.get("new-name", "").strip():
        place = "traits" if given.get("new-place") == "traits" else "properties"
        made[place].setdefault("properties", {}).setdefault(new, {})
        _apply(made[place], new, given, "new-")
    return made


def _apply(schema: dict[str, Any], name: str, given: QueryDict, prefix: str) -> None:
    required = set(schema.get("required", [])) - {name}
    if given.get(f"{prefix}remove"):
        del schema["properties"][name]
    else:
        one = schema["properties"][name]
        types = given.getlist(f"{prefix}type")
        _set(one, "type", types[0] if len(types) == 1 else types)
        _set(one, "x-pii", given.get(f"{prefix}pii", "none"), nothing="none")
        _set(one, "description", given.get(f"{prefix}description", "").strip())
        if given.get(f"{prefix}required"):
            required.add(name)
    _set(schema, "required", sorted(required))


def _set(holder: dict[str, Any], key: str, value: Any, *, nothing: Any = None) -> None:
    if value and value != nothing:
        holder[key] = value
    else:
        holder.pop(key, None)
