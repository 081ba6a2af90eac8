"""Who a customer is, in words: header, identifiers, joins, traits, and the raw profile."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from amity.kernel.sealed import hidden
from amity.rooms.collection.api import names_of_sources
from amity.rooms.customers.contracts import Account, Customer, Identifier, Merge, Trait
from amity.rooms.customers.rules.portrait.words import looks_like_code, plain_words

_KINDS = {
    "user_id": "User id", "email": "E-mail", "phone": "Phone", "anonymous_id": "Browser or app", "device_id": "Device",
    "advertising_id": "Advertising id", "group_id": "Group",
}  # fmt: skip
_AVATARS = ("", "b2", "b3", "b4")
_HUMAN = frozenset({"email", "phone"})


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the top of the page says; `tint` spreads the avatars' colours evenly."""

    name: str
    tint: str
    line: list[str]


@dataclass(frozen=True, kw_only=True)
class Known:
    """An identifier with its words."""

    label: str
    value: str
    code: bool
    source: str
    identifier: Identifier


@dataclass(frozen=True, kw_only=True)
class Join:
    """A merge with its evidence in words."""

    title: str
    why: str
    source: str
    merge: Merge
    moved: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class KnownTrait:
    """A trait with its words. `text` is one line, `long` the whole value where that is more."""

    label: str
    text: str
    long: str
    source: str
    trait: Trait


def source_names(workspace_id: int) -> dict[int, str]:
    """Return the names of a workspace's sources by id; 0 is Amity itself."""
    return {0: "Amity", **names_of_sources(workspace_id)}


def tint_of(customer_id: Any) -> str:
    """Return the avatar's colour class of a customer."""
    return _AVATARS[customer_id.int % len(_AVATARS)]


def header_of(customer: Customer) -> Header:
    """Return the header: name, main identifiers, place as the traits tell it."""
    known = {trait.name: trait.value for trait in customer.traits}
    place = _place(known)
    line = [text for text in (customer.email, customer.user_id, place) if text and text != customer.name]
    return Header(name=customer.name, tint=tint_of(customer.id), line=line)


def known_of(identifiers: Sequence[Identifier], sources: Mapping[int, str]) -> list[Known]:
    """Return identifiers for people: those that a person knows by heart first."""
    order = {"email": 0, "phone": 1, "user_id": 2}
    ranked = sorted(identifiers, key=lambda one: (order.get(one.kind, 3), one.kind, -one.added_at))
    return [
        Known(
            label=kind_words(one.kind),
            value=one.value,
            code=one.kind not in _HUMAN,
            source=sources.get(one.source_id, "a source that is gone"),
            identifier=one,
        )
        for one in ranked
    ]


def kind_words(kind: str) -> str:
    """Return a kind of identifier as a person names it."""
    return _KINDS.get(kind) or plain_words(kind)


def joins_of(merges: Sequence[Merge], sources: Mapping[int, str]) -> list[Join]:
    """Return joins for people: what became one, and what showed that they are the same."""
    return [_join(one, sources) for one in merges]


def traits_of(customer: Customer | Account, sources: Mapping[int, str]) -> list[KnownTrait]:
    """Return traits for people, in the order of their names."""
    return [_trait(one, sources) for one in customer.traits]


def told_besides(traits: Sequence[KnownTrait], known: Sequence[Known], header: Header) -> list[KnownTrait]:
    """Return the traits that the page doesn't show already as name or identifier."""
    shown = {header.name.casefold(), *(one.value.casefold() for one in known)}
    return [one for one in traits if one.text.casefold() not in shown]


def profile_of(customer: Customer, identifiers: Sequence[Identifier]) -> dict[str, Any]:
    """Return the whole profile as an object that JSON can hold."""
    raw = asdict(customer) | {"values": {currency: str(amount) for currency, amount in customer.values.items()}}
    raw["identifiers"] = [asdict(one) for one in identifiers]
    return raw


def _join(merge: Merge, sources: Mapping[int, str]) -> Join:
    moved = list(merge.moved)
    first = kind_words(moved[0][0]) if moved else "Another visitor"
    title = f"{first} {moved[0][1]}" if moved else first
    if len(moved) > 1:
        title += f" and {len(moved) - 1} more"
    shown = [f"{kind_words(kind).lower()} {value}" for kind, value, _ in merge.identifiers]
    if merge.rule == "people":
        why = f"{merge.person} said that both are one{f': {merge.reason}' if merge.reason else ''}"
    elif merge.rule == "alias":
        why = "An alias call said that both are one"
    else:
        why = f"Sent together: {' and '.join(shown[:3])}" if shown else "The same identifier on both sides"
    return Join(
        title=title, why=why, source=sources.get(merge.source_id, ""), merge=merge, moved=[(kind_words(k), v) for k, v in moved]
    )


def text_of_trait(trait: Trait) -> str:
    """Return a trait's value in one short line."""
    return _trait(trait, {}).text


def trait_words(name: str) -> str:
    """Return a trait's name as a person says it."""
    return name if looks_like_code(name) and "." in name else plain_words(name) or name


def _trait(trait: Trait, sources: Mapping[int, str]) -> KnownTrait:
    value = hidden(trait.value)
    text = {None: "known to be empty", True: "yes", False: "no"}.get(value) if value is None or isinstance(value, bool) else None
    if text is None:
        text = _flat(value)
    flat = " ".join(text.split())
    long = json.dumps(value, indent=2, ensure_ascii=False, default=str) if isinstance(value, dict | list) else text
    is_long = len(flat) > 80 or isinstance(value, dict | list)
    return KnownTrait(
        label=trait_words(trait.name),
        text=flat[:80].rstrip() + ("…" if len(flat) > 80 else ""),
        long=long if is_long else "",
        source=sources.get(trait.source_id, ""),
        trait=trait,
    )


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_flat(each) for each in value[:20])
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_flat(each)}" for name, each in list(value.items())[:20])
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _place(known: Mapping[str, Any]) -> str:
    address = known.get("address")
    inner: Mapping[str, Any] = address if isinstance(address, dict) else {}
    found = [
        next((str(holder[name]).strip() for holder in (known, inner) if isinstance(holder.get(name), str)), "")
        for name in ("city", "country")
    ]
    return ", ".join(part[:60] for part in found if part)
