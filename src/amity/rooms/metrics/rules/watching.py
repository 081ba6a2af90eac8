"""Whether a step of a series is as it was to be expected, and when an alert opens and closes. Pure.

What is expected of a step is the median of the same hour of the week (day of the week) in earlier weeks. Each earlier step was
forecast in the same way from what came before it alone (rolling origin, Tashman 2000), so the errors are those of forecasts, trend and
all. An error is measured in the step's own sampling error, as on Laney's p' chart (2002), so a step of few customers has a wider
range; median and MAD of the errors say how much more than sampling there is. The range is a prediction interval by Student's t, with
37 % of the errors as degrees of freedom, which is what a MAD is worth (Rousseeuw and Croux 1993).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from statistics import median
from typing import Literal
from zoneinfo import ZoneInfo

from amity.kernel.clock import DAY
from amity.kernel.intervals import Z95
from amity.rooms.metrics.contracts import Point, Shape

Side = Literal["both", "above", "below"]
FEWEST_EVENTS = 10  # a total below that, and expected to be, is told by nobody from chance
CALM_STEPS = 2  # as it should be so often in a row ends an episode
_INNER = 0.75  # of the range: who left it is back when well inside
_MAD = 1.4826  # makes a MAD the standard deviation of a normal distribution
_MAD_WORTH = 0.37
_LEAST_SPREAD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of the past a step is held against: as many `same` ones before (at least `fewest`), `errors` (at least `least`), days read."""

    same: int
    fewest: int
    errors: int
    least: int
    days: int


PLANS: Mapping[str, Plan] = {
    "hour": Plan(same=6, fewest=4, errors=336, least=168, days=56),
    "day": Plan(same=6, fewest=4, errors=56, least=14, days=98),
    "week": Plan(same=12, fewest=6, errors=26, least=12, days=280),
}
CHANCES: Mapping[str, float] = {"0.05": 0.05, "0.01": 0.01, "0.002": 0.002, "0.001": 0.001}
A_YEAR: Mapping[str, float] = {"hour": 8_766, "day": 365.25, "week": 52.18}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched for: a `limit`, or where there is none, what is rarer than `chance` on a metric that doesn't change.

    `back` is where a limit's alert is over; `sure`: the whole 95 % interval has to be beyond the limit; `row`: so many steps in a row.
    """

    by: str
    side: Side = "both"
    limit: float | None = None
    back: float | None = None
    sure: bool = False
    chance: float = 0.01
    row: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A step with what was expected of it. `out`: above or below; `calm`: well inside; neither where nothing can be said (`why`)."""

    point: Point
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    out: Literal["", "above", "below"] = ""
    calm: bool = False
    why: str = ""
    far: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a watch stands after a step: `out` and `calm` steps in a row, whether an episode is open."""

    out: int = 0
    calm: int = 0
    open: bool = False


def judge(points: Sequence[Point], watch: Watch, *, zone: ZoneInfo, shape: Shape, total: bool) -> list[Judged]:
    """Return each step with what was expected of it by what came before; one that isn't over can only be above already, as totals can."""
    if watch.limit is not None:
        return [_against_limit(point, watch, watch.limit, total=total) for point in points]
    return list(_against_past(points, watch, zone, shape, total=total))


def follow(standing: Standing, step: Judged, *, row: int) -> tuple[Standing, Literal["", "opened", "closed"]]:
    """Return where a watch stands after one more step. What can't be judged changes nothing."""
    if step.why:
        return standing, ""
    out = standing.out + 1 if step.out else 0
    calm = standing.calm + 1 if step.calm else 0
    if not standing.open and out >= row:
        return Standing(out=out, open=True), "opened"
    if standing.open and calm >= CALM_STEPS:
        return Standing(), "closed"
    return Standing(out=out, calm=calm, open=standing.open), ""


def episodes(steps: Sequence[Judged], *, row: int) -> list[tuple[int, int]]:
    """Return the first and the last step that was out of each episode, by their places."""
    found: list[tuple[int, int]] = []
    standing = Standing()
    last = 0
    for n, step in enumerate(steps):
        last = n if step.out else last
        standing, happened = follow(standing, step, row=row)
        if happened == "opened":
            found.append((n, n))
        elif standing.open:
            found[-1] = found[-1][0], last
    return [(first - row + 1, last) for first, last in found]


def expected_alarms(watch: Watch) -> float:
    """Return how many steps a year are out on a metric that doesn't change; of limits nobody can say."""
    return 0.0 if watch.limit is not None else watch.chance * A_YEAR[watch.by]


def span_read(by: str) -> int:
    """Return how far back (ms) steps are read to judge the newest ones."""
    return PLANS[by].days * DAY


def _against_limit(point: Point, watch: Watch, limit: float, *, total: bool) -> Judged:
    figure = point.figure
    if figure.few or figure.value is None:
        return Judged(point=point, why="few")
    low = figure.low if watch.sure and figure.low is not None else figure.value
    high = figure.high if watch.sure and figure.high is not None else figure.value
    out: Literal["", "above", "below"] = ""
    if watch.side != "below" and low > limit:
        out = "above"
    elif watch.side != "above" and high < limit:
        out = "below"
    if not point.whole and not (out == "above" and total):
        return Judged(point=point, why="not over")
    back = limit if watch.back is None else watch.back
    calm = not out and (figure.value <= back if watch.side == "above" else figure.value >= back)
    above = watch.side == "above"
    return Judged(
        point=point,
        out=out,
        calm=calm,
        far=abs(figure.value - limit),
        low=None if above else limit,
        high=limit if above else None,
    )


def _against_past(points: Sequence[Point], watch: Watch, zone: ZoneInfo, shape: Shape, *, total: bool) -> Iterator[Judged]:
    plan = PLANS[watch.by]
    same: dict[int, deque[Point]] = defaultdict(lambda: deque(maxlen=plan.same))
    errors: deque[float] = deque(maxlen=plan.errors)
    each = _variance_of_one(points)
    tail = 1 - watch.chance / (2 if watch.side == "both" else 1)
    floor = 0.0 if all((one.figure.value or 0.0) >= 0 for one in points) else None  # what never was negative isn't expected to be
    for point in points:
        before = same[_slot(point.first, watch.by, zone)]
        figure = point.figure
        if len(before) < plan.fewest or figure.few or figure.value is None:
            yield Judged(point=point, why="few" if figure.few or figure.value is None else "no past")
        else:
            middle = median(one.figure.value or 0.0 for one in before)
            unit = _unit(before, point, each, total=total) or max(abs(middle) * 1e-6, 1e-9)
            yield _one(point, watch, errors, (middle, unit), plan, tail, before, shape, floor, total=total)
            if point.whole:
                errors.append((figure.value - middle) / unit)
        if point.whole and not figure.few and figure.value is not None:
            before.append(point)


def _one(  # noqa: PLR0913, PLR0917  one argument for each part
    point: Point, watch: Watch, errors: Sequence[float], forecast: tuple[float, float], plan: Plan, tail: float,
    before: Sequence[Point], shape: Shape, floor: float | None, *, total: bool,
) -> Judged:  # fmt: skip
    (middle, unit), value = forecast, point.figure.value or 0.0
    if len(errors) < plan.least:
        return Judged(point=point, why="no past")
    centre, spread = _centre_and_spread(errors)
    half = _t(tail, max(_MAD_WORTH * len(errors), 1.0)) * spread
    error = (value - middle) / unit - centre
    expected, low, high = (_within(middle + (centre + by) * unit, shape, floor) for by in (0.0, -half, half))
    usual = median(one.figure.events for one in before)
    if total and max(point.figure.events, usual) < FEWEST_EVENTS:
        return Judged(point=point, expected=expected, low=low, high=high, why="few")
    out: Literal["", "above", "below"] = ""
    if error > half and watch.side != "below":
        out = "above"
    elif error < -half and watch.side != "above":
        out = "below"
    if not point.whole and not (out == "above" and total):
        return Judged(point=point, expected=expected, low=low, high=high, why="not over")
    calm = not out and abs(error) <= half * _INNER
    return Judged(point=point, expected=expected, low=low, high=high, out=out, calm=calm, far=abs(error))


def _unit(before: Sequence[Point], point: Point, each: float, *, total: bool) -> float:
    """Return the sampling error that a step is expected to have: of a total as before, of any other by how many customers it has."""
    if total:
        return sqrt(max(median(_variance(one) for one in before), each))
    apiece = median(_variance(one) * max(one.figure.customers, 1) for one in before)
    return sqrt(apiece / max(point.figure.customers, 1))


def _variance(point: Point) -> float:
    low, high = point.figure.low, point.figure.high
    return 0.0 if low is None or high is None else ((high - low) / (2 * Z95)) ** 2


def _variance_of_one(points: Sequence[Point]) -> float:
    events = sum(one.figure.events for one in points)
    return sum(_variance(one) for one in points) / events if events else 0.0


def _centre_and_spread(errors: Sequence[float]) -> tuple[float, float]:
    centre = median(errors)
    return centre, max(_MAD * median([abs(one - centre) for one in errors]), _LEAST_SPREAD)


def _t(tail: float, freedom: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, tail))


def _within(value: float, shape: Shape, floor: float | None) -> float:
    match shape:
        case "share":
            return min(max(value, 0.0), 1.0)
        case "score":
            return min(max(value, -100.0), 100.0)
    return value if floor is None else max(value, floor)


def _slot(at: int, by: str, zone: ZoneInfo) -> int:
    if by == "week":
        return 0
    here = datetime.fromtimestamp(at / 1000, zone)
    return here.weekday() * 24 + (here.hour if by == "hour" else 0)
