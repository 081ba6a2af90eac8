"""A customer's interactions in sequence: sessions, and the interaction that led to each.

A session ends after 30 minutes without an interaction, when another campaign brings the customer, and, where the
workspace wants it, at midnight. Its id is derived from the interaction that began it, so whoever works the same sequence
again, in whatever order things arrived, gets the same ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from amity.kernel.clock import MINUTE, from_ms
from amity.kernel.ids import derived_id

GAP = 30 * MINUTE
EARLIEST, LATEST = -2_208_988_800_000, 4_102_444_799_999  # the years 1900 to 2099: what the past can hold
NO_CAMPAIGN = ("", "", "")
Campaign = tuple[str, str, str]  # source, medium, name


class Step(msgspec.Struct, frozen=True, order=True, gc=False):
    """One interaction of a sequence, as far as its order matters. Sorted, they are in sequence."""

    time: int
    key: UUID
    name: str
    campaign: Campaign


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where a customer stands in the sequence after some step."""

    time: int
    key: UUID
    name: str
    session_id: UUID
    session_start: int
    campaign: Campaign


class Edge(msgspec.Struct, frozen=True, gc=False):
    """What the past keeps of a step's place in its sequence."""

    key: UUID
    session_id: UUID
    starts: bool
    previous_name: str
    previous_key: UUID | None
    previous_time: int | None


def held(time: int) -> int:
    """Return a time within the years that the past can hold, whatever a client's clock claims."""
    return min(max(time, EARLIEST), LATEST)


def midnight_zone(time_zone: str, *, at_midnight: bool) -> ZoneInfo | None:
    """Return the zone whose midnights end sessions, None where they don't."""
    if not at_midnight:
        return None
    try:
        return ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def session_of(step: Step) -> UUID:
    """Return the id of the session that a step begins."""
    return derived_id(step.time, "session", step.key.bytes)


def follow(standing: Standing | None, step: Step, midnight: ZoneInfo | None = None) -> tuple[Standing, Edge]:
    """Return where the customer stands after the next step, and that step's edge."""
    time, key, name, campaign = step.time, step.key, step.name, step.campaign
    if standing is None:
        session = session_of(step)
        return Standing(time, key, name, session, time, campaign), Edge(key, session, True, "", None, None)
    if starts := _begins(standing, step, midnight):
        session, start = session_of(step), time
    else:
        session, start, campaign = standing.session_id, standing.session_start, standing.campaign
    return (
        Standing(time, key, name, session, start, campaign),
        Edge(key, session, starts, standing.name, standing.key, standing.time),
    )


def sequence(
    steps: Iterable[Step], *, standing: Standing | None = None, midnight: ZoneInfo | None = None
) -> Iterator[tuple[Standing, Edge]]:
    """Give every step its edge, in sequence, whatever the order in which they come. `standing` is what came before all."""
    for step in sorted(steps, key=lambda s: (s.time, s.key)):
        standing, edge = follow(standing, step, midnight)
        yield standing, edge


def out_of_order(standing: Standing, step: Step) -> Edge:
    """Return a provisional edge for a step that arrived after its successors: in the present session if it was during it."""
    during = standing.session_start <= step.time <= standing.time
    return Edge(step.key, standing.session_id if during else session_of(step), not during, "", None, None)


def _begins(standing: Standing, step: Step, midnight: ZoneInfo | None) -> bool:
    if step.time - standing.time > GAP:
        return True
    if step.campaign not in (NO_CAMPAIGN, standing.campaign):
        return True
    if midnight is None:
        return False
    return from_ms(standing.time).astimezone(midnight).date() != from_ms(step.time).astimezone(midnight).date()
