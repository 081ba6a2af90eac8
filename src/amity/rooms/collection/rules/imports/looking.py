"""Looks at a file before anything is imported: format, encoding, columns, and a map of it with what could be guessed."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, BinaryIO, cast

import msgspec

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.imports.columns import ColumnLook, decimal_of, look_at
from amity.rooms.collection.rules.imports.dates import settle
from amity.rooms.collection.rules.imports.decoding import check_encoding, find_encoding
from amity.rooms.collection.rules.imports.files.delimited import Delimited, find_separator
from amity.rooms.collection.rules.imports.files.json_lines import JsonLines
from amity.rooms.collection.rules.imports.files.ocel import Ocel, object_types
from amity.rooms.collection.rules.imports.files.parquet import Parquet
from amity.rooms.collection.rules.imports.files.table import Measured, Row, Table, kept
from amity.rooms.collection.rules.imports.files.xes import Xes
from amity.rooms.collection.rules.imports.guess import Question, guess, questions
from amity.rooms.collection.rules.imports.mapping import Format, Mapping, check_columns
from amity.rooms.collection.rules.imports.refusal import Refused

SAMPLE_ROWS = 2_000
SETTLE_ROWS = 2_000_000
_PIECE = 65_536
_HEAD = 262_144
_ENDINGS: dict[str, Format] = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".xes": "xes",
    ".jsonocel": "ocel",
}  # fmt: skip
_CUSTOMERS = ("customer", "client", "consumer", "subscriber", "patient", "member", "person", "user", "kunde", "case", "account")


@dataclass(kw_only=True)
class Look:
    """What a file turned out to be. `mapping` is complete as far as it could be guessed; `questions` are what is missing.

    `varying`: later rows may have more cells than `columns`. `facts` are (what, how) for a person: encoding, separator and the like. `sample` are its first rows.
    """

    mapping: Mapping
    decimal: str
    columns: tuple[str, ...]
    looks: dict[str, ColumnLook]
    sample: list[tuple[int, Row]]
    refused: list[Refused]
    facts: list[tuple[str, str]]
    questions: list[Question]
    varying: bool
    open: Callable[[], Table] = field(repr=False)


def look(stream: BinaryIO, *, name: str, size: int, given: Mapping, guessing: bool = True) -> Look:
    """Look at a file that can be read from anywhere; without `guessing`, what the map leaves empty stays so. Raises Invalid where it can't be read at all or the map doesn't fit it."""
    facts: list[tuple[str, str]] = []
    opened = _opener(stream, name=name, size=size, given=given, facts=facts)
    table = opened()
    sample, refused = _sampled(table.rows())
    rows = [row for _, row in sample]
    learn = getattr(table, "learn", None)
    if learn is not None:
        learn(rows)
    if not sample:
        why = f" The first is at {table.unit} {refused[0].line}: {refused[0].detail}" if refused else ""
        raise Invalid(f"The file holds no row that can be read.{why}")
    columns = table.columns
    check_columns(given, columns)
    decimal = given.decimal or ("." if table.typed else decimal_of(rows))
    looks = look_at(columns, rows, decimal=decimal)
    mapping = guess(given, looks) if guessing else given
    _settle_dates(mapping, looks, opened)
    if not table.typed:
        facts.append(("Decimals", "comma" if decimal == "," else "point"))
    if mapping.time in looks:
        facts.append(("Times", _said_of_times(mapping, looks[mapping.time])))
        held = looks[mapping.time].dates
        if not mapping.dates and held.form and not held.ambiguous:  # the map says all, so that nobody finds out otherwise later
            mapping = msgspec.structs.replace(mapping, dates=held.form)
    return Look(
        mapping=mapping, decimal=decimal, columns=columns, looks=looks, sample=sample, refused=refused, facts=facts,
        questions=questions(mapping, looks), varying=learn is not None, open=opened,
    )  # fmt: skip


def _sampled(rows: Iterator[Any]) -> tuple[list[tuple[int, Row]], list[Refused]]:
    sample: list[tuple[int, Row]] = []
    refused: list[Refused] = []
    for one in islice(rows, SAMPLE_ROWS):
        if isinstance(one, Refused):
            refused.append(one)
        else:
            sample.append(one)
    return sample, refused


def _opener(stream: BinaryIO, *, name: str, size: int, given: Mapping, facts: list[tuple[str, str]]) -> Callable[[], Table]:
    """Return what opens the file from its beginning, each time anew."""
    packed = _read_at(stream, 0, 2) == b"\x1f\x8b"
    bare = name.lower().removesuffix(".gz")

    def bytes_of() -> BinaryIO:
        stream.seek(0)
        return kept(cast("BinaryIO", gzip.GzipFile(fileobj=stream)) if packed else stream)

    try:
        head = bytes_of().read(_HEAD)
    except (OSError, EOFError) as error:
        raise Invalid(f"The file can't be unpacked: {error}.") from error
    if not head.strip():
        raise Invalid("The file is empty.")
    form = given.format or _format_of(bare, head)
    facts.append(("Format", form.upper() + (", packed with gzip" if packed else "")))
    measured = Measured(stream, size=size)
    if form == "parquet":
        if packed:
            raise Invalid("A Parquet file within gzip can't be read; unpack it first.")
        return lambda: Parquet(stream)
    if form == "jsonl":
        array = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
        return lambda: JsonLines(bytes_of(), measured, array=array)
    if form == "xes":
        return lambda: Xes(bytes_of(), measured)
    if form == "ocel":
        types = object_types(bytes_of())
        customer = _customer_type(types, given.object_type)
        facts.append(("Customers", f"objects of the type {customer}"))
        return lambda: Ocel(bytes_of(), measured, types=types, customer=customer)
    pieces = [head] if packed else [head, *(_read_at(stream, size * part // 4, _PIECE) for part in (1, 2, 3) if size > _HEAD)]
    return _delimited(bytes_of, measured, pieces=pieces, form=form, given=given, facts=facts)


def _delimited(  # noqa: PLR0913  what was found out on the way
    bytes_of: Callable[[], BinaryIO],
    measured: Measured,
    *,
    pieces: list[bytes],
    form: Format,
    given: Mapping,
    facts: list[tuple[str, str]],
) -> Callable[[], Table]:
    found = find_encoding(pieces)
    encoding = check_encoding(given.encoding) if given.encoding else found.name
    if found.marked and encoding in {"utf-8", "utf_8"}:
        encoding = "utf-8-sig"
    facts.append(("Encoding", encoding if given.encoding else f"{found.name}: {found.why}"))
    text = pieces[0].decode(encoding, "replace")
    separator = given.separator or ("\t" if form == "tsv" else find_separator(text))
    facts.append(("Separator", {"\t": "tab", ",": "comma", ";": "semicolon"}.get(separator, separator)))
    names = given.columns or None
    if names is None and not given.header:
        names = tuple(f"column {n + 1}" for n in range(text.partition("\n")[0].count(separator) + 1))

    def opened() -> Table:
        table = Delimited(bytes_of(), measured, encoding=encoding, separator=separator, names=names)
        if names is not None and given.header:
            table._header()  # noqa: SLF001  the names of the file itself give way to those of the map
        return table

    return opened


def _format_of(name: str, head: bytes) -> Format:
    if head.startswith(b"PAR1"):
        return "parquet"
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for ending, form in _ENDINGS.items():
        if name.endswith(ending):
            return form
    if begin.startswith(b"<"):
        return "xes"
    if begin.startswith(b"{") and (b'"objectTypes"' in head or b'"eventTypes"' in head):
        return "ocel"
    if begin[:1] in {b"{", b"["}:
        return "jsonl"
    return "csv"


def _customer_type(types: dict[str, str], given: str) -> str:
    """Return the type of objects that are customers. Raises Invalid, naming the types, where a person must say."""
    known = sorted(set(types.values()))
    if given:
        if given not in known:
            raise Invalid(f"The log has no objects of the type {given!r}. Its types: {', '.join(known)}.")
        return given
    named = [kind for word in _CUSTOMERS for kind in known if word in kind.lower()]
    if named or len(known) == 1:
        return (named or known)[0]
    raise Invalid(
        f"Which type of objects are the customers? Say so in the map: object_type: NAME. The log's types: {', '.join(known)}."
    )


def _settle_dates(mapping: Mapping, looks: dict[str, ColumnLook], opened: Callable[[], Table]) -> None:
    """Where the first rows don't tell day from month, look for one that does further on."""
    held = looks.get(mapping.time)
    if held is None or mapping.dates or not held.dates.ambiguous or held.filled < SAMPLE_ROWS // 2:
        return
    rows = islice(opened().rows(), SETTLE_ROWS)
    cells = (str(one[1].get(mapping.time) or "") for one in rows if not isinstance(one, Refused))
    told = settle(cells)
    if not told.ambiguous:
        looks[mapping.time] = replace(held, dates=told)


def _said_of_times(mapping: Mapping, held: ColumnLook) -> str:
    if mapping.dates:
        return f"{mapping.time}, as {mapping.dates}"
    told = held.dates
    if told.ambiguous:
        return f"{mapping.time}: day and month can't be told apart"
    why = f" ({told.why})" if told.why else ""
    zone = "" if told.form in {"seconds", "milliseconds"} else f", {mapping.timezone} where no zone stands"
    return f"{mapping.time}, as {told.said or 'unreadable'}{why}{zone}"


def _read_at(stream: BinaryIO, at: int, count: int) -> bytes:
    stream.seek(at)
    return stream.read(count)
