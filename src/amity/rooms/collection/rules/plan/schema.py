"""The part of JSON Schema (draft 2020-12) that a plan may use, and its compiled form.

Left out on purpose: references of any kind, combinations (`allOf`, `anyOf`, `oneOf`, `not`, `if`), and everything that would
make a check's cost depend on more than the interaction's size. Patterns run on an engine without backtracking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.plan.shapes import TYPES

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

PII = ("none", "personal", "sensitive")
FORMATS = ("date", "date-time", "email", "uuid", "uri")
DEEPEST, MOST_NODES, MOST_PROPERTIES, MOST_VALUES, LONGEST_PATTERN, LONGEST_TEXT = 5, 1_000, 300, 100, 200, 2_000
_PATTERN_BYTES = 262_144  # that one compiled pattern may take


def check_schema(schema: object, *, at: str) -> dict[str, Any]:
    """Return the schema of an object's properties if it is of the part that is allowed. Raises Invalid with the place."""
    if not isinstance(schema, dict):
        raise Invalid(f"{at}: a schema is an object.")
    if schema.get("type", "object") != "object":
        raise Invalid(f"{at}: properties and traits are objects, so the type here is object.")
    if "additionalProperties" in schema:
        raise Invalid(f"{at}: what happens to unplanned properties is decided by unplanned_properties, not additionalProperties.")
    checked = {"type": "object", **schema}
    _node(checked, at, 0, [0])
    compile_schema(checked, at=at)
    return checked


def compile_schema(schema: dict[str, Any], *, at: str = "") -> Draft202012Validator:
    """Return a schema as what judges. Raises Invalid where a pattern is none."""
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(
            schema,
            validate_formats=True,
            pattern_options=jsonschema_rs.RegexOptions(size_limit=_PATTERN_BYTES, dfa_size_limit=_PATTERN_BYTES),
        )
    except (ValueError, jsonschema_rs.ValidationError) as error:
        raise Invalid(f"{at}: {str(error).partition(chr(10))[0]}") from error


def pii_of(schema: dict[str, Any]) -> dict[str, str]:
    """Return the class of personal data of each property at the top that has one other than `none`."""
    marked = {name: one.get("x-pii", "none") for name, one in schema.get("properties", {}).items()}
    return {name: pii for name, pii in marked.items() if pii != "none"}


def _node(schema: object, at: str, depth: int, nodes: list[int]) -> None:
    if not isinstance(schema, dict):
        raise Invalid(f"{at}: a schema is an object.")
    nodes[0] += 1
    if depth > DEEPEST or nodes[0] > MOST_NODES:
        raise Invalid(f"{at}: a schema goes at most {DEEPEST} deep and has at most {MOST_NODES} parts.")
    for keyword, value in schema.items():
        test = _KEYWORDS.get(keyword)
        if test is None:
            raise Invalid(f"{at}: {str(keyword)[:60]!r} is no keyword that a plan knows. See the list in docs/plan.md.")
        if not test(value):
            raise Invalid(f"{at}.{keyword}: this can't be its value.")
    for name, inner in schema.get("properties", {}).items():
        _node(inner, f"{at}.{str(name)[:60]}", depth + 1, nodes)
    if "items" in schema:
        _node(schema["items"], f"{at}[]", depth + 1, nodes)


def _text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000


def _values(value: object) -> bool:
    return isinstance(value, list) and 0 < len(value) <= MOST_VALUES and all(_plain(one) for one in value)


def _plain(value: object) -> bool:
    return value is None or isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) <= LONGEST_TEXT)


def _type(value: object) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(one, str) and one in TYPES for one in names) and len(set(names)) == len(names)


def _names(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MOST_PROPERTIES and all(isinstance(one, str) for one in value)


_KEYWORDS: dict[str, Callable[[Any], bool]] = {
    "type": _type, "enum": _values, "const": _plain,
    "minimum": _number, "maximum": _number, "exclusiveMinimum": _number, "exclusiveMaximum": _number,
    "multipleOf": lambda v: _number(v) and v > 0,
    "minLength": _size, "maxLength": _size, "minItems": _size, "maxItems": _size,
    "pattern": lambda v: isinstance(v, str) and len(v) <= LONGEST_PATTERN,
    "format": lambda v: v in FORMATS,
    "items": lambda v: isinstance(v, dict),
    "properties": lambda v: isinstance(v, dict) and len(v) <= MOST_PROPERTIES,
    "required": _names,
    "additionalProperties": lambda v: isinstance(v, bool),
    "title": _text, "description": _text, "$comment": _text,
    "deprecated": lambda v: isinstance(v, bool),
    "examples": lambda v: isinstance(v, list) and len(v) <= MOST_VALUES,
    "x-pii": lambda v: v in PII,
}  # fmt: skip
KEYWORDS = tuple(_KEYWORDS)
