"""What is known of an account: the newest value of each trait that its group calls told, as for customers."""

from __future__ import annotations

import json
from collections.abc import Iterable

from amity.kernel.sealed import hidden
from amity.rooms.customers.contracts import Trait

Told = tuple[int, int, str]  # time in ms, source, traits as JSON text


def traits_of_account(told: Iterable[Told]) -> list[Trait]:
    """Return traits by name from what was told, given newest first. Null means known to be empty, and is left out."""
    known: dict[str, Trait] = {}
    for time, source, text in told:
        given = json.loads(text)
        for name, value in given.items() if isinstance(given, dict) else ():
            known.setdefault(name, Trait(name=name, value=hidden(value), time=time, source_id=source))
    return [known[name] for name in sorted(known) if known[name].value is not None]


def name_of_account(account: str, traits: Iterable[Trait]) -> str:
    """Return what people call an account: its trait `name`, else its id without the type before it."""
    named = next((trait.value for trait in traits if trait.name == "name"), None)
    return named.strip() if isinstance(named, str) and named.strip() else plain_id(account)


def plain_id(account: str) -> str:
    """Return an account's id without a group's type before it: `company:acme` is `acme`."""
    kind, colon, rest = account.partition(":")
    return rest if colon and rest.strip() and not rest.startswith("//") and kind.isidentifier() else account
