"""What identifies a customer: kinds, their limits, what is never an identifier, and one spelling for each value.

E-mail and phone count only where the customer is described: in the traits of an interaction that are the customer's own
(`identify` and the like, and `context.traits`). Properties aren't searched: they hold friends' addresses, receivers of
gifts, colleagues in copy. A group's traits describe the company.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from amity.rooms.customers.contracts import Incoming, Refusal

LONGEST = 300
ALIASED = "alias"  # what an alias call brought counts under this kind, not under its own

# Safari forgets what a script stored after seven days, so one person on two browsers has about a hundred a year. The limit
# is no defence against shared browsers; that of user_id is: whoever signs in second is told apart by it.
_LIMITS: dict[str, int] = {"user_id": 1, "anonymous_id": 100, ALIASED: 20}
_OTHERS = 5
_PRIORITIES = {"user_id": 1, "email": 2, "phone": 3}
_REST = 100  # further kinds come after those, in alphabetical order

BLOCKED = frozenset(
    "-1 0 anonymous anonymous_id distinct_id distinctid e-mail email false guest id n/a nan nil none not_authenticated null "  # noqa: SIM905
    "true undefined unknown user user_id userid".split()
) | {"[object object]", "(not set)"}
PATTERNS = (re.compile("[0-]*"),)

_EMAIL = re.compile(r"[^@\s\"<>()\[\],;:\\]+@[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
_KIND = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SAME_KIND = {"userid": "user_id", "anonymousid": "anonymous_id", "e-mail": "email", "ios.idfa": "advertising_id"}


class Ident(msgspec.Struct, frozen=True, gc=False):
    """One identifier that an interaction carries. `aliased`: an alias call says that it is another name of the first."""

    kind: str
    value: str
    aliased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRule:
    """How one kind behaves. `limit` None: a customer may have any number of it, 0: it identifies nobody. Low `priority` numbers are strong."""

    limit: int | None = _OTHERS
    priority: int = _REST
    blocked: frozenset[str] = BLOCKED
    patterns: tuple[re.Pattern[str], ...] = PATTERNS


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRules:
    """A workspace's rules. `phone_region` (ISO 3166) reads national numbers; without it only international ones count."""

    kinds: Mapping[str, KindRule] = field(default_factory=dict)
    phone_region: str = ""
    limited: bool = True
    _known: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, kind: str) -> KindRule:
        """Return the rule of a kind: the workspace's own, else the default."""
        return self.kinds.get(kind) or default_rule(kind)

    def limit(self, kind: str) -> int | None:
        """Return how many of a kind one customer may have; None: any number."""
        return self.of(kind).limit if self.limited else None

    def rank(self, ident: Ident) -> tuple[bool, int, str, str]:
        """Return what sorts identifiers from strong to weak."""
        return (ident.aliased, self.of(ident.kind).priority, ident.kind, ident.value)

    def admit(self, kind: str, raw: str) -> tuple[str, str]:
        """Return (value, "") for what may identify, else ("", reason)."""
        known = self._known.get((kind, raw))
        if known is None:
            known = self._known[kind, raw] = self._admit(kind, raw)
        return known

    def _admit(self, kind: str, raw: str) -> tuple[str, str]:
        trimmed = raw.strip()
        rule = self.of(kind)
        plain = trimmed.casefold()
        if rule.limit == 0 or plain in rule.blocked:
            return "", "blocked"
        if len(trimmed) > LONGEST:  # before the patterns, of which none takes long on what isn't long
            return "", "too_long"
        for pattern in rule.patterns:
            if pattern.fullmatch(plain):
                return "", "blocked"
        value = normalise(kind, trimmed, phone_region=self.phone_region)
        return (value, "") if value else ("", "invalid")


@lru_cache(maxsize=1000)
def default_rule(kind: str) -> KindRule:
    """Return the rule that holds for a kind unless the workspace made its own."""
    return KindRule(limit=_LIMITS.get(kind, _OTHERS), priority=_PRIORITIES.get(kind, _REST))


def kind_of(named: str) -> str:
    """Return the one spelling of a kind that somebody named: `userId` is `user_id`."""
    small = named.strip().lower()
    return _SAME_KIND.get(small, small)


def normalise(kind: str, raw: str, *, phone_region: str = "") -> str:
    """Return the one spelling of a value, empty if it is no such thing.

    E-mail: NFKC, lower case, a local part and a domain with a dot. Phone: E.164. Others: trimmed, without control characters.
    """
    text = raw.strip()
    if not text or _CONTROL.search(text):
        return ""
    if kind == "email":
        address = unicodedata.normalize("NFKC", text).lower()
        return address if len(address) <= 254 and _EMAIL.fullmatch(address) else ""
    if kind == "phone":
        return _phone(text, phone_region)
    return text


def identifiers_of(incoming: Incoming, rules: IdentityRules) -> tuple[list[Ident], list[Refusal]]:
    """Return the identifiers of an interaction, strongest first, and what it carried that can't be one."""
    found: dict[Ident, None] = {}
    refused: list[Refusal] = []
    for kind, raw, aliased in _carried(incoming):
        value, reason = rules.admit(kind, raw)
        if reason:
            refused.append(Refusal(kind, raw[:LONGEST], reason))
        else:
            found[Ident(kind, value, aliased)] = None
    idents = list(found)
    if incoming.kind == "alias":
        idents = [one for one in found if not (one.aliased and Ident(one.kind, one.value) in found)]
    if len(idents) > 1:
        idents.sort(key=rules.rank)
    return idents, refused


def is_kind(text: str) -> bool:
    """Whether a text can name a kind of identifier."""
    return _KIND.fullmatch(text) is not None


def spellings(text: str, *, phone_region: str = "") -> list[str]:
    """Return how a person's typing may be stored as an identifier: as it is, as an e-mail, as a phone number."""
    phone = _phone(text, phone_region) if sum(c.isdigit() for c in text) >= 6 else ""
    return list(dict.fromkeys(filter(None, (text, normalise("email", text), phone))))


def own_traits(incoming: Incoming) -> Iterator[Mapping[str, Any]]:
    """Give what an interaction says about its customer, the weaker source first."""
    carried = incoming.context.get("traits")
    if carried and isinstance(carried, (dict, Mapping)):
        yield carried
    if incoming.traits and incoming.kind != "group":
        yield incoming.traits


def tells_traits(incoming: Incoming) -> bool:
    """Whether an interaction says anything about its customer."""
    return bool((incoming.traits and incoming.kind != "group") or incoming.context.get("traits"))


def _carried(incoming: Incoming) -> Iterator[tuple[str, str, bool]]:
    if incoming.user_id:
        yield "user_id", incoming.user_id, False
    if incoming.anonymous_id:
        yield "anonymous_id", incoming.anonymous_id, False
    if incoming.kind == "alias" and incoming.previous_id:
        # Whether the previous id was a user's or a browser's, nobody says; either may come, before or after.
        yield "anonymous_id", incoming.previous_id, True
        if incoming.previous_id != incoming.anonymous_id:
            yield "user_id", incoming.previous_id, True
    for traits in own_traits(incoming):
        yield from _named(traits, (("email", "email"), ("phone", "phone")))
    if "device" in incoming.context:
        yield from _named(incoming.context["device"], (("id", "device_id"), ("advertisingId", "advertising_id")))
    if "externalIds" in incoming.context:
        yield from _external(incoming.context["externalIds"])


def _named(values: Any, kinds: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str, bool]]:
    if isinstance(values, (dict, Mapping)):
        for name, kind in kinds:
            value = values.get(name)
            if isinstance(value, str) and value:
                yield kind, value, False


def _external(entries: Any) -> Iterator[tuple[str, str, bool]]:
    for entry in entries[:20] if isinstance(entries, list) else ():
        if not isinstance(entry, Mapping) or entry.get("collection", "users") != "users":
            continue
        kind, value = entry.get("type"), entry.get("id")
        if isinstance(kind, str) and isinstance(value, str) and value:
            named = kind_of(kind)
            if _KIND.fullmatch(named) and named != ALIASED:
                yield named, value, False


@lru_cache(maxsize=50_000)
def _phone(text: str, region: str) -> str:
    if len(text) > 40 or not any(c.isdigit() for c in text):
        return ""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
