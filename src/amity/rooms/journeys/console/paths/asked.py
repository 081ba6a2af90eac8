"""What the page of paths is asked by its address, so that each view of it can be kept and shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from amity.engines.past.behaviour.moments import check_value
from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.funnels.lines import value_of, window_of
from amity.rooms.journeys.rules.paths.language import Paths

VIEWS = {"map": "Map", "flow": "From a step", "ways": "Ways through", "again": "Loops and rework"}
LATEST = 2**52


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question, and how it is looked at. `show`: the most frequent connections that make up so many percent are drawn."""

    question: Paths
    given: Mapping[str, str]
    view: str
    step: str
    backward: bool
    depth: int
    width: int
    show: int
    as_of: int


def asked(query: Mapping[str, str]) -> Asked:
    """Read an address. Raises Invalid with what to mend."""
    given = {name: str(query.get(name, "")).replace("\0", "").strip()[:500] for name in (
        "period", "case", "expand", "hide", "among", "view", "step", "back", "depth", "width", "show")}  # fmt: skip
    given["period"] = given["period"] if "period" in query else "last:30:days"
    case, expand = value_of(given["case"]), value_of(given["expand"])
    for of in (case, expand):
        if of:
            check_value(of)
    made: dict[str, Any] = {"period": window_of(given["period"]), "case": case, "expand": expand}
    if hide := tuple(part.strip() for part in given["hide"].split(",") if part.strip()):
        made["hide"] = hide[:50]
    if given["among"]:
        made["among"] = _whole(given["among"])
    try:
        question = msgspec.convert(made, Paths)
    except msgspec.ValidationError as error:
        raise Invalid(f"{error}.") from None
    return Asked(
        question=question, given=given, view=given["view"] if given["view"] in VIEWS else "map", step=given["step"],
        backward=given["back"] == "1", depth=_within(given["depth"], 1, 8, 4), width=_within(given["width"], 1, 12, 5),
        show=_within(given["show"], 10, 100, 80), as_of=_whole(query["as_of"]) if query.get("as_of") else now_ms(),
    )  # fmt: skip


def _within(text: str, low: int, high: int, otherwise: int) -> int:
    return min(max(int(text), low), high) if text.isdecimal() and len(text) < 6 else otherwise


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 15 or int(text) > LATEST:
        raise Invalid("This address isn’t whole. Go back to the page and press its number again.")
    return int(text)
