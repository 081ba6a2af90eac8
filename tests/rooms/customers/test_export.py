"""`amity export` into each form of file, on real engines: what is in it, in which order, under which ids, and who is told."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from amity.config.cli.export import command
from amity.kernel.cells import plain_cell
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers import api
from amity.rooms.customers.models import Activity
from amity.rooms.customers.queries import export as queries
from amity.rooms.trust.models import AuditEntry
from tests.rooms.customers.making import MINUTE, T0, event
from tests.rooms.customers.past import store, store_merges

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]
XES = "{http://www.xes-standard.org/}"


def run(*words: str):
    purpose = () if "--purpose" in words else ("--purpose", "necessary")
    return CliRunner().invoke(command, [*words, *purpose, "--workspace", "test-house"], catch_exceptions=False)


def names_in(folder) -> list[str]:
    return [one.name for one in folder.iterdir()]


def written(path, *words: str) -> bytes:
    what = "customers" if "customers" in path.name else "interactions"
    result = run(what, str(path), *words)
    assert result.exit_code == 0, result.output
    assert names_in(path.parent) == [path.name]
    return path.read_bytes()


def lines(data: bytes) -> list[dict]:
    return [json.loads(line) for line in data.splitlines()]


@pytest.fixture
def house(workspace, other_workspace):
    """Ada on two browsers, who turns out to be one person; Bo; and somebody of another house."""
    told = [
        event("late", workspace=workspace, user_id="bo", at=50 * MINUTE, channel="app", source=2,
              properties={"revenue": "-7.5", "note": "=HYPERLINK(1)", "deep": {"a": [1, None]}}),
        event("a1", workspace=workspace, anonymous_id="one", at=0),
        event("+a2", workspace=workspace, anonymous_id="two", at=MINUTE),
        event("seen", workspace=workspace, anonymous_id="one", user_id="ada", at=2 * MINUTE, kind="page", name="",
              properties={"title": 'Tab\there "q" <&> \u2028 \x07'}),
        event("who", workspace=workspace, anonymous_id="two", user_id="ada", at=3 * MINUTE, kind="identify",
              traits={"email": "ada@x.org", "name": 'Ada, "the" first', "plan": "pro", "seats": 3, "vip": True}),
        event("foreign", workspace=other_workspace, user_id="ada", at=0),
    ]  # fmt: skip
    outcome = api.place(told)
    store(told, outcome.placements)
    store_merges(outcome.merges)
    return api.find_customer_by_identifier(workspace_id=workspace, text="ada@x.org")


def test_interactions_come_by_time_under_the_customers_of_today(house, tmp_path):
    rows = lines(written(tmp_path / "i.jsonl"))
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    assert [row["name"] for row in rows] == ["a1", "+a2", "", "who", "late"]
    assert {row["customer_id"] for row in rows[:4]} == {str(house.id)}
    assert len(house.merged_ids) == 1
    assert rows[-1]["customer_id"] != str(house.id)
    assert rows[-1]["properties"] == {"revenue": "-7.5", "note": "=HYPERLINK(1)", "deep": {"a": [1, None]}}
    assert rows[-1]["value"] == "-7.5000"
    assert rows[0]["time"] == datetime.fromtimestamp(T0 / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert rows[0]["value"] is None
    assert rows[0]["session_start"] is True


def test_csv_runs_no_formula_and_keeps_numbers(house, tmp_path):
    text = written(tmp_path / "i.csv").decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in rows] == ["a1", "'+a2", "", "who", "late"]
    assert plain_cell(rows[1]["name"]) == "+a2"
    assert Decimal(rows[-1]["value"]) == Decimal("-7.5")
    assert rows[-1]["source_id"] == "2"
    assert rows[0]["session_start"] == "true"
    assert json.loads(rows[-1]["properties"])["note"] == "=HYPERLINK(1)"


def test_parquet_has_proper_types(house, tmp_path):
    table = pq.read_table(io.BytesIO(written(tmp_path / "i.parquet")))
    assert table.schema.field("time").type == pa.timestamp("ms", tz="UTC")
    assert table.schema.field("value").type == pa.decimal128(18, 4)
    assert table.column("value").to_pylist() == [None] * 4 + [Decimal("-7.5000")]
    assert table.column("name").to_pylist() == ["a1", "+a2", "", "who", "late"]
    assert json.loads(table.column("properties")[-1].as_py())["deep"] == {"a": [1, None]}


def test_gz_is_the_same_within(house, tmp_path):
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.mkdir(), packed.mkdir()
    assert gzip.decompress(written(packed / "i.csv.gz")) == written(plain / "i.csv")


def test_xes_is_a_log_of_traces(house, tmp_path):
    root = ET.fromstring(written(tmp_path / "i.xes"))
    assert {one.get("prefix") for one in root.iter(f"{XES}extension")} == {"concept", "time", "lifecycle"}
    traces = root.findall(f"{XES}trace")
    names = {
        trace.find(f"{XES}string[@key='concept:name']").get("value"): [
            one.find(f"{XES}string[@key='concept:name']").get("value") for one in trace.findall(f"{XES}event")
        ]
        for trace in traces
    }
    assert names[str(house.id)] == ["a1", "+a2", "page", "who"]
    assert sorted(names.values()) == [["a1", "+a2", "page", "who"], ["late"]]
    seen = traces[0 if len(traces[0]) > 3 else 1].findall(f"{XES}event")[2]
    assert seen.find(f"{XES}string[@key='properties.title']").get("value") == 'Tab\there "q" <&> \u2028 \ufffd'
    assert seen.find(f"{XES}date[@key='time:timestamp']").get("value").endswith("+00:00")
    assert seen.find(f"{XES}boolean[@key='session_start']").get("value") == "false"


def test_xes_by_a_case_of_its_own_has_a_trace_for_each_and_comes_in_again(house, workspace, tmp_path):
    from amity.rooms.collection.rules.imports.looking import look
    from amity.rooms.collection.rules.imports.mapping import Mapping

    orders = ["O-2", "O-10", 7, True, "O-2"]
    more = [
        event(
            f"step {n}",
            workspace=workspace,
            user_id="bo" if n % 2 else "cy",
            at=(60 + n) * MINUTE,
            properties={"order": {"id": one}},
        )
        for n, one in enumerate([*orders, 1.5, None, ["O-2"], ""])
    ]
    store(more, api.place(more).placements)
    data = written(tmp_path / "i.xes", "--case", "properties.order.id")
    value = lambda of, key: of.find(f"{XES}string[@key='{key}']").get("value")  # noqa: E731
    traces = {value(one, "concept:name"): one.findall(f"{XES}event") for one in ET.fromstring(data).findall(f"{XES}trace")}
    found = {case: [value(one, "concept:name") for one in some] for case, some in traces.items()}
    assert found == {"O-2": ["step 0", "step 4"], "O-10": ["step 1"], "7": ["step 2"], "true": ["step 3"]}
    assert len({value(one, "customer_id") for some in traces.values() for one in some}) == 2
    looked = look(io.BytesIO(data), name="i.xes", size=len(data), given=Mapping())
    assert sorted(row["case:concept:name"] for _, row in looked.sample) == ["7", "O-10", "O-2", "O-2", "true"]
    with pytest.raises(Invalid, match="no property"):
        run("interactions", str(tmp_path / "j.xes"), "--case", 'a"b')
    with pytest.raises(Invalid, match="Only XES"):
        run("interactions", str(tmp_path / "j.csv"), "--case", "order_id")


def test_ocel_has_customers_orders_and_tickets_as_objects_and_comes_in_again_with_equal_counts(house, workspace, tmp_path):
    from amity.rooms.collection.rules.imports.looking import look
    from amity.rooms.collection.rules.imports.mapping import read_mapping

    told = [
        ({"order_id": "O-1", "total": 2.5}, "bo"),
        ({"order_id": "O-1", "ticket_id": 9}, "cy"),
        ({"ticket_id": True, "order_id": ""}, "cy"),
    ]
    more = [
        event(f"step {n}", workspace=workspace, user_id=who, at=(60 + n) * MINUTE, properties=properties)
        for n, (properties, who) in enumerate(told)
    ]
    store(more, api.place(more).placements)
    data = written(tmp_path / "i.jsonocel")
    log = json.loads(data)
    assert set(log) == {"events", "objects", "eventTypes", "objectTypes"}
    kinds = {one["id"]: one["type"] for one in log["objects"]}
    assert len(kinds) == len(log["objects"])
    assert sorted(kinds.values()) == ["customer"] * 3 + ["order", "ticket"]
    assert {one["name"] for one in log["objectTypes"]} == set(kinds.values())
    steps = {one["type"]: one for one in log["events"]}
    assert [one["type"] for one in log["events"]] == ["a1", "+a2", "page", "who", "late", "step 0", "step 1", "step 2"]
    met = [[(one["qualifier"], kinds[one["objectId"]]) for one in steps[f"step {n}"]["relationships"]] for n in range(3)]
    assert met == [
        [(kind, kind) for kind in some] for some in (["customer", "order"], ["customer", "order", "ticket"], ["customer"])
    ]
    [order] = [one for one in log["objects"] if one["type"] == "order"]
    assert (order["id"], order["relationships"][0]["qualifier"]) == ("order:O-1", "of")
    assert {"name": "properties.total", "value": "2.5"} in steps["step 0"]["attributes"]
    declared = {one["name"]: {each["name"] for each in one["attributes"]} for one in log["eventTypes"]}
    assert all({each["name"] for each in one["attributes"]} <= declared[one["type"]] for one in log["events"])
    found = look(io.BytesIO(data), name="i.jsonocel", size=len(data), given=read_mapping("{object_type: customer}"))
    rows = [row for _, row in found.sample]
    assert (len(rows), found.refused, found.questions) == (8, [], [])
    assert {row["customer"] for row in rows} == {one for one, kind in kinds.items() if kind == "customer"}
    assert sorted(one for row in rows for some in row["objects"].values() for one in some) == [
        "order:O-1",
        "order:O-1",
        "ticket:9",
    ]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--event", "a1", "--event", "late"], ["a1", "late"]),
        (["--channel", "app"], ["late"]),
        (["--type", "page", "--type", "identify"], ["", "who"]),
        (["--customer", "ada@x.org"], ["a1", "+a2", "", "who"]),
        (["--customer", "two", "--event", "a1"], ["a1"]),
        (["--from", "2026-09-21T14:13:20+00:00", "--to", "2026-09-21T14:15:20"], ["a1", "+a2"]),
        (["--event", "nothing"], []),
    ],
)  # fmt: skip
def test_filters(house, tmp_path, words, names):
    assert T0 == 1_790_000_000_000  # the instants above
    assert [row["name"] for row in lines(written(tmp_path / "i.jsonl", *words))] == names


def test_customers_with_all_that_is_known(house, tmp_path):
    rows = lines(written(tmp_path / "customers.jsonl"))
    ada = next(row for row in rows if row["customer_id"] == str(house.id))
    assert len(rows) == 2
    assert ada["name"] == 'Ada, "the" first'
    assert ada["identifiers"] == {"anonymous_id": ["one", "two"], "email": ["ada@x.org"], "user_id": ["ada"]}
    assert ada["traits"] == {"email": "ada@x.org", "name": 'Ada, "the" first', "plan": "pro", "seats": 3, "vip": True}
    assert ada["merged_ids"] == [str(one) for one in house.merged_ids]
    assert ada["interactions"] == 4
    table = pq.read_table(io.BytesIO(written_apart(tmp_path, "customers.parquet")))
    assert table.column("name").to_pylist() == [row["name"] for row in rows]


def written_apart(tmp_path, name: str) -> bytes:
    apart = tmp_path / "apart"
    apart.mkdir()
    return written(apart / name)


@pytest.mark.parametrize(
    ("words", "users"),
    [
        (["--search", "ada first"], ["ada"]),
        (["--search", "ada@x.org"], ["ada"]),
        (["--search", "nobody at all"], []),
        (["--trait", "plan=pro", "--trait", "seats=3", "--trait", "vip=true"], ["ada"]),
        (["--trait", "plan=free"], []),
        (["--channel", "app"], ["bo"]),
        (["--from", "2026-09-21T15:00:00Z"], ["bo"]),
        (["--to", "2026-09-21T15:00:00Z"], ["ada"]),
    ],
)
def test_filters_of_customers(house, tmp_path, words, users):
    assert [row["user_id"] for row in lines(written(tmp_path / "customers.jsonl", *words))] == users


def test_pages_of_customers_meet_everybody_once(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(queries, "_AT_ONCE", 3)
    api.place([event(f"e{n}", workspace=workspace, user_id=f"u{n}", at=n) for n in range(10)])
    rows = lines(written(tmp_path / "customers.jsonl"))
    assert sorted(row["user_id"] for row in rows) == sorted(f"u{n}" for n in range(10))


def test_both_ends_are_in_the_audit_log(house, workspace, tmp_path):
    written(tmp_path / "i.csv", "--channel", "app")
    began, ended = AuditEntry.objects.filter(workspace_id=workspace).order_by("seq")
    assert (began.action, ended.action) == ("export.began", "export.ended")
    assert began.target == ended.target == f"interactions:{tmp_path / 'i.csv'}"
    assert began.after == {"format": "csv", "filters": {"purpose": "necessary", "channels": ["app"]}}
    assert ended.after == {"format": "csv", "rows": 1, "withheld": 0, "complete": True}


def test_standard_output_needs_a_form(house, workspace):
    with pytest.raises(Invalid, match="add --format"):
        run("interactions", "-")
    result = run("interactions", "-", "--format", "jsonl")
    assert [row["name"] for row in lines(result.stdout.encode())] == ["a1", "+a2", "", "who", "late"]
    assert "5 interactions" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["interactions", "x.txt"], "doesn't say what it is to be"),
        (["interactions", "x.parquet.gz"], "leave out .gz"),
        (["interactions", "x.csv", "--format", "jsonl"], "is the name of a .csv file"),
        (["customers", "x.xes"], "XES holds interactions"),
        (["interactions", "/no/such/folder/x.csv"], "can't be written"),
    ],
)
def test_what_can_not_be_done_is_said(workspace, words, said):
    with pytest.raises(Invalid, match=said):
        run(*words)


def test_who_is_not_there_is_said(workspace, tmp_path):
    with pytest.raises(NotFound, match="no customer with the identifier"):
        run("interactions", str(tmp_path / "x.csv"), "--customer", "nobody")
    assert run("interactions", str(tmp_path / "x.csv"), "--source", "nothing").exit_code == 2
    assert run("interactions", str(tmp_path / "x.csv"), "--from", "yesterday").exit_code == 2
    assert names_in(tmp_path) == []


def test_a_failure_half_way_leaves_the_old_file_and_is_recorded(house, workspace, tmp_path, monkeypatch):
    path = tmp_path / "i.csv"
    before = written(path)
    whole = queries.stream

    def broken(**asked):
        yield from whole(**asked)
        raise RuntimeError("the disk went away")

    monkeypatch.setattr(queries, "stream", broken)
    with pytest.raises(RuntimeError):
        run("interactions", str(path))
    assert path.read_bytes() == before
    assert names_in(tmp_path) == ["i.csv"]
    assert AuditEntry.objects.order_by("seq").last().after == {"format": "csv", "rows": 5, "withheld": 0, "complete": False}


def test_only_its_owner_may_read_it(house, tmp_path):
    written(tmp_path / "i.csv")
    assert (tmp_path / "i.csv").stat().st_mode & 0o777 == 0o600


def test_what_a_replay_has_not_replaced_yet_counts_once(house, workspace, tmp_path):
    again = [event("a1", workspace=workspace, anonymous_id="one", at=0)]
    store(again, api.place(again).placements)
    assert [row["name"] for row in lines(written(tmp_path / "i.jsonl"))] == ["a1", "+a2", "", "who", "late"]


@pytest.mark.parametrize("form", ["xes", "csv", "jsonl", "parquet"])
def test_what_went_out_can_be_read_in_again_without_a_map(house, tmp_path, form):
    from amity.rooms.collection.rules.imports.looking import look
    from amity.rooms.collection.rules.imports.mapping import Mapping

    data = written(tmp_path / f"i.{form}")
    found = look(io.BytesIO(data), name=f"i.{form}", size=len(data), given=Mapping())
    rows = [row for _, row in found.sample]
    assert (len(rows), found.refused, found.questions) == (5, [], [])
    guessed = (found.mapping.event.column, found.mapping.time, found.mapping.user_id, found.mapping.message_id)
    own = ("concept:name", "time:timestamp", "case:concept:name", "message_id")
    assert guessed == (own if form == "xes" else ("name", "time", "user_id", "message_id"))
    assert sorted(row[guessed[0]] or "page" for row in rows) == sorted(["a1", "+a2", "page", "who", "late"])


def test_without_a_purpose_nothing_is_written_and_what_to_say_is_said(house, tmp_path):
    for what in ("interactions", "customers"):
        with pytest.raises(Invalid, match="--purpose marketing_email"):
            run(what, str(tmp_path / "i.csv"), "--purpose", "")
        with pytest.raises(Invalid, match="no purpose 'fax'"):
            run(what, str(tmp_path / "i.csv"), "--purpose", "fax")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("form", ["jsonl", "xes", "parquet"])
def test_only_of_who_allows_it_and_how_much_was_left_out(house, workspace, tmp_path, form):
    """Ada, who is two of the past's customers by now, said yes; Bo was never asked."""
    Activity.objects.filter(customer_id=house.id).update(consent={"surveys": [True, T0, 1, "00"]})
    done = run("interactions", str(tmp_path / f"i.{form}"), "--purpose", "surveys")
    assert "4 interactions" in done.output
    assert "1 left out, because their customers don't allow surveys." in done.output
    if form == "jsonl":
        assert {row["customer_id"] for row in lines((tmp_path / "i.jsonl").read_bytes())} == {str(house.id)}
    if form == "parquet":
        notes = pq.read_metadata(tmp_path / "i.parquet").metadata
        assert (notes[b"amity.purpose"], notes[b"amity.withheld"]) == (b"surveys", b"1")
    ended = AuditEntry.objects.order_by("seq").last().after
    assert ended == {"format": form, "rows": 4, "withheld": 1, "complete": True}


def test_customers_who_allow_it_and_how_many_do_not(house, tmp_path):
    Activity.objects.filter(customer_id=house.id).update(consent={"surveys": [True, T0, 1, "00"]})
    done = run("customers", str(tmp_path / "c.jsonl"), "--purpose", "surveys")
    assert "1 left out, because they don't allow surveys." in done.output
    assert [row["customer_id"] for row in lines((tmp_path / "c.jsonl").read_bytes())] == [str(house.id)]


def test_a_choice_that_is_made_while_a_file_is_written_counts_within_a_minute(house, workspace, monkeypatch):
    allowing = queries.Allowing(workspace, "surveys")
    assert allowing.of([house.id]) == set()
    Activity.objects.filter(customer_id=house.id).update(consent={"surveys": [True, T0, 1, "00"]})
    assert allowing.of([house.id]) == set()
    later = queries.now_ms() + 61_000
    monkeypatch.setattr(queries, "now_ms", lambda: later)
    assert allowing.of([house.id]) == {house.id}
