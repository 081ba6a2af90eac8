"""A dashboard's tiles: metrics as figures, courses, parts or pairs, and text between them; in JSON and as fields of a form. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import Part
from amity.kernel.errors import Invalid
from amity.rooms.metrics.contracts import Change, Measured

MOST = 40
Show = Literal["figure", "course", "parts", "pair"]
SHOWS: Mapping[str, str] = {
    "figure": "its figure", "course": "its course over time", "parts": "parted by", "pair": "beside another metric",
}  # fmt: skip
SIZES: Mapping[int, str] = {1: "a third", 2: "two thirds", 3: "all of the width"}
Id = Annotated[int, Meta(ge=1, le=2**53)]
Size = Annotated[int, Meta(ge=1, le=3)]


class MetricTile(Part, frozen=True, tag_field="kind", tag="metric"):
    """A metric. `breakdown` is what `parts` are of, `pair` the metric beside it: efficiency and the experience that it may cost."""

    metric: Id
    show: Show = "figure"
    size: Size = 1
    breakdown: Annotated[str, Meta(max_length=500)] = ""
    pair: Id | None = None


class TextTile(Part, frozen=True, tag_field="kind", tag="text"):
    """Words between metrics: a heading, what to make of it."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000)]
    size: Size = 3


Tile = MetricTile | TextTile
_Tiles = Annotated[list[Tile], Meta(max_length=MOST)]


def read_tiles(given: object) -> list[Tile]:
    """Read tiles from plain JSON values. Raises Invalid with what is wrong."""
    try:
        found: list[Tile] = msgspec.convert(given, _Tiles)
    except msgspec.ValidationError as error:
        raise Invalid(f"A tile can't be read: {error}.") from None
    for n, one in enumerate(found, 1):
        if isinstance(one, MetricTile) and one.show == "parts" and not one.breakdown:
            raise Invalid(f"Tile {n} is parted by what? Name a property, a field, trait:<name> or audience:<id>.")
        if isinstance(one, MetricTile) and one.show == "pair" and one.pair is None:
            raise Invalid(f"Tile {n} stands beside which other metric? Choose one.")
    return found


def written_tiles(tiles: Sequence[Tile]) -> list[dict[str, Any]]:
    """Return tiles as they are kept."""
    found: list[dict[str, Any]] = msgspec.to_builtins(tiles)
    return found


def from_form(given: Mapping[str, str]) -> list[Tile]:
    """Read a form's fields `t<number>-<field>`, in the order that `order` says. What names neither metric nor text is left out."""
    numbers = sorted({int(name[1:].split("-")[0]) for name in given if name[:1] == "t" and name[1:].split("-")[0].isdecimal()})
    rows = []
    for number in numbers[: MOST + 5]:
        fields = {name: given.get(f"t{number}-{name}", "").strip()[:2_000] for name in _FIELDS}
        made = _tile(fields)
        if made is not None and not given.get(f"t{number}-remove"):
            rows.append((_number(fields["order"]) if fields["order"] else number, number, made))
    return read_tiles([made for _, _, made in sorted(rows, key=lambda row: row[:2])])


_FIELDS = ("metric", "show", "size", "breakdown", "pair", "text", "order")


def _tile(fields: Mapping[str, str]) -> dict[str, Any] | None:
    size = _number(fields["size"]) or 1
    if fields["metric"] == "text":
        return {"kind": "text", "text": fields["text"], "size": size} if fields["text"] else None
    if not _number(fields["metric"]):
        return None
    made: dict[str, Any] = {
        "kind": "metric",
        "metric": _number(fields["metric"]),
        "show": fields["show"] or "figure",
        "size": size,
    }
    if fields["breakdown"]:
        made["breakdown"] = fields["breakdown"]
    if _number(fields["pair"]):
        made["pair"] = _number(fields["pair"])
    return made


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def bought(one: Measured, other: Measured) -> bool:
    """Whether one of a pair clearly improved while the other clearly worsened: the gain may have been bought with the loss."""
    judged = {_better(one, one.change), _better(other, other.change)}
    return judged == {True, False}


def _better(one: Measured, change: Change | None) -> bool | None:
    if change is None or not change.clear or one.direction == "none":
        return None
    return (change.by > 0) == (one.direction == "up")
