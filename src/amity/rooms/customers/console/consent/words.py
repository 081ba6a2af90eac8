"""What holds for a customer, and why, in the console's words; and the history of answers with its proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from amity.rooms.customers.actions.consent.note import WAYS
from amity.rooms.customers.contracts import ConsentState
from amity.rooms.customers.models import Choice
from amity.rooms.customers.queries.consent.standing import Standing
from amity.rooms.customers.rules.choices.decide import Decision
from amity.rooms.customers.rules.choices.proofs import decoded
from amity.rooms.customers.rules.choices.purposes import (
    ALL_MARKETING,
    BUILT_IN,
    BY_PERSON,
    FREQUENCY,
    PAUSE,
    TOPIC,
    Purpose,
    plain,
)
from amity.rooms.customers.rules.choices.signals import ORIGINS
from amity.rooms.customers.rules.portrait.words import looks_like_code, plain_words

BASES: Mapping[str, str] = {
    "consent": "consent", "legitimate_interest": "legitimate interest", "necessary": "necessary", "contract": "contract",
    "legal_obligation": "legal obligation",
}  # fmt: skip
_PLACES: Mapping[str, str] = {
    "preference_centre": "in the preference centre",
    "list_unsubscribe": "with one click in a mail program",
}
_TCF = "tcf:"
_OFTEN = {"always": "as it happens", "weekly": "once a week", "monthly": "once a month"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What holds for one purpose. `against` are answers that said otherwise and were outweighed, as (name, time)."""

    purpose: Purpose
    basis: str
    decision: Decision
    why: str
    against: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One answer of the history."""

    row: Choice
    name: str
    origin: str
    source: str
    where: str
    said: str
    facts: Sequence[tuple[str, str]]


def held_of(standing: Standing) -> list[Held]:
    """Return what holds for each purpose."""
    return [_held(one, standing) for one in standing.chosen.purposes.values()]


def lines_of(rows: Iterable[Choice], names: Mapping[str, str], sources: Mapping[int, str]) -> list[Line]:
    """Return the history for people. `names` are those of purposes and topics."""
    found = []
    for _, group in groupby(rows, key=lambda row: (row.key, row.origin == "tcf" or row.name)):
        together = list(group)
        line = _line(together[0], names, sources)
        found.append(_string(together, line) if line.row.origin == "tcf" else line)
    return found


def name_of(said: str, names: Mapping[str, str]) -> str:
    """Return what an answer was given to, in words."""
    key = said.removeprefix(BY_PERSON)
    if key == ALL_MARKETING:
        return "All marketing"
    if key.startswith(PAUSE):
        days = key.removeprefix(PAUSE)
        return "End of the pause" if days == "0" else f"Marketing during {days} days"
    if key.startswith(FREQUENCY):
        _, topic, often = [*key.split(":"), "", ""][:3]
        return f"{names.get(TOPIC + topic, topic)}: {_OFTEN.get(often, often)}"
    built = BUILT_IN.get(key)
    known = names.get(key) or names.get(plain(key)) or (built.name if built else "")
    return known or (
        key if looks_like_code(key) or any(one.isdigit() for one in key) else plain_words(key.removeprefix(TOPIC)) or key
    )


def newest_of(states: Sequence[ConsentState]) -> list[ConsentState]:
    """Return the newest answer of each name, those that a person gave and those of a client together.

    Left out are pauses, frequencies, and the purposes of a TCF string, each of which tells of several.
    """
    found: dict[str, ConsentState] = {}
    for one in states:
        key = one.purpose.removeprefix(BY_PERSON)
        if not key.startswith((PAUSE, FREQUENCY, _TCF)) and (key not in found or found[key].time < one.time):
            found[key] = one
    return [found[key] for key in sorted(found)]


def _held(purpose: Purpose, standing: Standing) -> Held:
    decision = standing.decide(purpose)
    answer = decision.answer
    against = []
    if answer is not None and decision.reason in {"agreed", "refused"}:
        against = [(one.name, one.moment) for one in standing.told(purpose) if one.granted != answer.granted]
    return Held(
        purpose=purpose, basis=BASES.get(purpose.basis, purpose.basis), decision=decision, why=_why(purpose, decision, standing),
        against=list(dict(against).items())[:5],
    )  # fmt: skip


def _why(purpose: Purpose, decision: Decision, standing: Standing) -> str:
    said = decision.answer.name.removeprefix(BY_PERSON) if decision.answer else ""
    under = (
        "" if not said or plain(said) == purpose.key else f", as {name_of(said, {}) if said == ALL_MARKETING else f'“{said}”'}"
    )
    why = {
        "needs_none": f"Needs no answer: it rests on {BASES[purpose.basis]}",
        "agreed": f"Said yes{under}",
        "refused": f"Said no{under}",
        "expired": f"The yes{under} is older than {standing.policy.expires_days} days",
        "paused": "Marketing is paused",
        "restricted": "The customer asked that their data isn’t used",
        "silence_allows": "Nothing said; allowed until refused where the customer is",
        "never_asked": "Nothing said; needs a yes where the customer is",
    }
    if decision.reason == "silence_allows" and purpose.basis == "legitimate_interest":
        return "Nothing said; a legitimate interest holds until somebody objects"
    return why[decision.reason]


def _line(row: Choice, names: Mapping[str, str], sources: Mapping[int, str]) -> Line:
    place = _PLACES.get(row.place) or WAYS.get(row.place, "").lower() or row.place
    source = "" if row.origin in {"centre", "colleague"} else sources.get(row.source_id, "a source that is gone")
    facts = [("Said as", row.name)]
    if row.text_version:
        facts.append(("Text", row.text_version))
    if row.text_hash:
        facts.append(("SHA-256 of the text", row.text_hash))
    facts += decoded(row.origin, row.proof)
    if row.proof:
        facts.append(("String", row.proof))
    facts.append(("Interaction", str(row.key)))
    return Line(
        row=row, name=name_of(row.name, names), origin=ORIGINS.get(row.origin, row.origin), source=source, where=place,
        said=_said(row), facts=facts,
    )  # fmt: skip


def _string(rows: Sequence[Choice], line: Line) -> Line:
    """Return one line for all that changed with a TCF string."""
    numbers = {granted: [row.name.removeprefix(_TCF) for row in rows if row.granted is granted] for granted in (True, False)}
    parts = [f"{word} to {', '.join(sorted(numbers[ok], key=int))}" for ok, word in ((True, "yes"), (False, "no")) if numbers[ok]]
    return replace(line, name="TCF purposes", said="; ".join(parts))


def _said(row: Choice) -> str:
    key = row.name.removeprefix(BY_PERSON)
    if key.startswith(PAUSE):
        return "Resumed" if row.granted else "Paused"
    if key.startswith(FREQUENCY):
        return "Wanted"
    return "Yes" if row.granted else "No"
