"""Two customers side by side: what each is known by, where they differ, and what would be known of the one they'd be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, TypedDict
from uuid import UUID

from amity.kernel.sealed import HIDDEN
from amity.rooms.customers.rules import traits as rules
from amity.rooms.customers.rules.matching.model import MISSING, SWAPPED
from amity.rooms.customers.rules.matching.records import BIRTHS, DEVICE_KINDS, POSTCODES, STREET_NUMBERS, STREETS, TOWNS
from amity.rooms.customers.rules.names import FIRST, LAST, WHOLE, display_name

Verdict = Literal["same", "close", "different", "one", "none"]
Say = Callable[[str, Any], tuple[str, str]]
_ADDRESS = (*STREET_NUMBERS, *STREETS, *POSTCODES, *TOWNS)
_SHOWN = frozenset({*WHOLE, *FIRST, *LAST, *BIRTHS, *_ADDRESS, "address", "email", "phone"})  # lines of their own
_MOST = 6  # values in one cell


class _Judged(TypedDict):
    verdict: Verdict
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one side: traits with their origins, and (kind, value) of its identifiers."""

    id: UUID
    name: str
    traits: Mapping[str, Any]
    origins: Mapping[str, Any]
    identifiers: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: what it is, both sides, how they stand to each other, and what would be known once they are joined."""

    label: str
    first: str
    second: str
    verdict: Verdict
    words: str
    after: str
    compared: bool


def rows_of(
    first: Known, second: Known, *, parts: Sequence[Mapping[str, Any]], text: Callable[[str, Any], tuple[str, str]]
) -> list[Row]:
    """Return the lines: what was compared first, then identifiers, then other traits by name.

    `first` is the one that stays. `text` says a trait by its name and value: (label, one line).
    """
    said = {part["key"]: part for part in parts}
    after = joined(first, second)
    rows = [
        _names(first, second, said),
        _told("Date of birth", BIRTHS, first, second, said.get("birth")),
        _told("Address", _ADDRESS, first, second, said.get("address")),
        _values("E-mail", "email", first, second, said.get("email")),
        _values("Phone", "phone", first, second, said.get("phone")),
        _values("User id", "user_id", first, second, None),
        _devices(first, second, said.get("device")),
    ]
    others = sorted({**first.traits, **second.traits}.keys() - _SHOWN)
    rows += [_trait(name, first.traits, second.traits, after, text) for name in others]
    return sorted((row for row in rows if row.first or row.second), key=lambda row: not row.compared)


def joined(first: Known, second: Known) -> dict[str, Any]:
    """Return the traits that there would be: of each name the newest, as joining does it."""
    traits, origins = deepcopy(dict(first.traits)), deepcopy(dict(first.origins))
    rules.join(traits, origins, second.traits, second.origins)
    return traits


def _names(first: Known, second: Known, said: Mapping[str, Mapping[str, Any]]) -> Row:
    told = [part for key in ("given", "family") if (part := said.get(key)) and part["level"] != MISSING]
    words = ", ".join(f"{'first' if part['key'] == 'given' else 'last'} {part['words']}" for part in told)
    if any(part["words"] == SWAPPED for part in told):
        words = SWAPPED
    verdict: Verdict = "same" if first.name.casefold() == second.name.casefold() else "different"
    if verdict == "different" and any(part["words"] != "different" for part in told):
        verdict = "close"
    return Row(
        label="Name", first=first.name, second=second.name, verdict=verdict,
        words=words if verdict == "close" else _plain(verdict), after=_name_after(first, second), compared=True,
    )  # fmt: skip


def _name_after(first: Known, second: Known) -> str:
    known = [*first.identifiers, *second.identifiers]
    return display_name(customer_id=first.id, traits=joined(first, second), identifiers=known)


def _told(label: str, names: Sequence[str], first: Known, second: Known, part: Mapping[str, Any] | None) -> Row:
    one, other, after = (_place(traits, names) for traits in (first.traits, second.traits, joined(first, second)))
    return Row(label=label, first=one, second=other, compared=True, after=after, **_judged(part, [one], [other]))


def _place(traits: Mapping[str, Any], names: Sequence[str]) -> str:
    inner = traits.get("address")
    told = inner if isinstance(inner, Mapping) else {}
    whole = [inner] if isinstance(inner, str) and "city" in names else []
    values = [
        value for holder in (told, traits) for name in names if isinstance(value := holder.get(name), str | int) and value != ""
    ]
    return ", ".join(dict.fromkeys(str(value) for value in (*whole, *values)))


def _values(label: str, kind: str, first: Known, second: Known, part: Mapping[str, Any] | None) -> Row:
    one, other = _all(kind, first), _all(kind, second)
    after = _line(list(dict.fromkeys([*one, *other])))
    return Row(
        label=label, first=_line(one), second=_line(other), after=after, compared=part is not None, **_judged(part, one, other)
    )


def _devices(first: Known, second: Known, part: Mapping[str, Any] | None) -> Row:
    one, other = ({(k, v) for k, v in side.identifiers if k in DEVICE_KINDS} for side in (first, second))
    shared = part is not None and part["level"] == 0
    verdict: Verdict = "same" if shared else ("none" if not (one and other) else "different")
    return Row(
        label="Browsers and devices", first=str(len(one) or ""), second=str(len(other) or ""), verdict=verdict,
        words="used the same one" if shared else "none in common", after=str(len(one | other)), compared=shared,
    )  # fmt: skip


def _trait(name: str, first: Mapping[str, Any], second: Mapping[str, Any], after: Mapping[str, Any], text: Say) -> Row:
    label = text(name, None)[0]
    one, other = (text(name, traits[name])[1] if name in traits else "" for traits in (first, second))
    return Row(
        label=label, first=one, second=other, after=text(name, after.get(name))[1], compared=False,
        **_judged(None, [one.casefold()], [other.casefold()]),
    )  # fmt: skip


def _judged(part: Mapping[str, Any] | None, one: Sequence[str], other: Sequence[str]) -> _Judged:
    """Return verdict and words: the comparison's own where there was one, else whether a value is the same."""
    if not (any(one) and any(other)):
        return {"verdict": "one", "words": _plain("one")}
    if any(HIDDEN.casefold() in value.casefold() for value in (*one, *other)):
        return {"verdict": "none", "words": "sensitive, not compared"}
    if part is None or part["level"] == MISSING:
        verdict: Verdict = "same" if set(one) & set(other) else "different"
        return {"verdict": verdict, "words": _plain(verdict)}
    verdict = "same" if part["level"] == 0 else "different" if part["words"] == "different" else "close"
    return {"verdict": verdict, "words": part["words"]}


def _plain(verdict: Verdict) -> str:
    return {"same": "the same", "close": "similar", "different": "different", "one": "known of one only", "none": "not known"}[
        verdict
    ]


def _all(kind: str, side: Known) -> list[str]:
    told = side.traits.get(kind)
    values = [value for k, value in side.identifiers if k == kind]
    return list(dict.fromkeys([*values, *([told] if isinstance(told, str) and told else [])]))


def _line(values: Sequence[str]) -> str:
    more = len(values) - _MOST
    return ", ".join(values[:_MOST]) + (f" and {more} more" if more > 0 else "")
