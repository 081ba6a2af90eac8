"""What the past holds of customers around a pain point, of those who allow analytics; and who met it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.language import Event, Filter
from amity.engines.past.behaviour.moments import EARLIEST, TRAIT, Moments, ask_moments
from amity.kernel.clock import DAY
from amity.rooms.customers import api as customers
from amity.rooms.journeys.rules.friction.language import Pain
from amity.rooms.journeys.rules.friction.rows import Lines, Story

if TYPE_CHECKING:
    import numpy as np

PURPOSE = "analytics"
YEAR = 365 * DAY  # that is looked back at
ANYTHING = Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read: the customers (`S16`) that its whole numbers mean, and how many don't allow it."""

    story: Story
    ids: np.ndarray
    withheld: int


def read_story(  # noqa: PLR0913  one argument for each part
    pain: Pain, others: Sequence[Event], *, workspace_id: int, time_zone: str, as_of: int, tell: Callable[[str, float], None]
) -> Read:
    """Return what is known of a pain point up to an instant. `others` are other pain points. Raises Invalid, NotRunning."""
    import numpy as np

    zone = ZoneInfo(time_zone)

    def ask(events: Sequence[Event], *, shown: str = "", amount: str = "") -> Moments:
        return ask_moments(
            events, workspace=workspace_id, now=as_of, zone=zone, first=EARLIEST, last=as_of, shown=shown, amount=amount
        )

    tell("Reading what customers did", 0.05)
    everything = ask([ANYTHING])
    tell("Asking who allows analytics", 0.2)
    everybody = np.unique(everything.customers)
    ids = allowed(everybody, workspace_id=workspace_id, at=as_of)
    tell("Reading the pain point", 0.3)
    friction, chance = (lines_of(ask([one]), ids) for one in (pain.friction, pain.chance or ANYTHING))
    event = pain.outcome.event or ANYTHING
    outcome = lines_of(ask([event], amount=pain.outcome.of), ids)
    tell("Reading what else is known", 0.4)
    known = [_values(ask([_with(name)], shown=name), ids) for name in pain.known]
    story = Story(
        all=lines_of(everything, ids), friction=friction, chance=chance, outcome=outcome,
        others=[lines_of(ask([one]), ids) for one in others], known=known,
    )  # fmt: skip
    return Read(story=story, ids=ids, withheld=len(everybody) - len(ids))


def who_met(pain: Pain, *, workspace_id: int, time_zone: str, as_of: int) -> list[UUID]:
    """Return who met a pain point in the year before an instant, of those who allowed analytics then."""
    import numpy as np

    found = ask_moments(
        [pain.friction], workspace=workspace_id, now=as_of, zone=ZoneInfo(time_zone), first=as_of - YEAR + 1, last=as_of
    )
    return [id_of(one) for one in allowed(np.unique(found.customers), workspace_id=workspace_id, at=as_of)]


def _with(name: str) -> Event:
    return Event(type="identify") if name.startswith(TRAIT) else Event(where=(Filter(of=name, test="present"),))


def allowed(everybody: np.ndarray, *, workspace_id: int, at: int) -> np.ndarray:
    """Return those customers (`S16`) who allowed analytics at an instant."""
    import numpy as np

    some = customers.permitted(workspace_id=workspace_id, customer_ids=map(id_of, everybody), purpose=PURPOSE, at=at)
    found: np.ndarray = everybody[np.array([id_of(one) in some for one in everybody], dtype=bool)]
    return found


def id_of(one: bytes) -> UUID:
    """Return a customer's id from what the past gives (`S16`, which ends before its zeros)."""
    return UUID(bytes=bytes(one).ljust(16, b"\0"))


def lines_of(found: Moments, ids: np.ndarray) -> Lines:
    """Return moments of those customers, told by their places in `ids` (ascending); with amounts, those that have one."""
    import numpy as np

    place = np.searchsorted(ids, found.customers) if len(ids) else np.zeros(len(found), dtype=np.int64)
    place = np.minimum(place, max(len(ids) - 1, 0))
    keep = ids[place] == found.customers if len(ids) else np.zeros(len(found), dtype=bool)
    if found.amounts is not None:
        keep &= ~np.isnan(found.amounts)
    who, at = place[keep], found.at[keep] - EARLIEST
    order = np.lexsort((at, who))
    amounts = None if found.amounts is None else found.amounts[keep][order]
    return Lines(who=who[order], at=at[order], amount=amounts)


def _values(found: Moments, ids: np.ndarray) -> Lines:
    """Return moments with values told by numbers: 1 the commonest."""
    import numpy as np

    there = found.shown != 0
    values, inverse, counts = np.unique(found.shown[there], return_inverse=True, return_counts=True)
    rank = np.empty(len(values))
    rank[np.argsort(-counts, kind="stable")] = np.arange(1, len(values) + 1)
    some = Moments(
        customers=found.customers[there], at=found.at[there], mask=found.mask[there], held=found.held[there], shown=found.shown[there],
        names={}, amounts=rank[inverse] if len(values) else np.zeros(0),
    )  # fmt: skip
    return lines_of(some, ids)
