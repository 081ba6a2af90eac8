"""What a customer agreed to, by purpose: the newest answer by event time, with its source.

Clients stamp `context.consent.categoryPreferences` on what they send. Global Privacy Control is an answer too: no to
`sale_share`, the sale and sharing of personal data; its absence says nothing. So are Google's consent mode, TCF and GPP strings
(`choices.signals`), and events that are an answer of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from amity.rooms.customers.contracts import Incoming
from amity.rooms.customers.rules.choices.purposes import SALE_SHARE
from amity.rooms.customers.rules.choices.signals import answered, signalled
from amity.rooms.customers.rules.traits import storable_text

NOTHING: Mapping[str, bool] = {}
MOST_PURPOSES = 50
LONGEST_PURPOSE = 100

Answer = list[Any]  # [granted, time in ms, source, message key: as hex once stored, as itself while a batch is worked]


def said_consent(one: Incoming) -> dict[str, bool]:
    """Return the answers that an interaction carries."""
    found: dict[str, bool] = {}
    consent = one.context.get("consent")
    # A dict is known as one at once, a Mapping only after asking around.
    given = consent.get("categoryPreferences") if isinstance(consent, (dict, Mapping)) else None
    if isinstance(given, (dict, Mapping)):
        for raw, granted in given.items():
            if isinstance(granted, bool) and len(found) < MOST_PURPOSES and (purpose := _purpose(str(raw))):
                found[purpose] = granted
    for raw, granted, _, _ in signalled(consent):
        found.setdefault(raw, granted)
    for raw, granted in answered(one):
        if len(found) < MOST_PURPOSES and (purpose := _purpose(raw)):
            found[purpose] = granted
    if one.gpc:
        found[SALE_SHARE] = False
    return found


@lru_cache(maxsize=10_000)
def _purpose(raw: str) -> str:
    """Return a purpose's name as it is kept, empty for none."""
    name = storable_text(raw).strip()
    return name if len(name) <= LONGEST_PURPOSE else ""


def fold(consent: dict[str, Answer], said: Mapping[str, bool], one: Incoming) -> bool:
    """Let the customer's last known answers learn from an interaction's; return whether one is another now.

    At most MOST_PURPOSES are kept, first come.
    """
    changed = False
    for purpose, granted in said.items():
        known = consent.get(purpose)
        if known is None and len(consent) >= MOST_PURPOSES and purpose != SALE_SHARE:
            continue
        if known is None or known[1] < one.time or (known[1] == one.time and _mark(known) < one.key.hex):
            changed |= known is None or known[0] != granted
            consent[purpose] = [granted, one.time, one.source, one.key]
    return changed


def storable(consent: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return the answers as they are stored."""
    return {purpose: [*answer[:3], _mark(answer)] for purpose, answer in consent.items()}


def _mark(answer: Answer) -> str:
    # A customer's next interaction most often answers anew: only what remains at the end is written as hex.
    return answer[3] if isinstance(answer[3], str) else str(answer[3].hex)


def known(consent: Mapping[str, Answer], said: Mapping[str, bool]) -> dict[str, bool]:
    """Return what holds for an interaction: the last known answers, its own before them."""
    if not consent:
        return dict(said)
    found = {purpose: bool(answer[0]) for purpose, answer in consent.items()}
    found.update(said)
    return found


def join(consent: dict[str, Answer], other: Mapping[str, Answer]) -> dict[str, Answer]:
    """Let answers take in those of another customer who turned out to be the same; returns what was replaced."""
    replaced: dict[str, Answer] = {}
    for purpose, theirs in other.items():
        ours = consent.get(purpose)
        if ours is None or (ours[1], _mark(ours)) < (theirs[1], _mark(theirs)):
            if ours is not None:
                replaced[purpose] = ours
            consent[purpose] = theirs
    return replaced
