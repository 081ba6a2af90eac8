"""Sums over customers, by segment and period: worked out in the past, or here where the present says which customers are meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amity.engines.past.behaviour.asking import SETTINGS, named
from amity.rooms.metrics.rules.compiling import REST, Asked
from amity.rooms.metrics.rules.statistics import Cross, Sums

if TYPE_CHECKING:
    import numpy as np

# Numbers are ten-thousandths: rounded to these, a sum is the same in whatever order it was added.
_EXACT = 4
_PARTS = ("events", "y", "x", "plus", "minus")
_SUMS = "count(), sum(events), sum(y), sum(x), sum(y * y), sum(x * x), sum(x * y), sum(plus), sum(minus)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One segment in two periods, and what they share."""

    new: Sums
    old: Sums
    cross: Cross


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Which customers count, and in which segments: sorted ids (`S16`) by name; None is everybody. Segments may overlap."""

    among: np.ndarray | None = None
    segments: Mapping[str, np.ndarray] | None = None

    @property
    def there(self) -> bool:
        """Whether the present has a say at all."""
        return self.among is not None or self.segments is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Contributions of customers as columns; `g` are numbers of `names`."""

    ids: np.ndarray
    g: np.ndarray
    p: np.ndarray
    parts: Mapping[str, np.ndarray]
    names: Sequence[str]


def sums_by_period(asked: Asked, groups: Groups, *, top: Sequence[str] = ()) -> dict[tuple[str, int], Sums]:
    """Return sums by (segment, period)."""
    if not groups.there:
        sql = f"SELECT g, p, {_SUMS} FROM ({asked.contributions()}) GROUP BY g, p"  # noqa: S608
        return {(g, int(p)): _sums(rest) for g, p, *rest in asked_rows(sql, asked.params)}
    import numpy as np

    rows = grouped(fetch_rows(asked, asked.contributions(), _PARTS, top=top), groups)
    found: dict[tuple[str, int], Sums] = {}
    for p in np.unique(rows.p):
        here = rows.p == p
        for n in np.unique(rows.g[here]):
            some = here & (rows.g == n)
            found[rows.names[n], int(p)] = _summed({name: one[some] for name, one in rows.parts.items()})
    return found


def sums_compared(asked: Asked, groups: Groups, *, new: int, old: int, top: Sequence[str] = ()) -> dict[str, Compared]:
    """Return sums by segment of two periods, with what customers of both share."""
    if not groups.there:
        sides = {"1": new, "0": old}
        each = ", ".join(f"sumIf({part}, p = {int(p)}) AS {part}{side}" for side, p in sides.items() for part in _PARTS)
        sums = ", ".join(
            f"countIf(events{s} > 0 OR x{s} != 0 OR y{s} != 0), sum(events{s}), sum(y{s}), sum(x{s}), sum(y{s} * y{s}), "
            f"sum(x{s} * x{s}), sum(x{s} * y{s}), sum(plus{s}), sum(minus{s})"
            for s in sides
        )
        cross = "sum(y1 * y0), sum(x1 * x0), sum(y1 * x0), sum(x1 * y0)"
        sql = f"SELECT g, {sums}, {cross} FROM (SELECT customer, g, {each} FROM ({asked.contributions()}) GROUP BY customer, g) GROUP BY g"  # noqa: S608
        return {
            g: Compared(new=_sums(rest[:9]), old=_sums(rest[9:18]), cross=_cross(rest[18:]))
            for g, *rest in asked_rows(sql, asked.params)
        }
    return _compared(grouped(fetch_rows(asked, asked.contributions(), _PARTS, top=top), groups), new=new, old=old)


def fetch_rows(asked: Asked, sql: str, parts: Sequence[str], *, top: Sequence[str] = ()) -> Rows:
    """Return contributions or values one by one, segments as numbers: those of `top` in their order, then all others."""
    import numpy as np

    from amity.engines.past.client import errors, past

    params = asked.params | {"top_names": list(top)}
    columns = ", ".join(parts)
    whole = f"SELECT customer, toUInt32(indexOf({{top_names:Array(String)}}, g)) AS n, p, {columns} FROM ({sql})"  # noqa: S608
    with errors():
        client = past()
        client.form_encode_query_params = True
        body = client.raw_query(whole, parameters=params, settings=SETTINGS, fmt="RowBinary")
    fields = [("high", "<u8"), ("low", "<u8"), ("g", "<u4"), ("p", "<i4"), *((part, "<f8") for part in parts)]
    rows = np.frombuffer(body, dtype=np.dtype(fields))
    return Rows(
        ids=named(rows["high"], rows["low"]), g=rows["g"].astype(np.int64), p=rows["p"],
        parts={part: rows[part] for part in parts}, names=[REST if top else "", *top],
    )  # fmt: skip


def grouped(rows: Rows, groups: Groups) -> Rows:
    """Return the rows of customers who count, once in each segment that they are in."""
    import numpy as np

    if groups.among is not None:
        rows = _kept(rows, _inside(rows.ids, groups.among))
    if groups.segments is None:
        return rows
    taken = [(n, np.flatnonzero(_inside(rows.ids, ids))) for n, ids in enumerate(groups.segments.values())]
    at = np.concatenate([places for _, places in taken]) if taken else np.zeros(0, dtype=np.int64)
    g = np.concatenate([np.full(len(places), n, dtype=np.int64) for n, places in taken]) if taken else at
    return Rows(
        ids=rows.ids[at], g=g, p=rows.p[at], parts={name: one[at] for name, one in rows.parts.items()}, names=list(groups.segments)
    )  # fmt: skip


def _kept(rows: Rows, keep: np.ndarray) -> Rows:
    parts = {name: one[keep] for name, one in rows.parts.items()}
    return Rows(ids=rows.ids[keep], g=rows.g[keep], p=rows.p[keep], parts=parts, names=rows.names)


def _inside(ids: np.ndarray, among: np.ndarray) -> np.ndarray:
    import numpy as np

    if not len(among):
        return np.zeros(len(ids), dtype=bool)
    at = np.minimum(np.searchsorted(among, ids), len(among) - 1)
    found: np.ndarray = among[at] == ids
    return found


def _compared(rows: Rows, *, new: int, old: int) -> dict[str, Compared]:
    import numpy as np

    found: dict[str, Compared] = {}
    for n in np.unique(rows.g):
        here = rows.g == n
        people, whose = np.unique(rows.ids[here], return_inverse=True)
        sides = []
        for p in (new, old):
            at = rows.p[here] == p
            sides.append(
                {
                    name: np.bincount(whose[at], weights=one[here][at], minlength=len(people)).astype(np.float64)
                    for name, one in rows.parts.items()
                }
            )
        one, two = sides
        cross = Cross(
            yy=float(one["y"] @ two["y"]), xx=float(one["x"] @ two["x"]), y1x0=float(one["y"] @ two["x"]),
            x1y0=float(one["x"] @ two["y"]),
        )  # fmt: skip
        found[rows.names[n]] = Compared(new=_summed(one), old=_summed(two), cross=cross)
    return found


def _summed(parts: Mapping[str, np.ndarray]) -> Sums:
    y, x, events = parts["y"], parts["x"], parts["events"]
    there = (events > 0) | (x != 0) | (y != 0)
    return Sums(
        n=int(there.sum()), events=int(events.sum()), y=round(float(y.sum()), _EXACT), x=float(x.sum()), yy=float(y @ y), xx=float(x @ x),
        xy=float(x @ y), plus=float(parts["plus"].sum()), minus=float(parts["minus"].sum()),
    )  # fmt: skip


def _sums(given: Sequence[Any]) -> Sums:
    n, events, *rest = given
    y, x, yy, xx, xy, plus, minus = map(float, rest)
    return Sums(n=int(n), events=int(events), y=round(y, _EXACT), x=x, yy=yy, xx=xx, xy=xy, plus=plus, minus=minus)


def _cross(given: Sequence[Any]) -> Cross:
    yy, xx, y1x0, x1y0 = map(float, given)
    return Cross(yy=yy, xx=xx, y1x0=y1x0, x1y0=x1y0)


def asked_rows(sql: str, params: Mapping[str, Any]) -> list[Any]:
    """Return the rows of a compiled question. Raises NotRunning."""
    from amity.engines.past.client import errors, past

    with errors():
        client = past()
        client.form_encode_query_params = True
        return list(client.query(sql, parameters=dict(params), settings=SETTINGS).result_rows)
