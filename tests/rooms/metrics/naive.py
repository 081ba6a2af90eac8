"""What a measure comes to, worked out the plain way from rows in Polars: an oracle that shares nothing with the compiler."""

from __future__ import annotations

from typing import Any

import polars as pl

from amity.kernel.clock import HOUR
from tests.rooms.metrics.telling import NOW


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return rows as a frame: who, t, name, channel, session, value, score, currency, ticket."""
    columns = {
        "who": pl.String, "t": pl.Int64, "name": pl.String, "channel": pl.String, "value": pl.Float64, "score": pl.Int64,
        "session": pl.String, "ticket": pl.String,
    }  # fmt: skip
    return pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=columns)


def value(kind: str, story: pl.DataFrame, first: int, last: int, *, days: int) -> float | None:  # noqa: C901, PLR0911, PLR0912
    """Return the value of a kind over a window of a whole story; the window before is as long."""
    length = last - first + 1
    rows = story.filter(pl.col("t").is_between(first, last))
    before = story.filter(pl.col("t").is_between(first - length, first - 1))
    bought, asked = rows.filter(pl.col("name") == "Bought"), rows.filter(pl.col("name") == "Asked")
    scores = rows.filter((pl.col("name") == "Scored") & pl.col("score").is_between(0, 10))["score"]
    match kind:
        case "count":
            return len(bought)
        case "customers":
            return bought["who"].n_unique()
        case "sum":
            return float(bought["value"].sum())
        case "mean":
            return None if not bought["value"].count() else float(bought["value"].mean())
        case "ratio":
            people = asked["who"].n_unique()
            return None if not people else len(bought) / people
        case "share":
            people = set(asked["who"])
            return None if not people else len(people & set(bought["who"])) / len(people)
        case "repeat":
            counts = bought.group_by("who").len()
            return None if not len(counts) else float((counts["len"] >= 2).mean())
        case "kept":
            base = set(before.filter(pl.col("name") == "Bought")["who"])
            return None if not base else len(base & set(bought["who"])) / len(base)
        case "stickiness":
            if not len(bought):
                return None
            active = bought.with_columns(pl.from_epoch("t", time_unit="ms").dt.date().alias("day"))
            return active.select("who", "day").n_unique() / bought["who"].n_unique() / days
        case "nps":
            return None if not len(scores) else 100 * float(((scores >= 9).cast(int) - (scores <= 6).cast(int)).mean())
        case "p75":
            return None if not bought["value"].count() else float(bought["value"].quantile(0.75, "linear"))
        case "session":
            every = story.filter(pl.col("name") == "Bought").group_by("session")
            spans = every.agg(pl.col("t").min().alias("began"), (pl.col("t").max() - pl.col("t").min()).alias("ms"))
            spans = spans.filter(pl.col("began").is_between(first, last))
            return None if not len(spans) else float(spans["ms"].mean()) / 1000
        case "wait":
            return _wait(asked, story.filter(pl.col("name") == "Bought"))
        case "followed" | "alone":
            share = _followed(asked, story.filter(pl.col("name") == "Bought"))
            return share if share is None or kind == "followed" else 1 - share
    raise AssertionError(kind)


def _wait(asked: pl.DataFrame, bought: pl.DataFrame) -> float | None:
    waits = []
    for row in asked.iter_rows(named=True):
        later = [b["t"] for b in bought.iter_rows(named=True) if b["who"] == row["who"] and b["t"] > row["t"]]
        if later and min(later) - row["t"] <= 720 * 3_600_000:
            waits.append((min(later) - row["t"]) / 1000)
    return None if not waits else float(pl.Series(waits).quantile(0.5, "linear"))


def _followed(asked: pl.DataFrame, bought: pl.DataFrame) -> float | None:
    met = [
        any(b["who"] == row["who"] and 0 < b["t"] - row["t"] <= 168 * HOUR for b in bought.iter_rows(named=True))
        for row in asked.iter_rows(named=True)
        if row["t"] <= NOW - 168 * HOUR
    ]
    return sum(met) / len(met) if met else None


MEASURES: dict[str, dict[str, Any]] = {
    "count": {"kind": "count", "event": {"name": "Bought"}},
    "customers": {"kind": "customers", "event": {"name": "Bought"}},
    "sum": {"kind": "sum", "event": {"name": "Bought"}, "of": "value"},
    "mean": {"kind": "mean", "event": {"name": "Bought"}, "of": "value"},
    "ratio": {"kind": "ratio", "over": {"event": {"name": "Bought"}}, "under": {"event": {"name": "Asked"}, "take": "customers"}},
    "share": {"kind": "share", "event": {"name": "Bought"}, "among": {"name": "Asked"}},
    "repeat": {"kind": "share", "event": {"name": "Bought"}, "among": {"name": "Bought"}, "times": 2},
    "kept": {"kind": "retention", "event": {"name": "Bought"}},
    "stickiness": {"kind": "stickiness", "event": {"name": "Bought"}},
    "nps": {"kind": "nps", "event": {"name": "Scored"}},
    "p75": {"kind": "percentile", "event": {"name": "Bought"}, "of": "value", "at": 75},
    "session": {"kind": "session", "event": {"name": "Bought"}},
    "wait": {"kind": "wait", "event": {"name": "Asked"}, "until": {"name": "Bought"}},
    "followed": {"kind": "followed", "event": {"name": "Asked"}, "until": {"name": "Bought"}},
    "alone": {"kind": "followed", "event": {"name": "Asked"}, "until": {"name": "Bought"}, "count": "alone"},
}
