"""JSON Lines, Parquet, XES and OCEL: made files, each with what is broken in it."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.imports.files.json_pieces import elements
from tests.rooms.collection.imports.read import fact, look_at, props, read, split


def lines(*rows: object) -> str:
    return "\n".join(json.dumps(row) for row in rows)


def test_json_lines_keep_types_and_fields_that_come_later():
    body = lines(
        {"who": "ada", "at": "2024-03-01", "n": 1, "tags": ["a"]}, {"who": "ben", "at": "2024-03-02", "deep": {"x": True}}
    )
    made, refused = read(body, name="x.jsonl")
    assert refused == []
    assert [props(one) for one in made] == [{"n": 1, "tags": ["a"]}, {"deep": {"x": True}}]
    late = [{"who": "u", "at": "2024-03-01"}] * 3_000 + [{"who": "u", "at": "2024-03-01", "late": 1}]
    made, _ = read(lines(*late), name="x.jsonl")
    assert props(made[-1]) == {"late": 1}


def test_a_nested_field_can_be_named():
    body = lines({"user": {"id": "ada", "plan": "x"}, "at": "2024-03-01"})
    made, _ = read(body, "{event: B, user_id: user.id, time: at, properties: {plan: user.plan}}", name="x.jsonl")
    assert (made[0].user_id, props(made[0])) == ("ada", {"plan": "x"})


@pytest.mark.parametrize("broken", ['{"who": ', "[1]", "null", '{"who": "\\ud800"}', "{" * 5_000])
def test_a_broken_line_is_named_and_its_neighbours_pass(broken):
    good = '{"who": "ada", "at": "2024-03-01"}'
    made, refused = read(f"{good}\n{broken}\n\n{good}\n", name="x.jsonl")
    assert (len(made), [(one.line, one.reason) for one in refused]) == (2, [(2, "unreadable")])


def test_an_array_of_objects_is_read_element_by_element():
    body = json.dumps([{"who": "ada", "at": "2024-03-01", "text": '],[{"\\'}, {"who": "ben", "at": "2024-03-02"}], indent=2)
    made, refused = read(body, name="x.json")
    assert ([one.user_id for one in made], refused) == (["ada", "ben"], [])
    made, refused = read(body[:-3], name="x.json")
    assert [one.reason for one in refused] == ["unreadable"], "the end is missing"


def test_pieces_are_the_same_however_the_bytes_come():
    value = {"a": [1, {"x": ']}\\"'}], "objects": [{"id": "ü\\", "n": [1, [2]]}, "text, here", 3], "z": {"objects": [9]}}
    body = json.dumps(value).encode()

    class Slow(io.BytesIO):
        def read(self, _=-1):
            return super().read(3)

    for stream in (io.BytesIO(body), Slow(body)):
        found = [json.loads(piece) for _, piece in elements(stream, wanted=frozenset({b"objects"}))]
        assert found == value["objects"]


def test_segments_form_is_recognised():
    event = {"type": "track", "event": "Order Completed", "userId": "ada", "messageId": "m1", "timestamp": "2024-03-01T00:00:00Z",
             "properties": {"total": 5}, "context": {"ip": "192.0.2.1"}, "integrations": {}}  # fmt: skip
    page = {"type": "page", "name": "Home", "anonymousId": "b1", "messageId": "m2", "timestamp": "2024-03-02T00:00:00Z"}
    made, refused = read(lines(event, page, event | {"type": "purchase"}), "", name="x.jsonl")
    assert [(one.kind, one.name, one.user_id, one.anonymous_id, one.message_id) for one in made] == [
        ("track", "Order Completed", "ada", None, "m1"),
        ("page", "Home", None, "b1", "m2"),
    ]
    assert (props(made[0]), json.loads(bytes(made[0].context))) == ({"total": 5}, {"ip": "192.0.2.1"})
    assert [one.reason for one in refused] == ["bad_kind"]


def test_amitys_own_form_is_recognised():
    row = {"message_id": "m1", "name": "Bought", "type": "track", "time": "2024-03-01 10:00:00.000", "user_id": "ada",
           "properties": {"n": 1}, "traits": {}, "channel": "web"}  # fmt: skip
    made, _ = read(lines(row), "", name="x.jsonl")
    assert (made[0].name, made[0].message_id, made[0].user_id, props(made[0])) == ("Bought", "m1", "ada", {"n": 1})


def parquet(**columns) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, row_group_size=2)
    return out.getvalue()


def test_parquet_keeps_its_types():
    import pyarrow as pa

    at = datetime(2024, 3, 1, 10, tzinfo=UTC)
    body = parquet(
        who=["ada", "ben", None],
        at=pa.array([at, at, at], pa.timestamp("ns", tz="UTC")),
        price=pa.array([Decimal("1.50"), None, Decimal(2)], pa.decimal128(10, 2)),
        day=pa.array([at.date()] * 3),
        tags=[["a"], [], None],
    )
    made, refused = read(body, name="x.parquet")
    assert [one.time for one in made] == [round(at.timestamp() * 1000)] * 2
    assert props(made[0]) == {"price": 1.5, "day": "2024-03-01", "tags": ["a"]}
    assert [(one.line, one.reason) for one in refused] == [(3, "no_customer")]


def test_a_file_that_only_says_it_is_parquet_is_told():
    with pytest.raises(Invalid, match="Parquet"):
        look_at(b"PAR1 nothing", name="x.parquet")


XES = """<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/"><string key="creator" value="x"/>
<trace><string key="concept:name" value="c1"/><int key="size" value="3"/>
<event><string key="concept:name" value="Open"/><date key="time:timestamp" value="2012-10-09T14:50:17+02:00"/>
<string key="lifecycle:transition" value="start"/><boolean key="ok" value="true"/><float key="cost" value="1.5"/>
<string key="who" value="x"><string key="unit" value="b"/></string></event>
<event><string key="concept:name" value="Close"/><date key="time:timestamp" value="2012-10-10T14:50:17Z"/></event></trace>
<trace><string key="concept:name" value="c2"/><event><string key="concept:name" value="Open"/></event></trace></log>"""


@pytest.mark.parametrize("packed", [False, True])
def test_xes_is_read_by_event_with_its_case(packed):
    body = gzip.compress(XES.encode()) if packed else XES.encode()
    made, refused = read(body, "", name="x.xes.gz" if packed else "x.xes")
    assert [(one.user_id, one.name) for one in made] == [("c1", "Open"), ("c1", "Close")]
    assert props(made[0]) == {
        "case:size": 3,
        "lifecycle:transition": "start",
        "ok": True,
        "cost": 1.5,
        "who": "x",
        "who.unit": "b",
    }
    assert made[0].time == round(datetime(2012, 10, 9, 12, 50, 17, tzinfo=UTC).timestamp() * 1000)
    assert [(one.line, one.reason) for one in refused] == [(3, "no_time")]


def test_a_lifecycle_can_be_left_out():
    made, _ = read(XES, '{when: [{column: "lifecycle:transition", equals: start, leave_out: true}]}', name="x.xes")
    assert [one.name for one in made] == ["Close"]


@pytest.mark.parametrize(
    "evil",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE log SYSTEM "http://127.0.0.1/x.dtd">',
        '<!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_and_dtds_are_refused(evil):
    with pytest.raises(Invalid, match="DTD or entities"):
        look_at(XES.replace('<?xml version="1.0"?>', '<?xml version="1.0"?>' + evil), name="x.xes")


def test_an_event_log_that_ends_in_the_middle_gives_what_it_has():
    made, refused = read(XES[: XES.index('<event><string key="concept:name" value="Close')], "", name="x.xes")
    assert ([one.name for one in made], [one.reason for one in refused]) == (["Open"], ["unreadable"])


OCEL = {
    "objectTypes": [{"name": "Customer", "attributes": []}, {"name": "Order", "attributes": []}],
    "eventTypes": [{"name": "Place", "attributes": []}],
    "events": [
        {"id": "e1", "type": "Place", "time": "2024-03-01T00:00:00Z", "attributes": [{"name": "via", "value": "web"}],
         "relationships": [{"objectId": "c1", "qualifier": "by"}, {"objectId": "o1", "qualifier": "what"}]},
        {"id": "e2", "type": "Merge", "time": "2024-03-02T00:00:00Z",
         "relationships": [{"objectId": "c1", "qualifier": ""}, {"objectId": "c2", "qualifier": ""}]},
        {"id": "e3", "type": "Pack", "time": "2024-03-03T00:00:00Z", "relationships": [{"objectId": "o1", "qualifier": ""}]},
        {"id": "e4"},
    ],
    "objects": [{"id": "c1", "type": "Customer"}, {"id": "c2", "type": "Customer"}, {"id": "o1", "type": "Order"}],
}  # fmt: skip


def test_ocel_gives_an_interaction_for_each_customer_of_an_event():
    made, refused = read(json.dumps(OCEL), "", name="x.jsonocel")
    assert [(one.name, one.user_id) for one in made] == [("Place", "c1"), ("Merge", "c1"), ("Merge", "c2")]
    assert props(made[0]) == {"via": "web", "objects": {"Order": ["o1"]}, "ocel_id": "e1"}
    assert len({one.message_id for one in made}) == 3
    assert sorted(one.reason for one in refused) == ["no_customer", "unreadable"]


def test_another_type_of_object_can_be_the_customer():
    made, _ = read(json.dumps(OCEL), "{object_type: Order}", name="x.json")
    assert [(one.name, one.user_id) for one in made] == [("Place", "o1"), ("Pack", "o1")]
    with pytest.raises(Invalid, match="Its types: Customer, Order"):
        look_at(json.dumps(OCEL), "{object_type: Invoice}", name="x.jsonocel")
    strange = json.loads(json.dumps(OCEL).replace("Customer", "Kiosk"))
    with pytest.raises(Invalid, match=r"object_type: NAME\. The log's types: Kiosk, Order"):
        look_at(json.dumps(strange), name="x.jsonocel")


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b'{"a": 1}', "JSONL"), (b"[{}]", "JSONL"), (XES.encode(), "XES"), (b"a,b\n1,2\n", "CSV"), (json.dumps(OCEL).encode(), "OCEL"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "CSV, packed with gzip"),
    ],
)  # fmt: skip
def test_a_file_without_an_ending_is_known_by_what_it_holds(body, form):
    found = look_at(body, "{event: B}", name="upload")
    assert fact(found, "Format") == form
    split(found)


def test_a_broken_gzip_is_told():
    with pytest.raises(Invalid, match="unpacked"):
        look_at(gzip.compress(XES.encode())[:40] + b"xx", name="x.xes.gz")
