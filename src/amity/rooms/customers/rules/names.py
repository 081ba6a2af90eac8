"""What a customer is called on a page, from what is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from amity.kernel.sealed import is_sealed

_WHOLE = ("name", "full_name", "fullName", "displayName", "display_name")
_FIRST = ("first_name", "firstName", "firstname", "given_name")
_LAST = ("last_name", "lastName", "lastname", "family_name")


def first_of(identifiers: Iterable[tuple[str, str]], kind: str) -> str:
    """Return the first identifier of a kind in alphabetical order, empty if there is none."""
    return min((value for k, value in identifiers if k == kind), default="")


def display_name(*, customer_id: UUID, traits: Mapping[str, Any], identifiers: Iterable[tuple[str, str]]) -> str:
    """Return the customer's name, else e-mail, user id or phone, else "Visitor" with the end of the customer's id."""
    whole = _text(traits, _WHOLE) or " ".join(filter(None, (_text(traits, _FIRST), _text(traits, _LAST))))
    known = list(identifiers)
    fallbacks = (first_of(known, "email"), _text(traits, ("email",)), first_of(known, "user_id"), first_of(known, "phone"))
    return whole or next(filter(None, fallbacks), f"Visitor {customer_id.hex[-6:]}")


def _text(traits: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = traits.get(name)
        if isinstance(value, str) and value.strip() and not is_sealed(value):
            return value.strip()[:120]
    return ""
