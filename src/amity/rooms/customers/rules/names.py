"""What a customer is called on a page, from what is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from amity.kernel.sealed import is_sealed

WHOLE = ("name", "full_name", "fullName", "displayName", "display_name")
FIRST = ("first_name", "firstName", "firstname", "given_name")
LAST = ("last_name", "lastName", "lastname", "family_name")


def first_of(identifiers: Iterable[tuple[str, str]], kind: str) -> str:
    """Return the first identifier of a kind in alphabetical order, empty if there is none."""
    return min((value for k, value in identifiers if k == kind), default="")


def display_name(*, customer_id: UUID, traits: Mapping[str, Any], identifiers: Iterable[tuple[str, str]]) -> str:
    """Return the customer's name, else e-mail, user id or phone, else "Visitor" with the end of the customer's id."""
    whole = text_of(traits, WHOLE) or " ".join(filter(None, (text_of(traits, FIRST), text_of(traits, LAST))))
    known = list(identifiers)
    fallbacks = (first_of(known, "email"), text_of(traits, ("email",)), first_of(known, "user_id"), first_of(known, "phone"))
    return whole or next(filter(None, fallbacks), f"Visitor {customer_id.hex[-6:]}")


def text_of(traits: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the first trait of those names that is a text, trimmed and shortened; empty if there is none."""
    for name in names:
        value = traits.get(name)
        if isinstance(value, str) and value.strip() and not is_sealed(value):
            return value.strip()[:120]
    return ""
