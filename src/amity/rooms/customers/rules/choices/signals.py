"""What an interaction tells of consent: by which signal, under which names, and what proves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec

from amity.rooms.customers.contracts import Incoming
from amity.rooms.customers.rules.choices.iab import LONGEST, Unreadable, gpp_opted_out, tcf_purposes
from amity.rooms.customers.rules.choices.purposes import SALE_SHARE, plain
from amity.rooms.customers.rules.traits import storable_text

STAMPED, OWN = "stamp", "event"
ORIGINS: Mapping[str, str] = {
    STAMPED: "Sent with an interaction",
    "gpc": "Global Privacy Control",
    OWN: "An answer of its own",
    "centre": "Preference centre",
    "colleague": "Noted by a colleague",
    "google": "Google consent mode",
    "tcf": "TCF string",
    "gpp": "GPP string",
}
_GOOGLE = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")
_TCF = ("tcString", "tcfString", "tcf", "IABTCF_TCString")
_GPP = ("gppString", "gpp", "IABGPP_HDR_GppString")
_CATEGORIES = {"categoryPreferences"}
_YES = {"consent_given", "consent_granted"}
_NO = {"consent_withdrawn", "consent_revoked"}
_CHANGED = {"consent_changed", "consent_updated", "consent_preference_updated", "segment_consent_preference_updated"}
_GRANTED = {"granted": True, "yes": True, "true": True, "given": True, "denied": False, "no": False, "false": False,
            "withdrawn": False}  # fmt: skip


class Telling(msgspec.Struct, frozen=True):
    """Where an interaction's answers come from. `explicit`: the customer answered, instead of a client repeating answers."""

    origin: str = STAMPED
    explicit: bool = False
    origins: Mapping[str, str] = {}  # by name, where it differs
    proofs: Mapping[str, str] = {}
    texts: Mapping[str, tuple[str, str]] = {}  # version and hash by name, where each answer has its own
    place: str = ""
    text_version: str = ""
    text_hash: str = ""
    person: str = ""
    reason: str = ""


@lru_cache(maxsize=4_096)
def answers_by_name(name: str) -> bool:
    """Whether an event of this name is an answer of its own."""
    return _spoken(name) in _YES | _NO | _CHANGED


def signalled(said: Any) -> Iterator[tuple[str, bool, str, str]]:
    """Yield (name, granted, origin, proof) of the signals in `context.consent` besides its categories."""
    if (type(said) is dict and said.keys() <= _CATEGORIES) or not isinstance(said, Mapping):
        return  # most say their categories and nothing else
    yield from _google(said)
    if (text := _text(said, _TCF)) and (consented := _consented(text)) is not None:
        for number in range(1, 12):  # the framework has eleven purposes
            yield f"tcf:{number}", number in consented, "tcf", text
    if (text := _text(said, _GPP)) and (opted_out := _opted_out(text)) is not None:
        yield SALE_SHARE, not opted_out, "gpp", text


def _google(said: Mapping[str, Any]) -> Iterator[tuple[str, bool, str, str]]:
    for part in (said, said.get("googleConsentMode"), said.get("google"), said.get("consentMode")):
        if isinstance(part, Mapping):
            for name in _GOOGLE:
                granted = _GRANTED.get(str(part.get(name)).lower())
                if granted is not None:
                    yield name, granted, "google", ""


def _consented(text: str) -> frozenset[int] | None:
    try:
        return tcf_purposes(text)[0]
    except Unreadable:
        return None


def _opted_out(text: str) -> bool | None:
    try:
        return gpp_opted_out(text)
    except Unreadable:
        return None


def answered(one: Incoming) -> Iterator[tuple[str, bool]]:
    """Yield (name, granted) of an event that is an answer of its own."""
    if one.kind != "track" or not answers_by_name(one.name):
        return
    spoken, told = _spoken(one.name), one.properties
    for name in ("choices", "consent", "categoryPreferences"):
        given = told.get(name)
        if isinstance(given, Mapping):
            yield from ((str(key), granted) for key, granted in given.items() if isinstance(granted, bool))
    purpose = told.get("purpose")
    if isinstance(purpose, str):
        granted = spoken in _YES if spoken in _YES | _NO else _stated(told)
        if granted is not None:
            yield purpose, granted


def telling(one: Incoming) -> Telling:
    """Return where an interaction's answers come from."""
    origins: dict[str, str] = {}
    proofs: dict[str, str] = {}
    for name, _, origin, proof in signalled(one.context.get("consent")):
        origins[name] = origin
        if proof:
            proofs[name] = proof
    if one.gpc:
        origins[SALE_SHARE] = "gpc"
    if one.kind != "track" or not answers_by_name(one.name):
        return Telling(origins=origins, proofs=proofs, place=_place(one))
    told = one.properties
    ours = one.customer_id is not None  # only facts of Amity's own name a customer
    origin = str(told.get("origin", OWN)) if ours else OWN
    return Telling(
        origin=origin if origin in ORIGINS else OWN,
        explicit=True,
        origins=origins,
        proofs=proofs,
        place=_short(told.get("place")) or _place(one),
        text_version=_short(told.get("text_version")),
        text_hash=_short(told.get("text_hash")) or _hash(told.get("text")),
        texts=_texts(told.get("texts")) if ours else {},
        person=_short(told.get("person")) if ours else "",
        reason=_short(told.get("reason")),
    )


def _spoken(name: str) -> str:
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in name[:100]) if name.isalnum() else name[:100]
    return plain(words)


def _stated(told: Mapping[str, Any]) -> bool | None:
    for name in ("granted", "given", "value", "status"):
        value = told.get(name)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in _GRANTED:
            return _GRANTED[value.lower()]
    return None


def _text(said: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = said.get(name)
        if isinstance(value, Mapping):
            value = next((value[one] for one in names if isinstance(value.get(one), str)), None)
        if isinstance(value, str) and value:
            return value[:LONGEST]
    return ""


def _place(one: Incoming) -> str:
    page = one.context.get("page")
    return _short(page.get("url")) if isinstance(page, Mapping) else ""


def _short(value: Any) -> str:
    return storable_text(str(value))[:500] if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _texts(told: Any) -> dict[str, tuple[str, str]]:
    if not isinstance(told, Mapping):
        return {}
    return {
        str(name): (_short(one[0]), _short(one[1])) for name, one in told.items() if isinstance(one, Sequence) and len(one) == 2
    }


def _hash(text: Any) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest() if isinstance(text, str) and text else ""
