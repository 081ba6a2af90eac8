"""The history of consent: which answers say something new, and what is kept of each.

Clients repeat all answers with each interaction. Kept are those that change what was known, those that come late (they may
change what held in between), and those that a person gave on their own. A yes that is only repeated is no new consent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

import msgspec

from amity.rooms.customers.contracts import Incoming
from amity.rooms.customers.rules.choices.purposes import SALE_SHARE
from amity.rooms.customers.rules.choices.signals import STAMPED, Telling
from amity.rooms.customers.rules.consent import MOST_PURPOSES, Answer


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One answer as the history holds it. `late`: something newer was known already."""

    workspace: int
    customer: UUID
    key: UUID
    name: str
    granted: bool
    time: int
    received_at: int
    source: int
    origin: str
    late: bool = False
    place: str = ""
    text_version: str = ""
    text_hash: str = ""
    proof: str = ""
    person: str = ""
    reason: str = ""


def news(
    consent: Mapping[str, Answer], said: Mapping[str, bool], one: Incoming, told: Telling, *, customer: UUID
) -> Iterator[Said]:
    """Yield what an interaction's answers say that is new, compared with the newest answers known before it.

    Where a late answer contradicts the newest one, that one is yielded too: it stands for when the other had ended.
    """
    for name, granted in said.items():
        known = consent.get(name)
        if known is None and len(consent) >= MOST_PURPOSES and name != SALE_SHARE:
            continue
        late = known is not None and one.time < known[1]
        if known is not None and known[0] == granted and not late and not told.explicit:
            continue
        yield _said(one, told, name, granted=granted, customer=customer, late=late and not told.explicit)
        if late and known is not None and known[0] != granted:
            yield _resumed(one, name, known, customer)


def _said(  # noqa: PLR0913  each is a part of one row
    one: Incoming, told: Telling, name: str, *, granted: bool, customer: UUID, late: bool
) -> Said:
    version, shown = told.texts.get(name, (told.text_version, told.text_hash))
    return Said(
        workspace=one.workspace,
        customer=customer,
        key=one.key,
        name=name,
        granted=granted,
        time=one.time,
        received_at=one.received_at,
        source=one.source,
        origin=told.origins.get(name, told.origin),
        late=late,
        place=told.place,
        text_version=version,
        text_hash=shown,
        proof=told.proofs.get(name, ""),
        person=told.person,
        reason=told.reason,
    )


def _resumed(one: Incoming, name: str, known: Answer, customer: UUID) -> Said:
    key = known[3] if isinstance(known[3], UUID) else UUID(known[3])
    return Said(
        workspace=one.workspace,
        customer=customer,
        key=key,
        name=name,
        granted=known[0],
        time=known[1],
        received_at=one.received_at,
        source=known[2],
        origin=STAMPED,
    )
