"""Which stages foretell what comes afterwards, ranked. Pure; the same seed, the same numbers. It is prediction, and no cause.

A stage is asked what it adds to what was known as somebody came to it: what they had done before the case began, and what the
stages before had shown. So a stage isn't credited with what could be foreseen already, and the gains of the stages add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from amity.rooms.journeys.rules.friction.language import Outcome
from amity.rooms.journeys.rules.friction.partial import FEWEST, difference
from amity.rooms.journeys.rules.friction.series import standardised, widened
from amity.rooms.journeys.rules.moments.cases import Cases, Signal, Told, known_before, outcome_of, signals_of
from amity.rooms.journeys.rules.moments.gains import Z95, Gain, Rows, folds_of, sure

if TYPE_CHECKING:
    import numpy as np

RATES = {"leaving", "doing"}
_MOST_KNOWN = 60  # columns of what was known before


def foretold_by(cases: Cases, told: Told, asked: Outcome, *, seed: int) -> dict[str, Any]:
    """Return what each stage foretells, as JSON objects hold it. `too_few` says why a stage, or all of it, can't be asked."""
    import numpy as np

    outcome = outcome_of(cases, told, asked)
    there = ~np.isnan(outcome)
    cases, outcome = cases.some(there), outcome[there]
    who = np.unique(cases.who, return_inverse=True)[1]
    found: dict[str, Any] = {"cases": len(cases), "customers": different(who), "left_out": int((~there).sum()), "stages": []}
    found["mean"] = float(outcome.mean()) if len(cases) else None
    if short := _too_few(outcome, who, asked.kind):
        return found | {"too_few": short}
    splits = folds_of(different(who), seed=seed)
    known = widened(*known_before(cases, told), most=_MOST_KNOWN)
    base, stages = known, []
    for n in range(cases.at.shape[1]):
        here = cases.came(n)
        signals = signals_of(cases.some(here), told, n)
        columns = [standardised(some) for one in signals for some in (one.given, one.columns)]
        rows = Rows(outcome, who, here, np.column_stack([base[here], *columns]), splits)
        stages.append(_stage(rows, signals, columns, base.shape[1]))
        wide = np.zeros((len(cases), rows.x.shape[1] - 1 - base.shape[1]))
        wide[here] = rows.x[:, 1 + base.shape[1] :]
        base = np.column_stack([base, wide])
    everything = Rows(outcome, who, np.ones(len(cases), dtype=bool), base, splits)
    before, after = range(known.shape[1]), range(known.shape[1], base.shape[1])
    found |= {"known": _gain(everything.gain((), before)), "all": _gain(everything.gain(before, after))}
    return found | {"stages": _ranked(stages)}


def _stage(rows: Rows, signals: Sequence[Signal], columns: Sequence[np.ndarray], known: int) -> dict[str, Any]:
    """Return what a stage foretells. `columns` has two blocks for each signal: what is given, and what is asked."""
    before, told, at = range(known), [], known
    for n, signal in enumerate(signals):
        given = range(at, at + columns[2 * n].shape[1])
        asked = range(given.stop, given.stop + columns[2 * n + 1].shape[1])
        told.append(_signal(rows, signal, [*before, *given], asked))
        at = asked.stop
    stage: dict[str, Any] = {"cases": len(rows.y), "customers": different(rows.who[rows.here]), "gain": None, "signals": told}
    if any(one["gain"] for one in told):
        stage["gain"] = _gain(rows.gain(before, range(known, at)))
    return stage


def _signal(rows: Rows, signal: Signal, before: Sequence[int], asked: Sequence[int]) -> dict[str, Any]:
    """Return what one thing foretells by itself: of time and answers, beyond whether it was reached and anything was said."""
    y, who, with_it = rows.y[signal.known], rows.who[rows.here][signal.known], signal.with_it[signal.known]
    found: dict[str, Any] = {
        "kind": signal.kind, "pain": signal.pain, "mark": signal.mark, "with": int(with_it.sum()), "without": int((~with_it).sum()),
        "gain": None,
    }  # fmt: skip
    if min(different(who[with_it]), different(who[~with_it])) < FEWEST:
        return found
    apart = difference(y, with_it.astype(float), _told_apart(who))[0]
    found |= {"with_mean": float(y[with_it].mean()), "without_mean": float(y[~with_it].mean())}
    found["difference"] = {
        "value": apart.value, "error": apart.error, "low": apart.value - Z95 * apart.error, "high": apart.value + Z95 * apart.error
    }  # fmt: skip
    return found | {"gain": _gain(rows.gain(before, asked))}


def _gain(one: Gain) -> dict[str, float]:
    return {"value": one.value, "error": one.error, "low": one.low, "high": one.high, "chance": one.chance}


def _ranked(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the stages with whether each foretells more than chance, and with their ranks by gain."""
    asked = [stage for stage in stages if stage["gain"]]
    for stage, matters in zip(asked, sure([one["gain"]["chance"] for one in asked]), strict=True):
        stage["matters"] = matters
    for rank, stage in enumerate(sorted(asked, key=lambda one: -one["gain"]["value"]), 1):
        stage["rank"] = rank
    signals = [one for stage in stages for one in stage["signals"] if one["gain"]]
    for one, matters in zip(signals, sure([one["gain"]["chance"] for one in signals]), strict=True):
        one["matters"] = matters
    return stages


def _too_few(outcome: np.ndarray, who: np.ndarray, kind: str) -> str:
    if different(who) < 2 * FEWEST:
        return f"Too few customers: {different(who):,} began, and their time is over. It takes {2 * FEWEST}."
    groups = (outcome > 0, outcome <= 0) if kind in RATES else ()
    if any(different(who[one]) < FEWEST for one in groups):
        return f"Too few customers had one of the two outcomes. It takes {FEWEST} of each."
    return "" if outcome.std() > 0 else "The outcome is the same for all."


def _told_apart(who: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.unique(who, return_inverse=True)[1]


def different(some: np.ndarray) -> int:
    """Return how many different ones there are."""
    import numpy as np

    return len(np.unique(some))
