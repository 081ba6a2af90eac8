"""Maps: what is guessed, what is asked, cases, lines that become one interaction."""

from __future__ import annotations

import json

import pytest

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.imports.mapping import Column, as_yaml, read_mapping
from amity.rooms.collection.rules.imports.preview import preview
from tests.rooms.collection.imports.read import NOW, look_at, props, read


def test_names_and_contents_tell_what_columns_are():
    body = "Kunden-Nr;E-Mail;Datum;Aktion;Betrag;Währung;Filiale\n7;a@b.at;01.02.2024;Kauf;3,50;EUR;Graz\n8;c@d.at;13.02.2024;Kauf;4,00;EUR;Linz\n"
    found = look_at(body)
    assert found.questions == []
    mapping = found.mapping
    assert (mapping.user_id, mapping.email, mapping.time, mapping.value) == ("Kunden-Nr", "E-Mail", "Datum", "Betrag")
    assert (mapping.event, mapping.currency) == (Column("Aktion"), Column("Währung"))
    made, _ = read(body, "")
    assert (made[0].name, props(made[0]), json.loads(bytes(made[0].traits))) == (
        "Kauf",
        {"Filiale": "Graz", "revenue": 3.5, "currency": "EUR"},
        {"email": "a@b.at"},
    )


def test_a_list_of_customers_becomes_identify():
    made, _ = read("customerID,plan,seats\nada,team,3\n", "")
    assert (made[0].kind, made[0].time, json.loads(bytes(made[0].traits))) == ("identify", NOW, {"plan": "team", "seats": 3})


def test_an_email_is_known_by_its_look_and_is_enough():
    made, _ = read("contact,at\nada@x.org,2024-03-01\nben@x.org,2024-03-02\n", "{event: B, time: at}")
    assert json.loads(bytes(made[0].traits)) == {"email": "ada@x.org"}
    assert made[0].anonymous_id.startswith("email-")
    again, _ = read("contact,at\nADA@x.org,2024-05-01\nben@x.org,2024-05-02\n", "{event: B, time: at}")
    assert again[0].anonymous_id == made[0].anonymous_id, "who has the same address is the same, in the next file too"


def test_what_cant_be_guessed_is_asked_with_the_line_that_answers_it():
    found = look_at("x,y\n1,2\n")
    assert [one.field for one in found.questions] == ["user_id"]
    found = look_at("x,y,at\n1,2,2024-03-01\n", "{user_id: x}")
    assert [(one.field, one.line.split(":")[0]) for one in found.questions] == [("event", "event")]
    found = look_at("x,y\n1,2\n", "{user_id: x, event: B}")
    assert [(one.field, one.choices) for one in found.questions] == [("time", ("x", "y"))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("user: x", "user"),
        ("kind: buy", "kind is 'buy'"),
        ("separator: ab", "one character"),
        ("when: [{column: a}]", "one of starts"),
        ("lines: {by: a, quantity: b}", "go together"),
        ("a: [", "no YAML"),
        ("- a", "can't be used"),
        ("columns: 3", "columns"),
    ],
)
def test_a_map_that_cant_be_used_says_why(text, said):
    with pytest.raises(Invalid, match=said):
        read_mapping(text)


def test_a_map_that_names_a_column_that_is_not_there_lists_those_that_are():
    with pytest.raises(Invalid, match=r"'custmer'.*Its columns: customer, at"):
        look_at("customer,at\na,2024-03-01\n", "{user_id: custmer}")


def test_a_map_comes_back_from_its_own_yaml():
    text = "{user_id: a, event: {column: b, otherwise: c}, when: [{column: d, starts: C, event: Gone}], lines: {by: e, columns: {sku: f}}}"
    mapping = read_mapping(text)
    assert read_mapping(as_yaml(mapping)) == mapping


def test_cases_decide_by_the_first_that_fits():
    given = """
user_id: who
time: at
event: Bought
when:
- {column: no, starts: C, event: Cancelled}
- {column: no, one_of: [X1, X2], leave_out: true}
- {column: note, empty: false, event: Noted}
- {column: no, equals: A1, event: Adjusted}
"""
    body = "who,at,no,note\na,2024-03-01,C1,x\na,2024-03-01,X2,\na,2024-03-01,5,hello\na,2024-03-01,A1,\na,2024-03-01,6,NA\n"
    made, refused = read(body, given)
    assert ([one.name for one in made], refused) == (["Cancelled", "Noted", "Adjusted", "Bought"], [])


ORDERS = """
user_id: who
time: at
event: Order Completed
currency: EUR
properties: {order_id: no}
without_customer: anonymous
lines: {by: no, quantity: q, price: p, columns: {sku: sku, quantity: q, price: p}}
when:
- {column: no, starts: C, event: Order Refunded}
"""


def test_lines_become_one_interaction_also_where_others_stand_between():
    body = "no,who,at,sku,q,p\n1,a,2024-03-01,x,2,1.50\n1,a,2024-03-01,y,1,3\n2,,2024-03-02,x,1,1.5\n1,a,2024-03-01,z,1,0.1\nC3,a,2024-03-03,x,-2,1.5\n"
    made, refused = read(body, ORDERS)
    assert refused == []
    found = [(one.name, one.user_id, props(one)["order_id"], props(one)["total"], len(props(one)["products"])) for one in made]
    assert sorted(found, key=str) == [
        ("Order Completed", "a", "1", 6.1, 3),
        ("Order Completed", None, "2", 1.5, 1),
        ("Order Refunded", "a", "C3", -3.0, 1),
    ]
    assert {one.anonymous_id for one in made if one.user_id is None} == {"f-4"}
    [first] = [one for one in made if props(one)["order_id"] == "1"]
    assert props(first)["products"][0] == {"sku": "x", "quantity": 2, "price": 1.5}


def test_a_line_that_is_wrong_is_left_out_and_the_order_stays():
    body = "no,who,at,sku,q,p\n1,a,2024-03-01,x,2,1.5\n1,a,2024-03-01,y,many,3\n,a,2024-03-01,y,1,3\n2,a,someday,x,1,1\n"
    made, refused = read(body, ORDERS + "dates: iso\n")
    assert [props(one)["total"] for one in made] == [3.0]
    assert [(one.line, one.reason) for one in refused] == [(3, "bad_number"), (4, "bad_field"), (5, "bad_time")]


def test_orders_are_let_go_when_no_line_came_for_long(monkeypatch):
    from amity.rooms.collection.rules.imports import lines

    monkeypatch.setattr(lines.Joiner.__init__, "__kwdefaults__", {"within": 3})
    rows = "".join(f"{n},a,2024-03-01,x,1,1\n" for n in range(10))
    made, _ = read("no,who,at,sku,q,p\n" + rows + "0,a,2024-03-01,x,1,1\n", ORDERS)
    assert len(made) == 11, "the late line is an interaction of its own, and nothing of it is lost"
    assert len({one.message_id for one in made}) == 11


def test_an_order_of_very_many_lines_becomes_several():
    rows = "".join(f"1,a,2024-03-01,x{n},1,1\n" for n in range(7_000))
    made, refused = read("no,who,at,sku,q,p\n" + rows, ORDERS)
    assert (sum(props(one)["total"] for one in made), len(made), refused) == (7_000, 3, [])


def test_a_preview_shows_customers_and_counts_and_stops_where_told():
    body = "who,at,n\n" + "".join(f"u{n % 50},2024-03-{n % 28 + 1:02},{n}\n" for n in range(500)) + "x,never,1\n"
    found = look_at(body, "{event: B, user_id: who, time: at, dates: iso}")
    seen = preview(found, received_at=NOW)
    assert (seen.rows, seen.interactions, seen.rejected, seen.whole) == (501, 500, 1, True)
    assert (len(seen.customers), len(seen.first), seen.reasons["bad_time"]) == (5, 5, 1)
    short = preview(found, received_at=NOW, most_rows=100)
    assert (short.rows, short.whole) == (100, False)


def test_the_same_file_and_map_make_the_same_each_time():
    body = "no,who,at,sku,q,p\n" + "".join(f"{n // 3},u{n % 7},2024-03-01,x{n},1,{n}\n" for n in range(999))
    assert read(body, ORDERS) == read(body, ORDERS)


def test_what_is_too_large_is_refused():
    from amity.rooms.collection.rules.imports.making import encode
    from amity.rooms.collection.rules.imports.refusal import Unfit

    made, _ = read(json.dumps({"who": "a", "at": "2024-03-01", "text": "x" * 600_000}), name="x.jsonl")
    with pytest.raises(Unfit, match="500,000"):
        encode(made[0])
