"""CSV and TSV as the world writes them: encodings, marks, separators, quotes, numbers, and what is broken."""

from __future__ import annotations

import codecs
import tracemalloc

import pytest

from amity.kernel.errors import Invalid
from tests.rooms.collection.imports.read import fact, look_at, props, read

HEAD = "who,at,city,price\n"
ROWS = HEAD + "ada,2024-03-01,Zürich,1.5\nben,2024-03-02,Wörgl,2.5\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (ROWS.encode("utf-8"), "utf-8"),
        (codecs.BOM_UTF8 + ROWS.encode("utf-8"), "utf-8-sig"),
        (ROWS.encode("utf-16"), "utf-16"),
        (ROWS.encode("utf-16-le"), "utf-16-le"),
        (ROWS.encode("utf-16-be"), "utf-16-be"),
        (ROWS.encode("utf-32"), "utf-32"),
        (ROWS.encode("cp1252"), "cp1252"),
        (ROWS.encode("latin-1"), "cp1252"),
    ],
)
def test_encodings_are_found(body, said):
    found = look_at(body, "{event: Bought, user_id: who, time: at}")
    assert fact(found, "Encoding").split(":")[0] == said
    made, refused = read(body)
    assert refused == []
    assert [props(one)["city"] for one in made] == ["Zürich", "Wörgl"]


def test_an_encoding_that_is_given_is_taken():
    made, _ = read("who,at,city\nada,2024-03-01,Łódź\n".encode("cp1250"), "{event: B, user_id: who, time: at, encoding: cp1250}")
    assert props(made[0])["city"] == "Łódź"
    with pytest.raises(Invalid, match="no encoding"):
        look_at(ROWS, "{encoding: ebcdic-de-at}")


@pytest.mark.parametrize(("separator", "said"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "|")])
def test_separators_are_found(separator, said):
    body = ROWS.replace(",", separator)
    assert fact(look_at(body), "Separator") == said
    made, refused = read(body)
    assert (len(made), refused) == (2, [])


def test_a_comma_in_quotes_is_no_separator():
    body = 'who;at;text\nada;2024-03-01;"a, b, c, d"\nben;2024-03-02;"e, f; g, h"\n'
    made, _ = read(body)
    assert [props(one)["text"] for one in made] == ["a, b, c, d", "e, f; g, h"]


def test_excel_says_its_separator_itself():
    made, refused = read("sep=;\nwho;at;n\nada;2024-03-01;1\n")
    assert (props(made[0]), refused) == ({"n": 1}, [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_way_and_quoted_ones_go_on(end):
    body = end.join(["who,at,text", 'ada,2024-03-01,"one', 'two ""quoted"""', "ben,2024-03-02,x", ""])
    made, refused = read(body)
    assert refused == []
    assert props(made[0])["text"] == f'one{end}two "quoted"'
    assert [one.message_id for one in made] == ["f-2", "f-4"], "a record is named by its first line"


def test_an_open_quote_costs_its_own_line_only():
    lines = [f"u{n},2024-03-01,fine" for n in range(3_000)]
    lines[10] = 'u10,2024-03-01,"open'
    made, refused = read("who,at,text\n" + "\n".join(lines))
    assert [(one.line, one.reason) for one in refused] == [(12, "unreadable")]
    assert len(made) == 2_999
    assert {one.user_id for one in made} == {f"u{n}" for n in range(3_000)} - {"u10"}


def test_rows_of_the_wrong_width_are_named_and_neighbours_pass():
    made, refused = read(
        "who,at,a\nada,2024-03-01,1\nben,2024-03-02\n\ncy,2024-03-03,3,,\ndee,2024-03-04,4,5\neve,2024-03-05,5\n"
    )
    assert [one.user_id for one in made] == ["ada", "cy", "eve"]
    assert [(one.line, one.reason) for one in refused] == [(3, "columns"), (6, "columns")]
    assert refused[0].text == "ben,2024-03-02"


def test_nul_and_bytes_that_are_no_text_are_refused_row_by_row():
    body = b"who,at,a\nada,2024-03-01,x\nb\x00n,2024-03-02,y\ncy,2024-03-03,z\n"
    made, refused = read(body)
    assert [one.user_id for one in made] == ["ada", "cy"]
    assert [(one.line, one.reason) for one in refused] == [(3, "bad_text")]
    late = b"who,at,a\n" + b"ada,2024-03-01,x\n" * 40_000 + b"ben,2024-03-02,\xe4\n" + b"cy,2024-03-03,z\n" * 40_000
    made, refused = read(late, "{event: B, user_id: who, time: at, encoding: utf-8}")
    assert (len(made), [(one.line, one.reason) for one in refused]) == (80_000, [(40_002, "bad_text")])


def test_cells_of_forty_kilobytes_pass_and_of_a_megabyte_are_named():
    made, refused = read(f"who,at,text\nada,2024-03-01,{'x' * 40_000}\nben,2024-03-01,y\n")
    assert ([len(props(one)["text"]) for one in made], refused) == ([40_000, 1], [])
    made, refused = read(f"who,at,text\nada,2024-03-01,y\nben,2024-03-01,{'x' * 1_100_000}\ncy,2024-03-01,y\n")
    assert [one.user_id for one in made] == ["ada", "cy"]
    assert {one.line for one in refused} <= {3, 4}


def test_a_decimal_comma_is_found_and_groups_of_thousands_are_read():
    body = 'who;at;price;count\nada;2024-03-01;1.234,50;3\nben;2024-03-02;"0,99 €";12\n'
    found = look_at(body, "{event: B, user_id: who, time: at}")
    assert fact(found, "Decimals") == "comma"
    made, _ = read(body)
    assert [props(one) for one in made] == [{"price": 1234.5, "count": 3}, {"price": 0.99, "count": 12}]
    made, _ = read('who,at,price\nada,2024-03-01,"1,234.50"\nben,2024-03-01,$2\n')
    assert [props(one)["price"] for one in made] == [1234.5, 2]


def test_what_names_something_stays_text():
    body = "who,at,zip,order_id,OrderId,phone,n\nada,2024-03-01,06020,12,13,+43512345,7\nben,2024-03-01,10115,12,13,+43512346,7\n"
    made, _ = read(body, "{event: B, user_id: who, time: at, phone: ''}")
    assert props(made[0]) == {"zip": "06020", "order_id": "12", "OrderId": "13", "n": 7}


def test_identifiers_lose_the_point_zero_of_a_spreadsheet_and_nothing_else():
    made, refused = read("who,at\n17850.0,2024-03-01\n13047.0,2024-03-01\nNA,2024-03-01\n")
    assert [one.user_id for one in made] == ["17850", "13047"]
    assert [(one.line, one.reason) for one in refused] == [(4, "no_customer")]
    made, _ = read("who,at\n1.0,2024-03-01\nb,2024-03-01\n")
    assert [one.user_id for one in made] == ["1.0", "b"]


def test_columns_without_a_name_or_with_the_same_are_told_apart():
    found = look_at(",who,at,x,x\n0,ada,2024-03-01,1,2\n")
    assert found.columns == ("column 1", "who", "at", "x", "x (2)")


def test_a_file_without_names_takes_those_of_the_map():
    made, _ = read(
        "ada,2024-03-01,5\nben,2024-03-01,6\n", "{header: false, columns: [who, at, n], event: B, user_id: who, time: at}"
    )
    assert [props(one) for one in made] == [{"n": 5}, {"n": 6}]
    found = look_at("ada,2024-03-01,5\n", "{header: false}")
    assert found.columns == ("column 1", "column 2", "column 3")


@pytest.mark.parametrize("body", [b"", b"\n\n  \n", b"who,at\n"])
def test_an_empty_file_says_so(body):
    with pytest.raises(Invalid, match=r"empty|no row"):
        look_at(body)


def test_memory_does_not_grow_with_the_file(tmp_path):
    from amity.rooms.collection.rules.imports.looking import look
    from amity.rooms.collection.rules.imports.mapping import read_mapping
    from amity.rooms.collection.rules.imports.stream import Stream
    from tests.rooms.collection.imports.read import WHOSE

    def peak(rows: int) -> int:
        path = tmp_path / f"{rows}.csv"
        with path.open("w") as out:
            out.write("who,at,text\n")
            out.writelines(f"u{n},2024-03-01,{'x' * 200}\n" for n in range(rows))
        with path.open("rb") as file:
            found = look(file, name=path.name, size=path.stat().st_size, given=read_mapping("{event: B, user_id: who, time: at}"))
            tracemalloc.start()
            assert sum(1 for _ in Stream(found, WHOSE)) == rows
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    assert peak(20_000) < 1.5 * peak(5_000), "four times the rows take the same memory"
