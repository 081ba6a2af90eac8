"""Cells that a spreadsheet would run: every file of ours makes them harmless, and gives them back as they were when it is brought in."""

from __future__ import annotations

import csv
import io

import pytest

from amity.rooms.collection.api import look_at_table
from amity.rooms.customers.rules.export.columns import Column
from amity.rooms.customers.rules.export.csv_lines import CsvLines

RUN = (
    '=HYPERLINK("http://evil.example", "here")', "+49 30 901820", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1",
    " =1", "'=1", "''@x", "\uff1d1",
)  # fmt: skip
HARMLESS = ("", "O'Brien", "'quoted'", "a=b", "ada@mail.example", "1", "="[:0], "“=1”")


def written(names: list[str], rows: list[list[str]]) -> bytes:
    out = CsvLines([Column(name) for name in names])
    return out.begin() + out.add(list(zip(*rows, strict=True))) + out.end()


def read_back(body: bytes) -> tuple[list[str], list[dict[str, str]]]:
    table = look_at_table(io.BytesIO(body), name="customers.csv", size=len(body))
    return [one.name for one in table.columns], [dict(cells) for _, cells in table.rows()]


@pytest.mark.parametrize("text", RUN)
def test_no_cell_begins_a_formula_be_it_a_value_or_a_name(text):
    body = written(["id", text], [["1", text]])
    header, [row] = (lines := list(csv.reader(io.StringIO(body.decode(), newline=""))))[0], lines[1:]
    for cell in (header[1], row[1]):
        assert cell.startswith("'")
        assert cell[1:] == text


@pytest.mark.parametrize("text", [*RUN, *HARMLESS])
def test_brought_in_again_it_is_what_it_was(text):
    _, rows = read_back(written(["id", "name"], [["1", text], ["2", "Bo"]]))
    assert rows == [{"id": "1", "name": text}, {"id": "2", "name": "Bo"}]


def test_names_of_columns_come_back_too():
    names, _ = read_back(written(["id", "=1+1", "'+x"], [["1", "a", "b"]]))
    assert names == ["id", "=1+1", "'+x"]
