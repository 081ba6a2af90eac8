"""What an import knows about a file: how it is written, and which column is what. People write it as YAML."""

from __future__ import annotations

from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from amity.kernel.errors import Invalid

Format = Literal["csv", "tsv", "jsonl", "parquet", "xes", "ocel"]
FORMATS: tuple[Format, ...] = ("csv", "tsv", "jsonl", "parquet", "xes", "ocel")
KINDS = ("track", "identify", "page", "screen", "group", "alias")
CUSTOMER_FIELDS = ("user_id", "anonymous_id", "email", "phone")
COLUMN_FIELDS = (*CUSTOMER_FIELDS, "time", "message_id", "group_id", "previous_id", "value")
CHOSEN_FIELDS = ("kind", "event", "currency", "channel")
OBJECT_FIELDS = ("properties_from", "traits_from", "context_from")


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What stands in a column (else in another one), where a text alone would be the value itself."""

    column: str
    otherwise: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rows of which a column `starts` with, `equals`, is `one_of`, or is `empty` (or not): what is different about them."""

    column: str
    starts: str | None = None
    equals: str | None = None
    one_of: tuple[str, ...] | None = None
    empty: bool | None = None
    event: str = ""
    kind: str = ""
    value_as: str = ""
    leave_out: bool = False


class Lines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rows that share `by` are the lines of one interaction: each becomes an object of the list `into`.

    `columns` says what a line holds, name: column. `amount`, or `quantity` times `price`, is summed as the interaction's value.
    """

    by: str
    into: str = "products"
    columns: dict[str, str] = {}
    quantity: str = ""
    price: str = ""
    amount: str = ""


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A file's map. Empty is what Amity finds out by looking. `docs/rooms/collection.md` documents each field."""

    format: Format | Literal[""] = ""
    encoding: str = ""
    separator: str = ""
    decimal: Literal["", ".", ","] = ""
    header: bool = True
    columns: tuple[str, ...] = ()
    dates: str = ""
    timezone: str = "UTC"
    object_type: str = ""

    kind: str | Column = ""
    event: str | Column = ""
    time: str = ""
    message_id: str = ""
    user_id: str = ""
    anonymous_id: str = ""
    email: str = ""
    phone: str = ""
    group_id: str = ""
    previous_id: str = ""
    without_customer: Literal["reject", "anonymous"] = "reject"
    value: str = ""
    value_as: str = ""
    currency: str | Column = ""
    channel: str | Column = ""
    properties: tuple[str, ...] | dict[str, str] | None = None
    traits: tuple[str, ...] | dict[str, str] = ()
    properties_from: str = ""
    traits_from: str = ""
    context_from: str = ""
    leave_out: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    when: tuple[Case, ...] = ()
    lines: Lines | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times that name none."""
        return ZoneInfo(self.timezone)


def read_mapping(text: str) -> Mapping:
    """Read a map from YAML (or JSON). Raises Invalid, naming the field that is wrong and what it should be."""
    import yaml

    try:
        given = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  it makes texts alone: a column may be called no, or 2024
    except yaml.YAMLError as error:
        raise Invalid(f"The map is no YAML: {str(error).replace(chr(10), ' ')[:300]}") from error
    return mapping_of(given or {})


def mapping_of(given: Any) -> Mapping:
    """Return a map from plain objects. Raises Invalid."""
    try:
        found = msgspec.convert(given, Mapping, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(f"The map can't be used: {error}.") from error
    _check(found)
    return found


def plain(mapping: Mapping) -> dict[str, Any]:
    """Return the map as plain objects, without what was left empty."""
    built: dict[str, Any] = msgspec.to_builtins(mapping)
    return built


def as_yaml(mapping: Mapping) -> str:
    """Return the map as the YAML that `--map` takes."""
    import yaml

    return str(yaml.safe_dump(plain(mapping), sort_keys=False, allow_unicode=True))


def columns_used(mapping: Mapping) -> set[str]:
    """Return every column that the map names anywhere."""
    used = {getattr(mapping, name) for name in (*COLUMN_FIELDS, *OBJECT_FIELDS)}
    for chosen in (getattr(mapping, name) for name in CHOSEN_FIELDS):
        used |= {chosen.column, chosen.otherwise} if isinstance(chosen, Column) else set()
    for some in (mapping.properties, mapping.traits):
        used |= set(some.values() if isinstance(some, dict) else some or ())
    used |= {case.column for case in mapping.when} | set(mapping.leave_out) | set(mapping.text)
    if mapping.lines is not None:
        lines = mapping.lines
        used |= {lines.by, lines.quantity, lines.price, lines.amount, *lines.columns.values()}
    return used - {""}


def check_columns(mapping: Mapping, columns: tuple[str, ...]) -> None:
    """Raise Invalid where the map names a column that the file doesn't have."""
    missing = sorted(columns_used(mapping) - set(columns))
    if missing:
        raise Invalid(
            f"The map names {', '.join(repr(one) for one in missing)}, which the file doesn't have. "
            f"Its columns: {', '.join(columns)[:1_000]}."
        )


def _check(mapping: Mapping) -> None:
    try:
        _ = mapping.zone
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(f"timezone {mapping.timezone!r} is no zone; write one like Europe/Vienna.") from error
    for kind in (mapping.kind, *(case.kind for case in mapping.when)):
        if isinstance(kind, str) and kind and kind not in KINDS:
            raise Invalid(f"kind is {kind!r}; it should be one of {', '.join(KINDS)}, or {{column: NAME}}.")
    if mapping.separator and len(mapping.separator) != 1:
        raise Invalid(f"separator is {mapping.separator!r}; it should be one character.")
    for case in mapping.when:
        if sum(one is not None for one in (case.starts, case.equals, case.one_of, case.empty)) != 1:
            raise Invalid(f"The case of column {case.column!r} needs one of starts, equals, one_of and empty.")
    lines = mapping.lines
    if lines is not None and (bool(lines.quantity) != bool(lines.price) or (lines.amount and lines.price)):
        raise Invalid("lines: quantity and price go together; for a sum that stands in one column, give amount.")
