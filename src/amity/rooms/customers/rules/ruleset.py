"""A workspace's identity rules as they are kept and edited: read, checked, written down, and compared in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.identifiers import ALIASED, IdentityRules, KindRule, default_rule, is_kind
from amity.rooms.customers.rules.patterns import LONGEST, compiled

USUAL = ("user_id", "email", "phone", "anonymous_id", "device_id", "advertising_id")
MOST_LIMIT = 100_000
MOST_PRIORITY = 1_000
MOST_BLOCKED = 1_000
MOST_PATTERNS = 20
Plain = dict[str, Any]


def plain(rules: IdentityRules) -> Plain:
    """Return rules as JSON can hold them; equal rules give the same."""
    return {"kinds": {kind: plain_kind(rule) for kind, rule in sorted(rules.kinds.items())}, "phone_region": rules.phone_region}


def plain_kind(rule: KindRule) -> Plain:
    """Return one kind's rule as JSON can hold it."""
    return {
        "limit": rule.limit,
        "priority": rule.priority,
        "blocked": sorted(rule.blocked),
        "patterns": sorted({one.pattern for one in rule.patterns}),
    }


def rules_from(given: Mapping[str, Any]) -> IdentityRules:
    """Return the rules that `plain` wrote down."""
    return IdentityRules(
        kinds={kind: kind_from(rule) for kind, rule in given.get("kinds", {}).items()}, phone_region=given.get("phone_region", "")
    )


def kind_from(given: Mapping[str, Any]) -> KindRule:
    """Return the rule of one kind that `plain_kind` wrote down."""
    return KindRule(
        limit=given["limit"],
        priority=given["priority"],
        blocked=frozenset(str(value).strip().casefold() for value in given["blocked"]),
        patterns=tuple(compiled(str(pattern)) for pattern in given["patterns"]),
    )


def checked_kind(kind: str) -> str:
    """Return the name of a kind. Raises Invalid."""
    name = kind.strip().lower()
    if not is_kind(name) or name == ALIASED:
        raise Invalid("A kind is a word of small letters, digits, dots and dashes, at most 40: user_id, loyalty_card.")
    return name


def checked(*, limit: int | None, priority: int, blocked: Iterable[str], patterns: Iterable[str]) -> KindRule:
    """Return a rule that somebody wrote. Raises Invalid with how to mend it."""
    if limit is not None and not 0 <= limit <= MOST_LIMIT:
        raise Invalid(f"A limit is a number from 0 to {MOST_LIMIT:,}, or nothing for no limit.")
    if not 1 <= priority <= MOST_PRIORITY:
        raise Invalid(f"A priority is a number from 1 (strongest) to {MOST_PRIORITY:,}.")
    values = {value.strip().casefold() for value in blocked} - {""}
    if len(values) > MOST_BLOCKED:
        raise Invalid(f"At most {MOST_BLOCKED:,} values can be blocked; a pattern may stand for many of them.")
    if any(len(value) > LONGEST for value in values):
        raise Invalid(f"A blocked value has at most {LONGEST} characters; longer ones never identify.")
    written = list(dict.fromkeys(text for pattern in patterns if (text := pattern.strip())))
    if len(written) > MOST_PATTERNS:
        raise Invalid(f"At most {MOST_PATTERNS} patterns can be blocked.")
    return KindRule(
        limit=limit, priority=priority, blocked=frozenset(values), patterns=tuple(compiled(pattern) for pattern in written)
    )


def checked_region(text: str) -> str:
    """Return a region that phone numbers may be of, empty for none. Raises Invalid."""
    region = text.strip().upper()
    if not region:
        return ""
    import phonenumbers

    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid(f"{region[:10]} is no region; use the two letters of a country: PT, DE, US.")
    return region


def rules_of(kinds: Mapping[str, KindRule], region: str) -> IdentityRules:
    """Return the rules of a workspace from rules that were checked; those that say the same as the defaults are left out."""
    rules = IdentityRules(phone_region=region)
    for kind, rule in kinds.items():
        rules = with_kind(rules, kind, rule)
    return rules


def rules_given(given: Any) -> IdentityRules:
    """Return the rules that somebody wrote down as `plain` does. Raises Invalid with how to mend it."""
    if not isinstance(given, dict) or not isinstance(given.get("kinds", {}), dict):
        raise Invalid('Rules are an object such as {"kinds": {"user_id": {"limit": 1, "priority": 1}}, "phone_region": "DE"}.')
    kinds = {}
    for kind, rule in given.get("kinds", {}).items():
        if not isinstance(rule, dict) or not rule.keys() <= {"limit", "priority", "blocked", "patterns"}:
            raise Invalid(f"The rule of {kind[:40]} is an object with limit, priority, blocked and patterns.")
        name = checked_kind(kind)
        usual = plain_kind(default_rule(name)) | rule
        if not all(
            isinstance(usual[part], list) and all(isinstance(one, str) for one in usual[part]) for part in ("blocked", "patterns")
        ):
            raise Invalid(f"blocked and patterns of {name} are lists of texts.")
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in (usual["priority"], usual["limit"] or 0)):
            raise Invalid(f"limit and priority of {name} are whole numbers; a limit of null is none.")
        kinds[name] = checked(**usual)
    return rules_of(kinds, checked_region(str(given.get("phone_region", ""))))


def with_kind(rules: IdentityRules, kind: str, rule: KindRule | None) -> IdentityRules:
    """Return rules with another rule for a kind; None: the default."""
    kinds = {name: one for name, one in rules.kinds.items() if name != kind}
    if rule is not None and plain_kind(rule) != plain_kind(default_rule(kind)):
        kinds[kind] = rule
    return IdentityRules(kinds=kinds, phone_region=rules.phone_region)


def with_region(rules: IdentityRules, region: str) -> IdentityRules:
    """Return rules with another region for national phone numbers."""
    return IdentityRules(kinds=rules.kinds, phone_region=region)


def limit_words(limit: int | None) -> str:
    """Return a limit as a person reads it."""
    return "no limit" if limit is None else "identifies nobody" if limit == 0 else f"{limit:,}"


def differences(before: IdentityRules, after: IdentityRules) -> list[tuple[str, str]]:
    """Return what changes, as (kind or empty, sentence)."""
    found: list[tuple[str, str]] = []
    if before.phone_region != after.phone_region:
        was, will = before.phone_region or "none", after.phone_region or "none"
        found.append(("", f"Region of national phone numbers: {was}, then {will}."))
    for kind in sorted(before.kinds.keys() | after.kinds.keys()):
        found += [(kind, said) for said in _changed(before.of(kind), after.of(kind))]
    return found


def _changed(was: KindRule, will: KindRule) -> Iterable[str]:
    if was.limit != will.limit:
        yield f"Limit: {limit_words(was.limit)}, then {limit_words(will.limit)}."
    if was.priority != will.priority:
        yield f"Priority: {was.priority}, then {will.priority}."
    yield from _listed("value", was.blocked, will.blocked)
    yield from _listed("pattern", {one.pattern for one in was.patterns}, {one.pattern for one in will.patterns})


def _listed(what: str, was: Iterable[str], will: Iterable[str]) -> Iterable[str]:
    for words, values in (("Blocks", sorted(set(will) - set(was))), ("No longer blocks", sorted(set(was) - set(will)))):
        if values:
            more = f" and {len(values) - 5:,} more" if len(values) > 5 else ""
            yield f"{words} the {what}{'s' if len(values) > 1 else ''} {', '.join(values[:5])}{more}."
