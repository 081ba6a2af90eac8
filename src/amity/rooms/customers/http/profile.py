"""The Profile API: what is known of one customer now, in the parts that were asked for, as far as a purpose permits.

The answer is made without Django and without the API's framework, since it is to come within milliseconds: `profile` reads the
present in one trip, `reply` makes the bytes. `http.customers` serves it as a part of the documented API, `http.quick` before Django.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec

from amity.engines.present.trips import Trips
from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.sealed import hidden, hide_deep
from amity.rooms.customers.queries.at_once import Known, ask_known
from amity.rooms.customers.queries.permission import Chosen
from amity.rooms.customers.queries.subjects import CUSTOMER_ID
from amity.rooms.customers.rules.choices.decide import Decision
from amity.rooms.customers.rules.choices.purposes import Purpose, named, purpose_of
from amity.rooms.customers.rules.identifiers import kind_of
from amity.rooms.customers.rules.names import display_name, first_of

NEWEST = 20  # interactions of `timeline`, unless `limit` says how many
_WHY_NOT = {
    "refused": "The customer said no to {name}.",
    "expired": "The customer's yes to {name} is older than their region's policy lets it last.",
    "never_asked": "The customer never agreed to {name}, and where they are silence is a no.",
    "restricted": "The customer asked that their data isn't used, so not for {name} either.",
    "paused": "The customer paused all marketing, so {name} too.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose profile, in which parts (of PARTS, or `timeline`), for what."""

    kind: str
    value: str
    include: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A customer with the purpose and what it says; nothing of `known` may be told where it isn't allowed."""

    asked: Asked
    known: Known
    purpose: Purpose
    decision: Decision
    chosen: Chosen
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as bytes of JSON. `etag` is the same as long as the bytes are; empty where there is nothing to hold it against."""

    status: int
    body: bytes
    etag: str = ""


def read_asked(*, who: str, include: Sequence[str], purpose: str) -> Asked:
    """Read `email:ines@mail.example` or a customer's id, and the parts, each on its own or several with commas. Raises Invalid."""
    kind, colon, value = who.replace("\0", "").partition(":")
    kind, value = (kind_of(kind), value.strip()) if colon else (CUSTOMER_ID, kind.strip())
    if kind == CUSTOMER_ID:
        try:
            value = str(UUID(value))
        except ValueError:
            raise Invalid(f"{who!r} names no customer: give an id, or kind:value such as email:ines@mail.example.") from None
    parts = tuple(dict.fromkeys(part for one in include for part in one.replace(" ", "").split(",") if part))
    unknown = [part for part in parts if part not in PARTS and part != "timeline"]
    if unknown:
        raise Invalid(f"There is no part {unknown[0]!r}; include {', '.join(PARTS)} and timeline, separated by commas.")
    return Asked(kind=kind, value=value, include=parts or tuple(PARTS), purpose=named(purpose))


def profile(asked: Asked, *, workspace_id: int) -> Trips[Profile]:
    """Return the profile as of now. Raises NotFound, and Invalid (`unknown_purpose`) for no purpose of the workspace."""
    chosen, known = yield from ask_known(workspace_id=workspace_id, kind=asked.kind, value=asked.value)
    return judge(asked, chosen, known)


def judge(asked: Asked, chosen: Chosen, known: Known | None) -> Profile:
    """Return a customer's profile with what the purpose says of it. Raises as `profile` does."""
    purpose = purpose_of(chosen.purposes, asked.purpose)
    if known is None:
        raise NotFound("There is no such customer here.")
    at = now_ms()
    decision = known.decide(purpose, chosen, at)
    return Profile(asked=asked, known=known, purpose=purpose, decision=decision, chosen=chosen, at=at)


def reply(one: Profile, *, matches: str = "", timeline: Sequence[Any] | None = None) -> Reply:
    """Return the answer: the parts, 304 where the client holds them already (`matches` is its If-None-Match), or why there are none."""
    if not one.decision.allowed:
        return Reply(status=403, body=msgspec.json.encode(_withheld(one)))
    told: dict[str, Any] = {"id": one.known.id, "purpose": one.purpose.key, "reason": one.decision.reason}
    for part in one.asked.include:
        if part == "summary":
            told |= _summary(one)
        elif part in PARTS:
            told[part] = PARTS[part](one)
    if timeline is not None:
        told["timeline"] = timeline
    body = msgspec.json.encode(told)
    etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    known = {tag.strip().removeprefix("W/") for tag in matches.split(",")}
    return Reply(status=304, body=b"", etag=etag) if etag in known or "*" in known else Reply(status=200, body=body, etag=etag)


def _withheld(one: Profile) -> dict[str, str]:
    why = _WHY_NOT[one.decision.reason].format(name=one.purpose.name)
    return {
        "code": "not_permitted",
        "message": f"{why} Nothing is told for that purpose; other purposes may allow it.",
        "purpose": one.purpose.key,
        "reason": one.decision.reason,
    }


def _summary(one: Profile) -> dict[str, Any]:
    known = one.known
    own = [(kind, value) for kind, value, _, _, aliased in known.identifiers if not aliased]
    email = known.traits.get("email")
    return {
        "name": display_name(customer_id=known.id, traits=known.traits, identifiers=own),
        "email": first_of(own, "email") or (email if isinstance(email, str) else ""),
        "user_id": first_of(own, "user_id"),
        "first_seen": _seen(known.first_seen),
        "last_seen": _seen(known.last_seen),
        "interactions": known.interactions,
        "channels": known.channels,
        "values": [{"currency": currency, "amount": f"{Decimal(sum_):f}"} for currency, sum_ in sorted(known.values.items())],
        "created_at": from_ms(known.created_at),
        "merged_ids": known.merged_ids,
    }


def _traits(one: Profile) -> list[dict[str, Any]]:
    found = []
    for name, value in sorted(one.known.traits.items()):
        time, source, *_ = one.known.origins.get(name, (one.known.created_at, 0))
        found.append({"name": name, "value": hidden(value), "time": from_ms(time), "source_id": source})
    return found


def _computed(one: Profile) -> list[dict[str, Any]]:
    return [
        {"id": number, "name": name, "value": hide_deep(value), "since": from_ms(since)}
        for number, name, value, since in one.known.computed
    ]


def _audiences(one: Profile) -> list[dict[str, Any]]:
    return [{"id": number, "name": name, "since": from_ms(since)} for number, name, since in one.known.audiences]


def _identifiers(one: Profile) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "value": value, "added_at": from_ms(added), "source_id": source}
        for kind, value, added, source, _ in one.known.identifiers
    ]


def _consent(one: Profile) -> list[dict[str, Any]]:
    return [_choice(purpose, one.known.decide(purpose, one.chosen, one.at)) for purpose in one.chosen.purposes.values()]


def _choice(purpose: Purpose, decision: Decision) -> dict[str, Any]:
    answer = decision.answer
    return {
        "purpose": purpose.key,
        "allowed": decision.allowed,
        "reason": decision.reason,
        "said": None if answer is None else answer.name,
        "time": None if answer is None else from_ms(answer.time),
    }


def _seen(instant: int) -> datetime | None:
    return datetime.fromtimestamp(instant / 1000, UTC) if instant else None


PARTS: dict[str, Callable[[Profile], Any]] = {
    "summary": _summary,
    "traits": _traits,
    "computed": _computed,
    "audiences": _audiences,
    "identifiers": _identifiers,
    "consent": _consent,
}
