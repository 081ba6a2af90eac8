"""A pain point's price: effect, doubts, reach and money, from the rows of a story. Pure; the same seed, the same numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from amity.kernel.clock import DAY
from amity.rooms.journeys.rules.friction.doubts import grade, placebo, robustness_of
from amity.rooms.journeys.rules.friction.language import Pain, unit_of
from amity.rooms.journeys.rules.friction.partial import FEWEST, Effect, Fitted, fit
from amity.rooms.journeys.rules.friction.rows import Story, Table, table
from amity.rooms.journeys.rules.friction.series import widened
from amity.rooms.journeys.rules.friction.worth import reach, worth

if TYPE_CHECKING:
    import numpy as np

_YEAR = 365
_BARS = 20


def price(story: Story, pain: Pain, *, as_of: int, seed: int) -> dict[str, Any]:
    """Return what a pain point costs, as JSON objects hold it. `as_of` on the story's clock (ms).

    `too_few` says why there is no effect: then there is a reach at most.
    """
    rows = rows_of(story, pain, as_of=as_of)
    found: dict[str, Any] = {"rows": len(rows), "customers": _different(rows.who), "met": int(rows.met.sum())}
    found |= {"met_customers": _different(rows.who[rows.met]), "periods": _different(rows.period), **_reach(story, pain, as_of)}
    try:
        fitted = fit(rows.outcome, rows.met, widened(rows.numbers, rows.kinds), rows.who, seed=seed)
    except ValueError as error:
        return found | {"too_few": f"{error} It takes {FEWEST} of each."}
    return found | _effect(rows, fitted, seed) | _money(pain, fitted, found["reach"], seed)


def rows_of(story: Story, pain: Pain, *, as_of: int) -> Table:
    """Return the rows of the periods of a year whose outcome is known as of an instant."""
    import numpy as np

    last = as_of - pain.outcome.days * DAY
    number = max((_YEAR - pain.outcome.days) // pain.period, 1)
    ends = last - pain.period * DAY * np.arange(number - 1, -1, -1)
    return table(
        story, kind=pain.outcome.kind, by_event=pain.outcome.event is not None, ends=ends, period=pain.period, after=pain.outcome.days
    )  # fmt: skip


def _reach(story: Story, pain: Pain, as_of: int) -> dict[str, Any]:
    """Return how many customers met it in the year, and how many periods of theirs had it."""
    import numpy as np

    some = story.friction.at > as_of - _YEAR * DAY
    who, period = story.friction.who[some], (as_of - story.friction.at[some]) // (pain.period * DAY)
    _, times = np.unique(np.unique(np.column_stack([who, period]), axis=0)[:, 0], return_counts=True)
    return {"reached": len(times), "reach": _said(reach(times, days=float(_YEAR)))}


def _effect(rows: Table, fitted: Fitted, seed: int) -> dict[str, Any]:
    import numpy as np

    tried = placebo(fitted, rows.met, seed=seed)
    of_value, of_interval = robustness_of(fitted)
    edges = np.linspace(0, min(max(float(np.quantile(fitted.chance, 0.999)), 0.05), 1.0), _BARS + 1)
    inside = np.clip(fitted.chance, 0, edges[-1])
    return {
        "adjusted": _said(fitted.adjusted), "plain": _said(fitted.plain), "gap": _said(fitted.gap), "misled": fitted.misled,
        "grade": grade(fitted, tried), "overlap": asdict(fitted.overlap), "left_out": fitted.overlap.share,
        "usual": float(rows.outcome[~rows.met].mean()), "robust": of_value, "robust_interval": of_interval,
        "placebo": {"low": tried.low, "high": tried.high, "tries": tried.tries, "chance": tried.chance, "passed": tried.passed},
        "edges": [float(one) for one in edges],
        "bars": [[int(n) for n in np.histogram(inside[which], edges)[0]] for which in (rows.met, ~rows.met)],
    }  # fmt: skip


def _money(pain: Pain, fitted: Fitted, said: dict[str, float], seed: int) -> dict[str, Any]:
    unit = unit_of(pain)
    if unit is None:
        return {"cost": None}
    parts = [Effect(value=said["value"], error=said["error"]), fitted.adjusted, Effect(value=unit, error=0.0)]
    return {"cost": asdict(worth(parts, seed=seed))}


def _said(one: Effect) -> dict[str, float]:
    return {"value": one.value, "error": one.error, "low": one.low, "high": one.high}


def _different(some: np.ndarray) -> int:
    import numpy as np

    return len(np.unique(some))
