"""Conditions on the accounts that a customer belongs to: which of the accounts meet them. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.audiences.language import InAccount
from amity.rooms.customers.rules.computed.columns import comparison

_OF_IDS = ("equal", "not_equal", "one_of", "contains", "starts_with", "ends_with")


def traits_asked(conditions: Iterable[InAccount]) -> list[str]:
    """Return the traits whose values conditions need: `address.city` may be a trait's own name, or read into `address`."""
    return sorted({name for one in conditions if one.name for name in (one.name, one.name.partition(".")[0])})


def meets(one: InAccount) -> Callable[[str, Mapping[str, str]], bool]:
    """Return the test of one account: by its id, and the JSON of its traits. Raises Invalid for a comparison that makes no sense."""
    if not one.name:
        if one.test == "present":
            return lambda account, _: True  # noqa: ARG005  the parameter's place
        if one.test not in _OF_IDS:
            raise Invalid(f"An account's id can't be compared by {one.test}: write the name of one of its traits.")
        by_id = comparison(one, what="An account")
        return lambda account, _: by_id(account) != (one.test == "not_equal")
    name = one.name
    if one.test in {"present", "absent"}:
        return lambda _, traits: (_value(traits, name) is not None) == (one.test == "present")
    by_value = comparison(one, what=f"{name} of an account")
    return lambda _, traits: by_value(_value(traits, name)) != (one.test == "not_equal")


def _value(traits: Mapping[str, str], name: str) -> Any:
    if name in traits:
        return json.loads(traits[name])
    first, _, rest = name.partition(".")
    value = json.loads(traits[first]) if first in traits else None
    for step in rest.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
