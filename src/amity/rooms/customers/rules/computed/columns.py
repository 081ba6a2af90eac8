"""Values of customers as columns over one ordering of all that are looked at: combined, scored, compared. Pure.

A column holds Float64 with NaN for nothing where all of it is numbers, else Python's own values with None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from amity.engines.past.behaviour.takes import Take
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.audiences.algebra import NEVER, Answers
from amity.rooms.customers.rules.audiences.language import Compared, Condition, leaves
from amity.rooms.customers.rules.computed.language import Cases, Combine, Fixed, Ref, Sql, Tile, Value
from amity.rooms.customers.rules.computed.parts import key_of

if TYPE_CHECKING:
    import numpy as np

_TRAIT = "A computed trait"
_NUMERIC = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)  # text that counts as a number; the same in every engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Values, and when time alone could change each (ms); `due` None: never. `numbers`: see the module."""

    values: np.ndarray
    due: np.ndarray | None
    numbers: bool


@dataclass(slots=True)
class Columns:
    """Columns of one evaluation. `answers` holds who meets which condition; `taken` what was asked of the past, by key.

    `edges` are the scores' edges by the tile's key. Those that are missing are worked out of everybody, into `made`; where only
    `some` are looked at, there is no score without edges.
    """

    answers: Answers
    taken: Mapping[bytes, Column]
    edges: Mapping[bytes, Sequence[float]] = field(default_factory=dict)
    some: bool = False
    made: dict[bytes, list[float]] = field(default_factory=dict)
    _held: dict[bytes, Column] = field(default_factory=dict)

    def settle(self, where: Condition) -> None:
        """Have the answers know who meets what a condition says about values."""
        for leaf in leaves(where):
            if isinstance(leaf, Compared) and key_of(leaf) not in self.answers.met:
                column = self.of(leaf.value)
                self.answers.met[key_of(leaf)] = met(column, leaf)
                if column.due is not None:
                    self.answers.due[key_of(leaf)] = column.due

    def of(self, value: Value) -> Column:
        """Return a whole value's column."""
        key = key_of(value)
        if key not in self._held:
            self._held[key] = self._of(value, key)
        return self._held[key]

    def _of(self, value: Value, key: bytes) -> Column:
        match value:
            case Fixed(is_=always):
                return _fixed(always, len(self.answers.everybody))
            case Combine():
                return _combined(value.do, [self.of(part) for part in value.of])
            case Cases():
                return self._cases(value)
            case Tile():
                return self._tile(value, key)
            case Ref():
                raise Invalid("A trait that another refers to stands in its place before it is asked.")
        if isinstance(value, Take | Sql):
            return self.taken[key]
        raise Invalid(f"{type(value).__name__} can't be computed.")

    def _cases(self, value: Cases) -> Column:
        import numpy as np

        number = len(self.answers.everybody)
        found, open_, dues = np.full(number, None, dtype=object), np.ones(number, dtype=bool), []
        for one in value.of:
            self.settle(one.where)
            here = self.answers.of(one.where) & open_
            then = self.of(one.then)
            found[here] = objects(then)[here]
            open_ &= ~here
            dues += [self.answers.change_of(one.where), then.due]
        if value.otherwise is not None:
            rest = self.of(value.otherwise)
            found[open_] = objects(rest)[open_]
            dues.append(rest.due)
        return Column(values=found, due=earliest(dues), numbers=False)

    def _tile(self, value: Tile, key: bytes) -> Column:
        import numpy as np

        column = self.of(value.of)
        numbers = as_numbers(column)
        ranked = numbers if value.best == "high" else -numbers
        edges = self.edges.get(key)
        if edges is None and self.some:
            return Column(values=np.full(len(ranked), np.nan), due=column.due, numbers=True)
        if edges is None:
            edges = self.made[key] = edges_of(ranked, value.tiles)
        there = ~np.isnan(ranked)
        found = np.full(len(ranked), np.nan)
        found[there] = 1 + np.searchsorted(np.array(edges, dtype=np.float64), ranked[there], side="left")
        return Column(values=found, due=column.due, numbers=True)


def edges_of(ranked: np.ndarray, tiles: int) -> list[float]:
    """Return the edges between tiles: the last number of each but the best. NTILE's first tiles are one longer where needed."""
    import numpy as np

    numbers = np.sort(ranked[~np.isnan(ranked)])
    if not len(numbers):
        return []
    each, more = divmod(len(numbers), tiles)
    ends = [tile * each + min(tile, more) for tile in range(1, tiles)]
    return [float(numbers[end - 1]) for end in ends if end > 0]


def as_numbers(column: Column) -> np.ndarray:
    """Return a column as Float64: numbers, and text that is one; NaN for all else."""
    import numpy as np

    if column.numbers:
        return column.values
    return np.array([_number(one) for one in column.values], dtype=np.float64)


def objects(column: Column) -> np.ndarray:
    """Return a column as Python's own values: whole numbers whole, None for nothing."""
    if not column.numbers:
        return column.values
    import numpy as np

    found = np.empty(len(column.values), dtype=object)
    found[:] = [plain(one) for one in column.values.tolist()]
    return found


def plain(number: float) -> Any:
    """Return a number as it is kept: whole ones whole, None for none."""
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124  NaN is the one that isn't itself
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def met(column: Column, one: Compared) -> np.ndarray:
    """Return the bits of whose value compares so."""
    import numpy as np

    to = one.to
    if one.test in {"present", "absent"}:
        there = ~np.isnan(column.values) if column.numbers else np.array([v is not None for v in column.values], dtype=bool)
        return there if one.test == "present" else ~there
    if column.numbers and one.test in _SIGNS and isinstance(to, int | float) and not isinstance(to, bool):
        signed: np.ndarray = _SIGNS[one.test](column.values, float(to))
        return signed
    test = comparison(one, what=_TRAIT)
    found = [any(map(test, v)) if isinstance(v, list) else test(v) for v in objects(column)]
    bits = np.array(found, dtype=bool)
    return ~bits if one.test == "not_equal" else bits


def earliest(dues: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """Return the earliest of instants; None where there are none."""
    import numpy as np

    found: np.ndarray | None = None
    for due in dues:
        if due is not None:
            found = due.copy() if found is None else np.minimum(found, due)
    return None if found is None or bool((found == NEVER).all()) else found


def _fixed(always: Any, number: int) -> Column:
    import numpy as np

    if isinstance(always, int | float) and not isinstance(always, bool):
        return Column(values=np.full(number, float(always)), due=None, numbers=True)
    return Column(values=np.full(number, always, dtype=object), due=None, numbers=False)


def _combined(do: str, parts: Sequence[Column]) -> Column:
    import numpy as np

    due = earliest([part.due for part in parts])
    if do == "first_known" and not all(part.numbers for part in parts):
        found = objects(parts[0]).copy()
        for part in parts[1:]:
            missing = np.array([one is None for one in found], dtype=bool)
            found[missing] = objects(part)[missing]
        return Column(values=found, due=due, numbers=False)
    numbers = [as_numbers(part) for part in parts]
    with np.errstate(all="ignore"):
        found = numbers[0]
        for one in numbers[1:]:
            found = _DO[do](found, one)
    return Column(values=np.where(np.isfinite(found), found, np.nan), due=due, numbers=True)


def comparison(one: Any, *, what: str) -> Callable[[Any], bool]:
    """Return the test of a single value, as conditions on traits compare them; of `not_equal`, whether it is equal.

    `one` has a `test` (but `present`, `absent`) and `to`. Raises Invalid, of `what`, for a comparison that makes no sense.
    """
    to = one.to
    match one.test:
        case "one_of":
            if not isinstance(to, tuple) or not to:
                raise Invalid(f"{what} is one of what? Give a list in `to`.")
            return lambda value: any(_same(value, each) for each in to)
        case _ if to is None or isinstance(to, tuple):
            raise Invalid(f"{what} is compared to what? Give one value in `to`.")
        case "equal" | "not_equal":
            return lambda value: _same(value, to)
        case "contains" | "starts_with" | "ends_with":
            if not isinstance(to, str) or not to:
                raise Invalid(f"{one.test.replace('_', ' ')} needs text in `to`.")
            return lambda value: _LIKE[one.test](_text(value) or "", to)
    if isinstance(to, bool) or not isinstance(to, int | float):
        raise Invalid(f"{what} is compared as a number, but `to` is {to!r}. Give a number without quotes.")
    return lambda value: bool(_SIGNS[one.test](_number(value), float(to)))


def check_compared(one: Any) -> None:
    """Raise Invalid, with what to do, for a comparison that makes no sense."""
    if one.test not in {"present", "absent"}:
        comparison(one, what=_TRAIT)


def _same(value: Any, to: Any) -> bool:
    if isinstance(to, bool):
        return _text(value) == ("true" if to else "false")
    return _text(value) == to if isinstance(to, str) else _number(value) == float(to)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else None


def _number(value: Any) -> float:
    if isinstance(value, bool) or value is None:
        return float("nan")
    if isinstance(value, int | float):
        return float(value)
    return float(value) if isinstance(value, str) and _NUMERIC.fullmatch(value) else float("nan")


def _divide(one: Any, by: Any) -> Any:
    import numpy as np

    return np.where(by == 0, np.nan, one / by)


def _smallest(one: Any, other: Any) -> Any:
    import numpy as np

    return np.fmin(one, other)


def _largest(one: Any, other: Any) -> Any:
    import numpy as np

    return np.fmax(one, other)


def _known(one: Any, other: Any) -> Any:
    import numpy as np

    return np.where(np.isnan(one), other, one)


_SIGNS: dict[str, Callable[[Any, float], Any]] = {
    "equal": lambda value, to: value == to, "above": lambda value, to: value > to, "at_least": lambda value, to: value >= to,
    "below": lambda value, to: value < to, "at_most": lambda value, to: value <= to,
}  # fmt: skip
_LIKE: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, to: to in value, "starts_with": str.startswith, "ends_with": str.endswith,
}  # fmt: skip
_DO: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda one, other: one + other, "subtract": lambda one, other: one - other, "multiply": lambda one, other: one * other,
    "divide": _divide, "smallest": _smallest, "largest": _largest, "first_known": _known,
}  # fmt: skip
