"""Free-form JSON objects that stay bytes: told from other values, merged, and given a field."""

from __future__ import annotations

from typing import Any

import msgspec

from amity.facts.interaction import EMPTY


class Unfit(ValueError):
    """This event can't be accepted: a stable `reason` and a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


def object_in(raw: msgspec.Raw, *, field: str) -> msgspec.Raw:
    """Return an object as it stands, and an empty one for null. Raises Unfit for any other value."""
    if raw is EMPTY:
        return EMPTY
    text = bytes(raw)
    if text[:1] == b"{":
        return EMPTY if text == b"{}" else raw
    if text == b"null":
        return EMPTY
    raise Unfit("bad_field", f"{field} should be an object.")


def decode_object(raw: msgspec.Raw) -> dict[str, Any]:
    """Return an object's fields, none where it is no object."""
    return _decode(raw) if bytes(raw[:1] if isinstance(raw, bytes) else raw)[:1] == b"{" else {}


def merged(below: dict[str, Any], raw: msgspec.Raw) -> msgspec.Raw:
    """Return an object in which what stands in `raw` covers what stands in `below`, field by field."""
    return encoded({**below, **decode_object(raw)})


def with_field(raw: msgspec.Raw, name: str, value: Any) -> msgspec.Raw:
    """Return an object with one more field, unless it has a field of that name."""
    quoted = _encode(name)
    head = quoted + b":" + _encode(value)
    text = bytes(raw)
    if text == b"{}":
        return msgspec.Raw(b"{" + head + b"}")
    if text.rfind(quoted) < 0:
        return msgspec.Raw(b"{" + head + b"," + text[1:]) if text[1:].lstrip()[:1] != b"}" else msgspec.Raw(b"{" + head + b"}")
    try:
        fields = _decode(raw)
        return raw if name in fields else encoded({name: value, **fields})
    except (msgspec.ValidationError, OverflowError):  # a number out of range, which whoever decodes it turns away
        return msgspec.Raw(b"{" + head + b"," + text[1:])


class _ContextTraits(msgspec.Struct):
    traits: msgspec.Raw = EMPTY


_context_traits = msgspec.json.Decoder(_ContextTraits).decode


def traits_in(context: msgspec.Raw) -> msgspec.Raw:
    """Return the traits that RudderStack's clients put into the context of an identify call."""
    if b'"traits"' not in bytes(context):
        return EMPTY
    return object_in(_context_traits(context).traits, field="context.traits")


def encoded(fields: dict[str, Any]) -> msgspec.Raw:
    """Return fields as an object in bytes."""
    return msgspec.Raw(_encode(fields))


__all__ = ["EMPTY", "Unfit", "decode_object", "encoded", "merged", "object_in", "traits_in", "with_field"]
