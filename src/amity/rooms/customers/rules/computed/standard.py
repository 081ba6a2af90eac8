"""The computed traits that a workspace gets by one press: recency, frequency, money; lifecycle; engagement. Pure.

RFM's quintiles are Hughes' (Strategic Database Marketing, 1994), cut by NTILE; of equal numbers all get the lower score. The
engagement score is the mean of three percentile ranks, which is Borda's count (1781) put to 1 to 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LATE, LAPSED = 2, 4  # times the customer's own rhythm
OWN_RHYTHM = 3  # purchases from which a customer has a rhythm of its own
SEGMENTS: Sequence[tuple[str, str]] = (
    ("Champions", "bought lately (recency 4 or 5) and often (frequency 4 or 5)"),
    ("Loyal", "recency 3 or more and frequency 3 or more"),
    ("Recent", "bought lately (4 or 5), not often yet (1 or 2)"),
    ("Slipping", "recency 3, frequency 1 or 2"),
    ("At risk", "bought often (3 or more), not lately (1 or 2)"),
    ("Hibernating", "neither lately nor often"),
)
STAGES: Sequence[tuple[str, str]] = (
    ("Won back", "bought again after a quiet time of four times the usual rhythm"),
    ("New", "the first purchase is not longer ago than the usual rhythm"),
    ("Active", "bought within twice their rhythm"),
    ("At risk", "not for two to four times their rhythm"),
    ("Lapsed", "not for more than four times their rhythm"),
    ("Not yet", "never bought"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One of the traits: `origin` is its name for Amity, `value` its definition, in which {"kind": "computed", "id": origin} refers."""

    origin: str
    name: str
    about: str
    value: Mapping[str, Any]


def standard(*, purchase: str, refund: str = "", typical: int) -> list[Standard]:
    """Return the traits in an order in which each refers to earlier ones only.

    `purchase` and `refund` are names of events; refunds have a negative value. `typical` is the workspace's usual number of days
    between two purchases, for who has no rhythm yet.
    """
    bought = {"name": purchase}
    paid: dict[str, Any] = {"kind": "number", "take": "sum", "of": "value", "event": bought}
    back: dict[str, Any] = {"kind": "number", "take": "sum", "of": "value", "event": {"name": refund}}
    return [
        Standard(origin="rfm.recency", name="Days since last purchase", about="The R of RFM.",
                 value={"kind": "days_since", "event": bought, "take": "last"}),
        Standard(origin="rfm.first", name="Days since first purchase", about="", value={"kind": "days_since", "event": bought, "take": "first"}),
        Standard(origin="rfm.frequency", name="Purchases", about="The F of RFM.", value={"kind": "count", "event": bought}),
        Standard(origin="rfm.money", name="Money from purchases", about="The M of RFM" + (", refunds taken off." if refund else "."),
                 value=_do("add", paid, back) if refund else paid),
        Standard(origin="rfm.r", name="RFM recency score", about="5: bought most lately.", value=_tile(_ref("rfm.recency"), best="low")),
        Standard(origin="rfm.f", name="RFM frequency score", about="5: bought most often.", value=_tile(_of_buyers("rfm.frequency"))),
        Standard(origin="rfm.m", name="RFM money score", about="5: brought most.", value=_tile(_of_buyers("rfm.money"))),
        Standard(origin="rfm.segment", name="RFM segment", about="; ".join(f"{name}: {said}" for name, said in SEGMENTS) + ".", value=_segment()),
        Standard(origin="life.rhythm", name="Days between purchases", about="The customer’s own mean, once there are two purchases.",
                 value=_do("divide", _do("subtract", _ref("rfm.first"), _ref("rfm.recency")), _do("subtract", _ref("rfm.frequency"), _fixed(1)))),
        Standard(origin="life.expected", name="Expected days between purchases",
                 about=f"Their own mean from {OWN_RHYTHM} purchases on, else the workspace’s usual {typical:,} days; at least one day.",
                 value=_do("largest", _fixed(1), _cases((_compare("rfm.frequency", "at_least", OWN_RHYTHM), _ref("life.rhythm")), otherwise=_fixed(typical)))),
        Standard(origin="life.lateness", name="Lateness", about="Days since the last purchase in times of their rhythm.",
                 value=_do("divide", _ref("rfm.recency"), _ref("life.expected"))),
        Standard(origin="life.quiet", name="Purchases in the time before the usual rhythm",
                 about=f"How many in the {LAPSED * typical:,} days before the last {typical:,}: none tells a quiet time.",
                 value=_do("subtract", _last(bought, (LAPSED + 1) * typical), _last(bought, typical))),
        Standard(origin="life.stage", name="Lifecycle stage", about="; ".join(f"{name}: {said}" for name, said in STAGES) + ".",
                 value=_stage(bought, typical)),
        Standard(origin="engagement.score", name="Engagement score",
                 about="1 to 100: the mean of three ranks among all customers: how lately they did anything, on how many of the last "
                 "30 days, and how much in them.",
                 value=_do("divide", _do("add", _tile({"kind": "days_since", "event": {}, "take": "last"}, best="low", tiles=100),
                                         _tile(_last({}, 30, each="days"), tiles=100), _tile(_last({}, 30), tiles=100)), _fixed(3))),
    ]  # fmt: skip


def bound(value: Any, ids: Mapping[str, int]) -> Any:
    """Return a value with the ids of traits where origins stand."""
    if isinstance(value, Mapping):
        made = {name: bound(part, ids) for name, part in value.items()}
        return made | {"id": ids[made["id"]]} if made.get("kind") == "computed" else made
    return [bound(part, ids) for part in value] if isinstance(value, list | tuple) else value


def _segment() -> dict[str, Any]:
    def scores(recency: tuple[int, int], frequency: tuple[int, int]) -> dict[str, Any]:
        return _all(*_between("rfm.r", *recency), *_between("rfm.f", *frequency))

    names = [name for name, _ in SEGMENTS]
    meant = [scores((4, 5), (4, 5)), scores((3, 5), (3, 5)), scores((4, 5), (1, 5)), scores((3, 3), (1, 5)), scores((1, 2), (3, 5)),
             scores((1, 5), (1, 5))]  # fmt: skip
    return _cases(*((where, _fixed(name)) for where, name in zip(meant, names, strict=True)))


def _stage(bought: Mapping[str, Any], typical: int) -> dict[str, Any]:
    within = {"kind": "last", "amount": typical, "unit": "days"}
    won_back = _all(
        {"kind": "did", "event": bought, "within": within}, _compare("life.quiet", "equal", 0),
        _compare("rfm.first", "above", (LAPSED + 1) * typical),
    )  # fmt: skip
    meant = [won_back, _compare("rfm.first", "at_most", typical), _compare("life.lateness", "at_most", LATE),
             _compare("life.lateness", "at_most", LAPSED), _compare("life.lateness", "above", LAPSED)]  # fmt: skip
    names = [name for name, _ in STAGES]
    return _cases(*((where, _fixed(name)) for where, name in zip(meant, names[:-1], strict=True)), otherwise=_fixed(names[-1]))


def _of_buyers(origin: str) -> dict[str, Any]:
    return _cases(({"kind": "computed", "id": "rfm.recency", "is": "present"}, _ref(origin)))


def _ref(origin: str) -> dict[str, Any]:
    return {"kind": "computed", "id": origin}


def _fixed(value: Any) -> dict[str, Any]:
    return {"kind": "fixed", "is": value}


def _do(what: str, *of: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": "combine", "do": what, "of": list(of)}


def _tile(of: Mapping[str, Any], *, best: str = "high", tiles: int = 5) -> dict[str, Any]:
    return {"kind": "tile", "of": of, "tiles": tiles, "best": best}


def _last(event: Mapping[str, Any], days: int, *, each: str = "times") -> dict[str, Any]:
    return {"kind": "count", "event": event, "each": each, "within": {"kind": "last", "amount": days, "unit": "days"}}


def _cases(*of: tuple[Mapping[str, Any], Mapping[str, Any]], otherwise: Mapping[str, Any] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": "cases", "of": [{"where": where, "then": then} for where, then in of]}
    return made | ({} if otherwise is None else {"otherwise": otherwise})


def _compare(origin: str, test: str, to: float) -> dict[str, Any]:
    return {"kind": "computed", "id": origin, "is": test, "to": to}


def _between(origin: str, low: int, high: int) -> list[dict[str, Any]]:
    return [_compare(origin, "at_least", low), _compare(origin, "at_most", high)]


def _all(*of: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": "all", "of": list(of)}
