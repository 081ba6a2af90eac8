"""The forms of files by themselves: whatever the texts, what was written can be read again."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from amity.kernel.cells import plain_cell
from amity.rooms.customers.rules.export.columns import INTERACTIONS, Column
from amity.rooms.customers.rules.export.csv_lines import CsvLines
from amity.rooms.customers.rules.export.json_lines import JsonLines
from amity.rooms.customers.rules.export.moments import iso
from amity.rooms.customers.rules.export.parquet import Parquet
from amity.rooms.customers.rules.export.xes import Xes

COLUMNS = (
    Column("text"), Column("number", "number"), Column("time", "time"), Column("truth", "truth"), Column("money", "money"),
    Column("json", "json"),
)  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from("'=+-@\t\r\n ,;\"ab"))
TIME = st.integers(-2_208_988_800_000, 4_102_444_799_999)
MONEY = st.decimals(-(10**13), 10**13, places=4, allow_nan=False)
JSON = st.dictionaries(TEXT, TEXT | st.none() | st.booleans() | st.integers(-(2**53), 2**53), max_size=3).map(json.dumps)
ROW = st.tuples(
    TEXT, st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | TIME, st.none() | st.booleans(), st.none() | MONEY, JSON
)  # fmt: skip
BLOCKS = st.lists(st.lists(ROW, min_size=1, max_size=5), max_size=4)


def written(writer, blocks) -> bytes:
    return b"".join([writer.begin(), *(writer.add(list(zip(*rows, strict=True))) for rows in blocks), writer.end()])


def rows_of(blocks):
    return [row for rows in blocks for row in rows]


@settings(deadline=None)
@given(BLOCKS)
def test_csv(blocks):
    text = written(CsvLines(COLUMNS), blocks).decode()
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head == [column.name for column in COLUMNS]
    read = [
        (
            plain_cell(text), int(number) if number else None, datetime.fromisoformat(time) if time else None,
            {"": None, "true": True, "false": False}[truth], Decimal(money) if money else None, plain_cell(told),
        )
        for text, number, time, truth, money, told in rows
    ]  # fmt: skip
    assert read == [(*row[:2], None if row[2] is None else instant(row[2]), *row[3:]) for row in rows_of(blocks)]


def instant(ms: int) -> datetime:
    return datetime.fromisoformat(iso(ms))


@given(TIME)
def test_instants_are_exact(ms):
    from amity.kernel.clock import to_ms

    assert to_ms(instant(ms)) == ms
    assert instant(ms).tzinfo == UTC


@settings(deadline=None)
@given(BLOCKS)
def test_json_lines(blocks):
    read = [json.loads(line) for line in written(JsonLines(COLUMNS), blocks).splitlines()]
    assert [one["text"] for one in read] == [row[0] for row in rows_of(blocks)]
    assert [one["number"] for one in read] == [row[1] for row in rows_of(blocks)]
    assert [one["money"] and Decimal(one["money"]) for one in read] == [row[4] for row in rows_of(blocks)]
    assert [one["json"] for one in read] == [json.loads(row[5]) for row in rows_of(blocks)]


@settings(deadline=None, max_examples=50)
@given(BLOCKS)
def test_parquet(blocks):
    read = pq.read_table(io.BytesIO(written(Parquet(COLUMNS), blocks))).to_pylist()
    told = [{**dict(zip(("text", "number", "time", "truth", "money", "json"), row, strict=True))} for row in rows_of(blocks)]
    assert read == [row | {"time": None if row["time"] is None else instant(row["time"])} for row in told]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), TEXT, JSON), max_size=8))
def test_xes_is_xml_whatever_the_texts(told):
    empty = dict.fromkeys((column.name for column in INTERACTIONS), "")
    rows = [
        empty | {"customer_id": case, "name": name, "type": "track", "time": at, "properties": told, "value": None}
        for at, (case, name, told) in enumerate(sorted(told))
    ]
    blocks = [[tuple(row.values())] for row in rows]
    root = ET.fromstring(written(Xes(INTERACTIONS), blocks))
    space = "{http://www.xes-standard.org/}"
    traces = root.findall(f"{space}trace")
    assert [t[0].get("value") for t in traces] == sorted({case for case, _, _ in told})
    names = [e[0].get("value") for e in root.iter(f"{space}event")]
    assert names == [clean(name) or "track" for _, name, _ in sorted(told)]


def clean(text: str) -> str:
    return "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text)


def test_parquet_writes_a_row_group_at_a_time():
    writer = Parquet(COLUMNS)
    row = ("a", 1, 0, True, None, "{}")
    sizes = [len(writer.begin())] + [len(writer.add(list(zip(*[row] * 10_000, strict=True)))) for _ in range(14)]
    assert [bool(size) for size in sizes[1:]] == [number in {7, 14} for number in range(1, 15)]
    assert writer.end()


def test_jsons_lines_separators_do_not_break_lines():
    block = [("a\u2028b\nc",), (1,), (None,), (None,), (None,), ('{"a":"\\u2028"}',)]
    assert JsonLines(COLUMNS).add(block).count(b"\n") == 1
