"""Makes interactions of rows: the map is worked out once, and each row then goes through what is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import msgspec

from amity.facts.interaction import EMPTY, Interaction, Kind
from amity.kernel.clock import DAY
from amity.kernel.ids import digest
from amity.rooms.collection.rules.imports.cells import (
    Cells,
    case_reader,
    cell_reader,
    cells_reader,
    chosen_reader,
    id_reader,
    number_in,
    object_in,
    types_of,
)
from amity.rooms.collection.rules.imports.columns import ColumnLook, is_nothing
from amity.rooms.collection.rules.imports.dates import date_reader
from amity.rooms.collection.rules.imports.files.table import Row
from amity.rooms.collection.rules.imports.guess import trait_columns
from amity.rooms.collection.rules.imports.mapping import CUSTOMER_FIELDS, KINDS, Case, Mapping, columns_used
from amity.rooms.collection.rules.imports.numbers import number_reader
from amity.rooms.collection.rules.imports.refusal import Unfit

LARGEST = 500_000
LONGEST_MESSAGE_ID, LONGEST_NAME = 100, 500
_encode = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode
_KINDS = frozenset(KINDS)


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
        self.number = number_reader(decimal=decimal)
        texts = {*mapping.text, mapping.email, mapping.phone}
        self._types = types_of((look for look in looks.values() if look.name not in texts), self.number)
        self._kind, self._event = chosen_reader(mapping.kind or "track"), chosen_reader(mapping.event)
        self._currency = chosen_reader(mapping.currency) if mapping.currency else None
        self._channel = chosen_reader(mapping.channel) if mapping.channel else None
        self._cases = [case_reader(case) for case in mapping.when]
        self._user, self._anonymous, self._group, self._previous = (
            id_reader(name, looks.get(name)) if name else None
            for name in (mapping.user_id, mapping.anonymous_id, mapping.group_id, mapping.previous_id)
        )
        self._amount = number_in(mapping.value, self.number) if mapping.value else None
        self._given_id = cell_reader(mapping.message_id) if mapping.message_id else None
        form = mapping.dates or (looks[mapping.time].dates.form if mapping.time in looks else "") or "iso"
        self._time, self._time_cell = date_reader(form, zone=mapping.zone), cell_reader(mapping.time)
        self._latest = whose.received_at + DAY
        self._share_out(columns, looks)
        self._open = varying and mapping.properties is None and mapping.kind != "identify"
        self._named = frozenset(columns)

    def _share_out(self, columns: tuple[str, ...], looks: dict[str, ColumnLook]) -> None:
        """Decide which columns are traits and which properties."""
        mapping, describes = self.mapping, self.mapping.kind == "identify"
        used = columns_used(mapping) - set(mapping.text)
        rest = [name for name in columns if name not in used and not _inner(name, looks)]
        described = tuple(rest) if describes else trait_columns(rest)
        also = {field: column for field in ("email", "phone") if (column := getattr(mapping, field))}
        self._traits = self.cells(_named(mapping.traits or described) | also)
        own = [name for name in rest if name not in described] if mapping.properties is None else mapping.properties
        self._properties = self.cells(_named(() if describes and mapping.properties is None else own))

    def cells(self, names: dict[str, str]) -> Cells:
        """Return what reads some cells (name: column), each as what its column holds."""
        return cells_reader(names, self._types)

    def make(self, at: int, row: Row) -> Interaction | None:
        """Return the row as an interaction, None if the map leaves it out. Raises Unfit."""
        case = self.case_of(row) if self._cases else None
        if case is not None and case.leave_out:
            return None
        properties = self.properties(row)
        if self._amount is not None:
            amount = self._amount(row)
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

    def properties(self, row: Row) -> dict[str, Any]:
        """Return the row's properties, without its value."""
        found = self._properties(row)
        if self._open and not self._named.issuperset(row):  # later objects may have more fields than the first ones
            found.update({name: cell for name, cell in row.items() if name not in self._named})
        if self.mapping.properties_from:
            found = {**object_in(row, self.mapping.properties_from), **found}
        if self._currency is not None:
            currency = self._currency(row)
            if currency:
                found["currency"] = currency
        return found

    def finish(self, at: int, row: Row, case: Case | None, properties: dict[str, Any]) -> Interaction:
        """Return the interaction of a row whose properties are known. Raises Unfit."""
        whose = self.whose
        kind = (case.kind if case is not None else "") or self._kind(row)
        if kind not in _KINDS:
            raise Unfit("bad_kind", f"The type is {kind[:60]!r}.")
        name = (case.event if case is not None else "") or self._event(row)
        if kind == "track" and not name:
            raise Unfit("no_event", "The row has no event name.")
        message_id = f"{whose.prefix}-{at}" if self._given_id is None else self._message_id(at, row)
        traits = self._traits(row)
        if self.mapping.traits_from:
            traits = {**object_in(row, self.mapping.traits_from), **traits}
        user = self._user(row) if self._user is not None else None
        anonymous = self._anonymous(row) if self._anonymous is not None else None
        if user is None and anonymous is None:
            anonymous = self._instead(traits, message_id)
        group = self._group(row) if self._group is not None else None
        previous = self._previous(row) if self._previous is not None else None
        if (kind == "group" and not group) or (kind == "alias" and not previous):
            raise Unfit("bad_field", "A group row needs a group_id, an alias row a previous_id.")
        return Interaction(
            workspace=whose.workspace, source=whose.source, message_id=message_id, kind=cast("Kind", kind),
            time=self._time_of(row), received_at=whose.received_at, name=name[:LONGEST_NAME], user_id=user, anonymous_id=anonymous,
            group_id=group, previous_id=previous, properties=_raw(properties), traits=_raw(traits), context=self._context(row),
            dialect="import",
        )  # fmt: skip

    def _context(self, row: Row) -> msgspec.Raw:
        if self._channel is None and not self.mapping.context_from:
            return EMPTY
        context = object_in(row, self.mapping.context_from) if self.mapping.context_from else {}
        channel = self._channel(row) if self._channel is not None else ""
        return _raw({**context, "channel": channel} if channel else context)

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
        given = self._given_id(row) if self._given_id is not None else None
        if is_nothing(given):
            return f"{self.whose.prefix}-{at}"
        text = str(given).strip()
        return text if len(text) <= LONGEST_MESSAGE_ID else "long-" + digest(text).hex()

    def _time_of(self, row: Row) -> int:
        name = self.mapping.time
        if not name:
            return self.whose.received_at
        cell = self._time_cell(row)
        try:
            at = self._time(cell.strip() if cell.__class__ is str else cell)
        except (ValueError, OverflowError, TypeError):
            if not is_nothing(cell):
                raise Unfit("bad_time", f"{name} is {str(cell)[:60]!r}, which can't be read as a time.") from None
            if self.mapping.kind == "identify":
                return self.whose.received_at
            raise Unfit("no_time", f"Nothing stands in {name}.") from None
        if not 0 <= at <= self._latest:
            raise Unfit("bad_time", f"{name} is {str(cell)[:60]!r}, which lies before 1970 or ahead of now.")
        return at


def encode(one: Interaction) -> bytes:
    """Return an interaction's bytes. Raises Unfit where it is too large."""
    body = _encode(one)
    if len(body) > LARGEST:
        raise Unfit("too_large", f"It has {len(body):,} bytes; {LARGEST:,} are allowed.")
    return body


def _raw(given: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(_encode(given)) if given else EMPTY


def _named(some: Any) -> dict[str, str]:
    return dict(some) if isinstance(some, dict) else {name: name for name in some}


def _inner(name: str, looks: dict[str, ColumnLook]) -> bool:
    """Whether a column only names a part of another one, which is an object."""
    outer = looks.get(name.partition(".")[0])
    return outer is not None and outer.name != name and outer.kind == "object"
