"""What the past holds of customers who went through a journey, of those who allow analytics; and who stands behind a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.language import Event
from amity.engines.past.behaviour.moments import EARLIEST, Moments, ask_moments
from amity.kernel.clock import DAY
from amity.kernel.errors import Invalid
from amity.rooms.journeys.queries.friction.reading import ANYTHING, allowed, id_of, lines_of
from amity.rooms.journeys.rules.friction.rows import Lines
from amity.rooms.journeys.rules.maps.language import JourneyMap, Measured, measured
from amity.rooms.journeys.rules.moments.cases import Cases, Told, cases_of, outcome_of, signals_of
from amity.rooms.journeys.rules.moments.language import YEAR, Asked

if TYPE_CHECKING:
    import numpy as np

Pains = Mapping[int, Mapping[int, Event]]  # by place among the measured stages, then by id


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """What was read: cases, what is told of their customers, the customers' ids (`S16`), and how many don't allow it."""

    cases: Cases
    told: Told
    ids: np.ndarray
    withheld: int


def stages_of(content: JourneyMap) -> Measured:
    """Return the stages of a map that can be asked. Raises Invalid."""
    asked = measured(content)
    if asked is None:
        raise Invalid("Name the events of at least two stages on the map.")
    return asked


def read_journey(  # noqa: PLR0913  one argument for each part
    content: JourneyMap, asked: Asked, pains: Pains, *, workspace_id: int, time_zone: str, as_of: int, tell: Callable[[str, float], None],
    history: bool = True,
) -> Went:  # fmt: skip
    """Return who went through a journey up to an instant (ms). Without `history`, what they did else isn't read.

    Raises Invalid, NotRunning.
    """
    import numpy as np

    zone, stages = ZoneInfo(time_zone), stages_of(content)
    first = as_of - YEAR * DAY

    def ask(event: Event, *, amount: str = "", since: int = EARLIEST) -> Lines:
        found = ask_moments([event], workspace=workspace_id, now=as_of, zone=zone, first=since, last=as_of, amount=amount)
        return lines_of(found, ids)

    tell("Reading who went through", 0.05)
    walked = ask_moments(
        [step.event for step in stages.funnel.steps], workspace=workspace_id, now=as_of, zone=zone, first=first, last=as_of
    )
    everybody = np.unique(walked.customers)
    tell("Asking who allows analytics", 0.2)
    ids = allowed(everybody, workspace_id=workspace_id, at=as_of)
    story = _of(walked, ids)
    cases = cases_of(
        story, np.searchsorted(ids, story.customers), optional=[step.optional for step in stages.funnel.steps],
        within=content.within.ms, first=first - EARLIEST, last=as_of - EARLIEST - content.within.ms - asked.outcome.days * DAY,
    )  # fmt: skip
    tell("Reading what they did before and after", 0.3)
    silence = asked.outcome.kind == "leaving" and asked.outcome.event is None
    everything = ask(ANYTHING) if history or silence else Lines(who=np.zeros(0, dtype=np.int64), at=np.zeros(0, dtype=np.int64))
    told = Told(
        all=everything, outcome=ask(asked.outcome.event or ANYTHING, amount=asked.outcome.of),
        experience=None if asked.experience is None else ask(asked.experience, amount=asked.of, since=first),
        pains={n: {pain: ask(event, since=first) for pain, event in some.items()} for n, some in pains.items()},
    )  # fmt: skip
    return Went(cases=cases, told=told, ids=ids, withheld=len(everybody) - len(ids))


def who_showed(  # noqa: PLR0913  one argument for each part
    content: JourneyMap, asked: Asked, pains: Pains, *, workspace_id: int, time_zone: str, as_of: int, stage: int, kind: str, pain: int | None,
    with_it: bool,
) -> list[UUID]:  # fmt: skip
    """Return the customers behind a number: of those who came to a stage, who showed a signal or who didn't. Raises Invalid."""
    import numpy as np

    some = {n: each for n, each in pains.items() if n == stage}
    went = read_journey(
        content,
        asked,
        some,
        workspace_id=workspace_id,
        time_zone=time_zone,
        as_of=as_of,
        tell=lambda _doing, _share: None,
        history=False,
    )
    cases = went.cases.some(~np.isnan(outcome_of(went.cases, went.told, asked.outcome)))
    if not 0 <= stage < cases.at.shape[1]:
        raise Invalid("There is no such stage.")
    mine = cases.some(cases.came(stage))
    signal = next((one for one in signals_of(mine, went.told, stage) if (one.kind, one.pain) == (kind, pain)), None)
    if signal is None:
        raise Invalid("There is no such number.")
    chosen = signal.known & (signal.with_it == with_it)
    return [id_of(one) for one in went.ids[np.unique(mine.who[chosen])]]


def _of(walked: Moments, ids: np.ndarray) -> Moments:
    """Return the interactions of some customers, on the clock of lines."""
    import numpy as np

    keep = np.isin(walked.customers, ids)
    return replace(
        walked, customers=walked.customers[keep], at=walked.at[keep] - EARLIEST, mask=walked.mask[keep], held=walked.held[keep],
        shown=walked.shown[keep],
    )  # fmt: skip
