"""A planned interaction as a document: what a file holds, what the API takes, what a version keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.plan.schema import check_schema

KINDS = ("track", "identify", "page", "screen", "group", "alias")
STATUSES = ("planned", "live", "deprecated")
ACTIONS = ("allow", "flag", "block", "quarantine")
PROPERTY_ACTIONS = ("allow", "flag", "omit", "block")
LONGEST_NAME, LONGEST_TEXT, MOST_LINKS = 200, 2_000, 20
_TEXTS = {"owner": 200, "description": LONGEST_TEXT}
_CHOICES = {"status": STATUSES, "on_violation": ACTIONS, "unplanned_properties": PROPERTY_ACTIONS}
_ORDER = (
    "kind", "name", "status", "owner", "description", "links", "on_violation", "unplanned_properties", "properties", "traits"
)  # fmt: skip


def blank(*, kind: str, name: str) -> dict[str, Any]:
    """Return the document of an interaction of which nothing is planned yet."""
    return check_document({"kind": kind, "name": name})


def check_document(given: object) -> dict[str, Any]:
    """Return a document whole and in its order, with what was left out filled in. Raises Invalid with the field's name."""
    if not isinstance(given, Mapping):
        raise Invalid("A planned interaction is an object.")
    if unknown := sorted(str(one)[:60] for one in given if one not in _ORDER):
        raise Invalid(f"{unknown[0]!r} is no field of a planned interaction; they are {', '.join(_ORDER)}.")
    kind, name = given.get("kind", "track"), given.get("name", "")
    if kind not in KINDS:
        raise Invalid(f"kind: one of {', '.join(KINDS)}.")
    if not isinstance(name, str) or len(name) > LONGEST_NAME or "\x00" in name or (kind == "track" and not name.strip()):
        raise Invalid(f"name: a text of at most {LONGEST_NAME} characters; an event needs one.")
    defaults = {"status": "live", "on_violation": "flag", "unplanned_properties": "allow"}
    made: dict[str, Any] = {"kind": kind, "name": name}
    for field, choices in _CHOICES.items():
        made[field] = given.get(field, defaults[field])
        if made[field] not in choices:
            raise Invalid(f"{field}: one of {', '.join(choices)}.")
    for field, longest in _TEXTS.items():
        made[field] = given.get(field) or ""
        if not isinstance(made[field], str) or len(made[field]) > longest or "\x00" in made[field]:
            raise Invalid(f"{field}: a text of at most {longest} characters.")
    made["links"] = _links(given.get("links") or [])
    for place in ("properties", "traits"):
        made[place] = check_schema(given.get(place) or {"type": "object"}, at=place)
    return {field: made[field] for field in _ORDER}


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[tuple[str, Any, Any]]:
    """Return (path, before, after) of each leaf that differs, in the order of paths; None is what isn't there."""
    old, new = dict(_leaves(before or {}, "")), dict(_leaves(after or {}, ""))
    return [(path, old.get(path), new.get(path)) for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)]


def _leaves(value: Any, at: str) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, f"{at}.{key}" if at else str(key))]
    return [(at, sorted(value) if at.endswith("required") and isinstance(value, list) else value)]


def _links(given: object) -> list[str]:
    if not isinstance(given, list) or len(given) > MOST_LINKS:
        raise Invalid(f"links: a list of at most {MOST_LINKS} addresses.")
    for one in given:
        if not isinstance(one, str) or len(one) > LONGEST_TEXT or not one.startswith(("https://", "http://")):
            raise Invalid("links: each is an address that begins with https:// or http://.")
    return list(given)
