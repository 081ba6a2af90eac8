"""When customers had refused a purpose: from which answer until which, as their consent history says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from amity.rooms.customers.contracts import Refused
from amity.rooms.customers.queries.permission import answers_of, chosen
from amity.rooms.customers.rules.choices.decide import Answer, told
from amity.rooms.customers.rules.choices.purposes import Purpose, purpose_of

_AT_ONCE = 5_000


def refusals_of(
    *, workspace_id: int, customer_ids: Iterable[UUID], purposes: Sequence[str]
) -> dict[str, dict[UUID, list[Refused]]]:
    """Return by purpose when each of some customers of today had said no to it; who never did isn't there.

    Silence, pauses and expired answers are no refusals. Raises Invalid (`unknown_purpose`) for no purpose of the workspace.
    """
    known = chosen(workspace_id).purposes
    wanted = {one: purpose_of(known, one) for one in purposes}
    found: dict[str, dict[UUID, list[Refused]]] = {one: {} for one in wanted}
    ids = list(set(customer_ids))
    for start in range(0, len(ids), _AT_ONCE):
        for who, answers in answers_of(workspace_id=workspace_id, customer_ids=ids[start : start + _AT_ONCE]).items():
            for key, purpose in wanted.items():
                if spans := refusals_in(purpose, answers):
                    found[key][who] = spans
    return found


def refusals_in(purpose: Purpose, answers: Sequence[Answer]) -> list[Refused]:
    """Return when these answers amount to a no to a purpose."""
    found: list[Refused] = []
    refused, before = False, None
    for at in sorted({one.time for one in answers}):
        newest = next(iter(told(purpose, answers, at)), None)
        now = newest is not None and not newest.granted
        if now and not refused:
            found.append(Refused(first=at, last=None, withdrawn=before is True))
        elif refused and not now:
            found[-1] = Refused(first=found[-1].first, last=at, withdrawn=found[-1].withdrawn)
        refused, before = now, None if newest is None else newest.granted
    return found
