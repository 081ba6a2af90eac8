"""What friction costs as the pages show it: numbers in words, and places for SVG."""

from __future__ import annotations

from typing import Any

from amity.rooms.journeys.actions.friction.pains import EFFORTS
from amity.rooms.journeys.models import PainPoint, Pricing
from amity.rooms.journeys.queries.friction.kept import pain_of
from amity.rooms.journeys.rules.friction.language import Pain

_RATES = {"leaving", "doing"}
_UNITS = {"leaving": "leave", "doing": "do it", "spending": "a customer", "score": "points"}
GRADES = {
    "experiment": ("experiment", "Chance decided who met it."),
    "quasi-experiment": ("quasi-experiment", "Something from outside decided who met it."),
    "adjusted": ("adjusted", "Compared with their like: alike in what was known before. A reason that nobody saw may remain."),
    "correlation": ("correlation", "Those who met it have too few of their like, or nothing came out as something. It may be chance or another reason."),
}  # fmt: skip
HIGH, WIDE = 320, 720
_PAD = 44


def line(one: PainPoint, priced: Pricing | None) -> dict[str, Any]:
    """Return a pain point as a row of the list."""
    found: dict[str, Any] = {"one": one, "priced": priced, "effort": EFFORTS.get(one.effort or 0, "")}
    if priced is not None and priced.result is not None:
        found |= figures(pain_of(priced), priced.result)
        found["stale"] = priced.number != one.number
    return found


def figures(pain: Pain, result: dict[str, Any]) -> dict[str, Any]:
    """Return a result's figures in words."""
    found: dict[str, Any] = {"reached": result["reached"], "reach": _counted(result["reach"]), "cost": None}
    if "too_few" in result:
        return found | {"too_few": result["too_few"]}
    kind, cost = pain.outcome.kind, result["cost"]
    found |= {
        "effect": effect_words(result["adjusted"], kind), "plain": effect_words(result["plain"], kind), "grade": result["grade"],
        "grade_words": GRADES[result["grade"]][1], "misled": result["misled"], "unit": _UNITS[kind],
    }  # fmt: skip
    if cost is not None:
        found["cost"] = {name: _money(cost[name]) for name in ("value", "low", "high")} | {"at": cost["value"], "raw": cost}
        found["sure"] = cost["low"] > 0 or cost["high"] < 0
    return found


def effect_words(said: dict[str, float], kind: str) -> dict[str, str]:
    """Return an effect and its interval in words: points of a hundred for chances."""
    form = _points if kind in _RATES else _plain
    return {name: form(said[name]) for name in ("value", "low", "high")}


def matrix(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the opportunity matrix: effort across, cost up, each with its interval; None where nothing can be placed."""
    some = [row for row in rows if row.get("cost") and row["one"].effort]
    if not some:
        return None
    top = max([row["cost"]["raw"]["high"] for row in some] + [1.0])
    low = min([row["cost"]["raw"]["low"] for row in some] + [0.0])

    def up(value: float) -> float:
        return float(round(HIGH - _PAD - (value - low) / (top - low) * (HIGH - 2 * _PAD), 1))

    columns: dict[int, int] = {}
    dots = []
    for row in some:
        effort = row["one"].effort
        beside = columns[effort] = columns.get(effort, -1) + 1
        at = 10 + (effort - 0.5) * 18 + (beside % 4) * 3.2 - 4.8
        cost = row["cost"]["raw"]
        dots.append({"row": row, "x": round(at, 2), "y": up(cost["value"]), "low": up(cost["low"]), "high": up(cost["high"]),
                     "n": rows.index(row) + 1, "grade": row["grade"]})  # fmt: skip
    ticks = [{"y": up(value), "said": _money(value)} for value in _ticks(low, top)]
    across = [{"x": 10 + (n - 0.5) * 18, "said": said} for n, said in EFFORTS.items()]
    return {"dots": dots, "high": HIGH, "zero": up(0.0), "ticks": ticks, "across": across, "foot": HIGH - 14}


def compared(result: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the plain and the adjusted effect, and the placebo, as intervals on one line."""
    rows = [("Plain difference", result["plain"], "plain"), ("Among their like", result["adjusted"], "adjusted")]
    rows.append(("Nobody met it", {"value": 0.0, **result["placebo"]}, "placebo"))
    low, high = min([0.0, *(one["low"] for _, one, _ in rows)]), max([0.0, *(one["high"] for _, one, _ in rows)])
    wide = (high - low) or 1.0

    def at(value: float) -> float:
        return float(round(3 + (value - low) / wide * 94, 2))

    lines = [
        {"name": name, "key": key, "at": at(one["value"]), "low": at(one["low"]), "width": round(at(one["high"]) - at(one["low"]), 2),
         "words": effect_words(one, kind)}
        for name, one, key in rows
    ]  # fmt: skip
    return {"lines": lines, "zero": at(0.0)}


def overlapping(result: dict[str, Any]) -> dict[str, Any]:
    """Return the chances to meet it, of those who did and who didn't, as bars: shares of each."""
    met, unmet = result["bars"]
    most = max([n / max(sum(some), 1) for some in (met, unmet) for n in some] or [1.0]) or 1.0
    wide = 100 / len(met)
    bars = [
        {"x": round(n * wide, 2), "w": round(wide * 0.92, 2), "met": round(met[n] / max(sum(met), 1) / most * 70, 1),
         "unmet": round(unmet[n] / max(sum(unmet), 1) / most * 70, 1),
         "from": f"{result['edges'][n] * 100:.1f}%", "to": f"{result['edges'][n + 1] * 100:.1f}%", "met_n": met[n], "unmet_n": unmet[n]}
        for n in range(len(met))
    ]  # fmt: skip
    for bar in bars:
        bar["up"] = round(74 - float(bar["met"]), 1)
    return {"bars": bars, "end": f"{result['edges'][-1] * 100:.0f}%"}


def _ticks(low: float, high: float) -> list[float]:
    from math import floor, log10

    step = 10 ** floor(log10(max(high - low, 1e-9)))
    step = step / 2 if (high - low) / step < 3 else step
    first = floor(low / step) + (0 if low == 0 else 1)
    return [n * step for n in range(first, floor(high / step) + 1)][:12]


def _counted(said: dict[str, float]) -> dict[str, str]:
    return {name: f"{max(round(said[name]), 0):,}" for name in ("value", "low", "high")}


def _points(value: float) -> str:
    return f"{value * 100:+.1f}".replace("-", "−")


def _plain(value: float) -> str:
    size = abs(value)
    return f"{value:+,.{0 if size >= 100 else 1 if size >= 10 else 2}f}".replace("-", "−")


def _money(value: float) -> str:
    size, sign = abs(value), "−" if value < 0 else ""
    if size >= 1_000_000:
        return f"{sign}{size / 1_000_000:.1f} M"
    if size >= 10_000:
        return f"{sign}{size / 1_000:.0f} k"
    return f"{sign}{size:,.0f}"
