"""Makes interactions of rows: the map is worked out once, and each row then goes through what is left of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

import msgspec

from amity.facts.interaction import EMPTY, Interaction, Kind
from amity.kernel.clock import DAY
from amity.kernel.ids import digest
from amity.rooms.collection.rules.imports.columns import NOTHING, ColumnLook, cell_of, is_nothing
from amity.rooms.collection.rules.imports.dates import date_reader
from amity.rooms.collection.rules.imports.files.table import Row
from amity.rooms.collection.rules.imports.guess import trait_columns
from amity.rooms.collection.rules.imports.mapping import CUSTOMER_FIELDS, KINDS, Case, Column, Mapping, columns_used
from amity.rooms.collection.rules.imports.numbers import number_reader
from amity.rooms.collection.rules.imports.refusal import Unfit

LARGEST = 500_000
LONGEST_ID, LONGEST_MESSAGE_ID, LONGEST_NAME = 500, 100, 500
_encode = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode
_text_of_dates = (datetime, date)

Cells = Callable[[Row], dict[str, Any]]
Chosen = Callable[[Row], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """What every interaction of one import shares: workspace, source, the beginning of its message ids, when it was received."""

    workspace: int
    source: int
    prefix: str
    received_at: int


class Maker:
    """Turns rows into interactions, by a complete map."""

    def __init__(  # noqa: PLR0913  what was found out about a file
        self,
        mapping: Mapping,
        columns: tuple[str, ...],
        looks: dict[str, ColumnLook],
        whose: Whose,
        *,
        decimal: str,
        varying: bool,
    ) -> None:
        self.mapping, self.whose = mapping, whose
        self._looks, self._number = looks, number_reader(decimal=decimal)
        self._kind, self._event = _chosen(mapping.kind or "track"), _chosen(mapping.event)
        self._currency, self._channel = _chosen(mapping.currency), _chosen(mapping.channel)
        self._cases = [_case(case) for case in mapping.when]
        self._ids = {
            field: self._id_reader(getattr(mapping, field)) for field in ("user_id", "anonymous_id", "group_id", "previous_id")
        }
        form = mapping.dates or (looks[mapping.time].dates.form if mapping.time in looks else "") or "iso"
        self._time = date_reader(form, zone=mapping.zone)
        self._latest = whose.received_at + DAY
        used = columns_used(mapping) - set(mapping.text)
        rest = [name for name in columns if name not in used and not _inner(name, looks)]
        described = trait_columns(rest) if mapping.kind != "identify" else tuple(rest)
        self._traits = self._cells_reader(mapping.traits or described, also=("email", "phone"))
        own = [name for name in rest if name not in described] if mapping.properties is None else mapping.properties
        self._properties = self._cells_reader(own if mapping.kind != "identify" or mapping.properties is not None else ())
        self._open = varying and mapping.properties is None and mapping.kind != "identify"
        self._named = frozenset(columns)

    def make(self, at: int, row: Row) -> Interaction | None:
        """Return the row as an interaction, None if the map leaves it out. Raises Unfit."""
        case = self.case_of(row)
        if case is not None and case.leave_out:
            return None
        properties = self.properties(row)
        amount = self.amount(row)
        if amount is not None:
            properties[self.value_as(case)] = amount
        return self.finish(at, row, case, properties)

    def case_of(self, row: Row) -> Case | None:
        """Return the first case of the map that the row falls under."""
        for fits, case in self._cases:
            if fits(row):
                return case
        return None

    def value_as(self, case: Case | None, default: str = "revenue") -> str:
        """Return the name under which the row's value is told."""
        return (case.value_as if case is not None else "") or self.mapping.value_as or default

    def amount(self, row: Row) -> int | float | None:
        """Return the row's value, None where there is none."""
        return self.number(row, self.mapping.value) if self.mapping.value else None

    def number(self, row: Row, name: str) -> int | float | None:
        """Return a cell that must be a number, or nothing. Raises Unfit."""
        cell = cell_of(row, name)
        if is_nothing(cell):
            return None
        if isinstance(cell, str):
            try:
                return self._number(cell)
            except ValueError:
                raise Unfit("bad_number", f"{name} is {cell[:60]!r}, which is no number.") from None
        if isinstance(cell, Decimal):
            return float(cell)
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return cell
        raise Unfit("bad_number", f"{name} is no number.")

    def properties(self, row: Row) -> dict[str, Any]:
        """Return the row's properties, without its value."""
        given = self.mapping.properties_from
        found = self._properties(row)
        if self._open and not self._named.issuperset(row):  # later objects may have more fields than the first ones
            found.update({name: cell for name, cell in row.items() if name not in self._named})
        if given:
            found = {**_object(row, given), **found}
        currency = self._currency(row)
        if currency:
            found["currency"] = currency
        return found

    def finish(self, at: int, row: Row, case: Case | None, properties: dict[str, Any]) -> Interaction:
        """Return the interaction of a row whose properties are known. Raises Unfit."""
        mapping, whose = self.mapping, self.whose
        kind = (case.kind if case is not None else "") or self._kind(row)
        if kind not in KINDS:
            raise Unfit("bad_kind", f"The type is {kind[:60]!r}.")
        name = (case.event if case is not None else "") or self._event(row)
        if kind == "track" and not name:
            raise Unfit("no_event", "The row has no event name.")
        message_id = self._message_id(at, row)
        traits = self._traits(row)
        if mapping.traits_from:
            traits = {**_object(row, mapping.traits_from), **traits}
        ids = {field: read(row) for field, read in self._ids.items()}
        if not ids["user_id"] and not ids["anonymous_id"]:
            ids["anonymous_id"] = self._instead(traits, message_id)
        if kind == "group" and not ids["group_id"]:
            raise Unfit("bad_field", "A group row needs a group_id.")
        if kind == "alias" and not ids["previous_id"]:
            raise Unfit("bad_field", "An alias row needs a previous_id.")
        context = _object(row, mapping.context_from) if mapping.context_from else {}
        channel = self._channel(row)
        if channel:
            context = {**context, "channel": channel}
        return Interaction(
            workspace=whose.workspace, source=whose.source, message_id=message_id, kind=cast("Kind", kind),
            time=self._time_of(row), received_at=whose.received_at, name=name[:LONGEST_NAME],
            user_id=ids["user_id"], anonymous_id=ids["anonymous_id"], group_id=ids["group_id"], previous_id=ids["previous_id"],
            properties=_raw(properties), traits=_raw(traits), context=_raw(context), dialect="import",
        )  # fmt: skip

    def _instead(self, traits: dict[str, Any], message_id: str) -> str:
        """Return an anonymous id for a row without ids: by its e-mail or phone, or of its own if the map says so. Raises Unfit."""
        for field in ("email", "phone"):
            if traits.get(field):
                return f"{field}-" + digest(self.whose.workspace, str(traits[field]).strip().lower()).hex()
        if self.mapping.without_customer == "anonymous":
            return message_id
        named = ", ".join(column for field in CUSTOMER_FIELDS if (column := getattr(self.mapping, field)))
        raise Unfit("no_customer", f"Nothing stands in {named or 'any column that names a customer'}.")

    def _message_id(self, at: int, row: Row) -> str:
        given = cell_of(row, self.mapping.message_id) if self.mapping.message_id else None
        if is_nothing(given):
            return f"{self.whose.prefix}-{at}"
        text = str(given).strip()
        return text if len(text) <= LONGEST_MESSAGE_ID else "long-" + digest(text).hex()

    def _time_of(self, row: Row) -> int:
        name = self.mapping.time
        if not name:
            return self.whose.received_at
        cell = cell_of(row, name)
        if is_nothing(cell):
            if self.mapping.kind == "identify":
                return self.whose.received_at
            raise Unfit("no_time", f"Nothing stands in {name}.")
        try:
            at = self._time(cell.strip() if isinstance(cell, str) else cell)
        except (ValueError, OverflowError, TypeError):
            raise Unfit("bad_time", f"{name} is {str(cell)[:60]!r}, which can't be read as a time.") from None
        if not 0 <= at <= self._latest:
            raise Unfit("bad_time", f"{name} is {str(cell)[:60]!r}, which lies before 1970 or ahead of now.")
        return at

    def _id_reader(self, name: str) -> Callable[[Row], str | None]:
        if not name:
            return lambda _: None
        look = self._looks.get(name)
        whole = look is not None and look.whole

        def read(row: Row) -> str | None:
            cell = cell_of(row, name)
            if isinstance(cell, float) and cell.is_integer():
                cell = int(cell)
            text = "" if cell is None else str(cell).strip()
            if whole:
                text = text.removesuffix(".0")
            if text.lower() in NOTHING:
                return None
            if len(text) > LONGEST_ID:
                raise Unfit("bad_field", f"{name} has more than {LONGEST_ID} characters: that is no identifier.")
            return text

        return read

    def _cells_reader(self, some: Any, also: tuple[str, ...] = ()) -> Cells:
        """Return what reads some cells, each as what its column holds; empty ones are left out."""
        names = dict(some) if isinstance(some, dict) else {name: name for name in some}
        names |= {field: column for field in also if (column := getattr(self.mapping, field))}
        plan = [(name, column, self._cell_reader(column)) for name, column in names.items()]

        def read(row: Row) -> dict[str, Any]:
            found = {}
            for name, column, of_text in plan:
                cell = row[column] if column in row else cell_of(row, column)
                if cell is None or cell == "":
                    continue
                found[name] = of_text(cell) if of_text is not None and cell.__class__ is str else cell
            return found

        return read

    def _cell_reader(self, column: str) -> Callable[[str], Any] | None:
        look = self._looks.get(column)
        kind = look.kind if look is not None and column not in self.mapping.text else "text"
        if kind == "boolean":
            return lambda cell: cell.strip().lower() == "true" if cell.strip().lower() in {"true", "false"} else cell
        if kind != "number" or column in {self.mapping.email, self.mapping.phone}:
            return None
        number = self._number

        def read(cell: str) -> Any:
            try:
                return number(cell)
            except ValueError:
                return cell

        return read


def encode(one: Interaction) -> bytes:
    """Return an interaction's bytes. Raises Unfit where it is too large."""
    body = _encode(one)
    if len(body) > LARGEST:
        raise Unfit("too_large", f"It has {len(body):,} bytes; {LARGEST:,} are allowed.")
    return body


def _inner(name: str, looks: dict[str, ColumnLook]) -> bool:
    """Whether a column only names a part of another one, which is an object."""
    outer = looks.get(name.partition(".")[0])
    return outer is not None and outer.name != name and outer.kind == "object"


def _raw(given: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(_encode(given)) if given else EMPTY


def _object(row: Row, name: str) -> dict[str, Any]:
    cell = row.get(name)
    if isinstance(cell, str):
        if not cell.strip():
            return {}
        try:
            cell = msgspec.json.decode(cell)
        except (msgspec.DecodeError, RecursionError):
            raise Unfit("bad_field", f"{name} is no JSON object.") from None
    if cell is None:
        return {}
    if not isinstance(cell, dict):
        raise Unfit("bad_field", f"{name} is no object.")
    return cell


def _chosen(given: str | Column) -> Chosen:
    if isinstance(given, str):
        return lambda _: given
    column, otherwise = given.column, given.otherwise

    def read(row: Row) -> str:
        cell = cell_of(row, column)
        if otherwise and is_nothing(cell):
            cell = cell_of(row, otherwise)
        return "" if cell is None else str(cell).strip()

    return read


def _case(case: Case) -> tuple[Callable[[Row], bool], Case]:
    column = case.column

    def text(row: Row) -> str:
        cell = cell_of(row, column)
        return "" if cell is None else str(cell).strip()

    if case.starts is not None:
        start = case.starts
        return (lambda row: text(row).startswith(start)), case
    if case.equals is not None:
        return (lambda row: text(row) == case.equals), case
    if case.one_of is not None:
        some = frozenset(case.one_of)
        return (lambda row: text(row) in some), case
    return (lambda row: is_nothing(cell_of(row, column)) == case.empty), case
