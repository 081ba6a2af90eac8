"""People's SQL: what it may ask, and that nothing else gets through."""

from __future__ import annotations

from uuid import UUID, uuid4

import msgspec
import pytest

from amity.engines.past.client import insert_rows, past
from amity.engines.past.guard import ask_people, checked_sql, is_allowed
from amity.engines.past.migrate import migrate_past
from amity.engines.past.rows import InteractionRow, MergeRow, money, seconds
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid

MINE, THEIRS, MIXED = 710_001, 710_002, 710_003
ANNA, OLD_ANNA, BORIS = uuid4(), uuid4(), uuid4()


def row(workspace: int, customer: UUID, name: str, **more: object) -> InteractionRow:
    now = seconds(now_ms())
    given = {"type": "track", "source_id": 1, "log_seq": 1, "log_index": 0, **more}
    return InteractionRow(
        workspace_id=workspace, customer_id=customer, name=name, time=now, received_at=now, projected_at=now,
        message_key=uuid4(), message_id=str(uuid4()), **given,
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _some_rows() -> None:
    migrate_past()
    insert_rows(
        table="interactions_raw",
        rows=[
            row(MINE, ANNA, "Viewed", properties=msgspec.Raw(b'{"plan":{"name":"gold"},"guarded":5}')),
            row(MINE, OLD_ANNA, "Ordered", value=money(12.5), currency="EUR", consent={"marketing": True}),
            row(MINE, BORIS, "Viewed"),
            row(THEIRS, BORIS, "Secret", properties=msgspec.Raw(b'{"guarded":"their secret","plan":7,"when":"never"}')),
            row(
                MIXED,
                BORIS,
                "Mixed",
                properties=msgspec.Raw(b'{"plan":{"name":"basic"},"when":"2026-01-05","size":3,"who":"me"}'),
            ),
            row(MIXED, BORIS, "Mixed", properties=msgspec.Raw(b'{"size":"large"}')),
        ],
        token=f"guard-{ANNA}",
    )
    insert_rows(
        table="merges",
        rows=[MergeRow(workspace_id=MINE, old_id=OLD_ANNA, current_id=ANNA, version=1)],
        token=f"guard-merges-{ANNA}",
    )


def ask(sql: str, **more: object) -> list[list[object]]:
    return ask_people(sql=sql, **{"workspace_id": MINE, "seconds": 20, "memory": 10**9, **more}).rows


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT count() FROM interactions", [[3]]),
        ("select count() from `interactions`", [[3]]),
        ("SELECT name, count() AS n FROM interactions GROUP BY name ORDER BY n DESC, name", [["Viewed", 2], ["Ordered", 1]]),
        ("SELECT uniqExact(customer_id), sumIf(value, name = 'Ordered') FROM interactions", [[2, 12.5]]),
        ("WITH a AS (SELECT name FROM interactions) SELECT count() FROM a WHERE a.name = 'Viewed'", [[2]]),
        ("WITH merges AS (SELECT 1 AS x) SELECT merges.x FROM merges", [[1]]),
        ("WITH 5 AS five SELECT five", [[5]]),
        ("SELECT 1 UNION ALL SELECT toUInt8(count()) FROM interactions WHERE name = 'Viewed' AND 0", [[1], [0]]),
        ("SELECT properties.plan.name FROM interactions WHERE name = 'Viewed' AND properties.guarded > 3", [["gold"]]),
        ("SELECT properties.guarded.:Int64 FROM interactions WHERE properties.guarded = 5", [[5]]),
        ("SELECT consent['marketing'] FROM interactions WHERE currency = 'EUR'", [[True]]),
        ("SELECT count() FROM interactions AS a JOIN interactions AS b ON a.message_key = b.message_key", [[3]]),
        ("SELECT count() FROM interactions WHERE name IN ('Viewed', 'x')", [[2]]),
        ("SELECT count() FROM interactions WHERE name IN (SELECT name FROM interactions WHERE value > 1)", [[1]]),
        ("SELECT arrayMap(x -> x + 1, [1, 2])", [[[2, 3]]]),
        ("SELECT quantile(0.5)(value) FROM interactions WHERE name = 'Ordered'", [[12.5]]),
        ("SELECT name FROM interactions WHERE time > now() - INTERVAL 1 DAY ORDER BY name LIMIT 1", [["Ordered"]]),
        ("SELECT max(c) FROM (SELECT customer_id, count() AS c FROM interactions GROUP BY customer_id)", [[2]]),
        ("SELECT -- a comment; SELECT 2\n 1 /* file('/etc/passwd') */", [[1]]),
        ("SELECT 'it''s; fine \\' (file(1))' AS q", [["it's; fine ' (file(1))"]]),
        ("SELECT row_number() OVER (PARTITION BY name ORDER BY time) AS n FROM interactions ORDER BY n DESC LIMIT 1", [[2]]),
        (
            "SELECT windowFunnel(60)(toDateTime(time), name = 'Viewed') AS f FROM interactions GROUP BY customer_id ORDER BY f",
            [[1], [1]],
        ),
        ("SELECT count(DISTINCT name) FROM interactions HAVING count() > 1", [[2]]),
        (
            "SELECT if(1 > 0, 'a', 'b'), CASE WHEN 1 = 1 THEN 2 ELSE 3 END, CAST('5' AS Nullable(UInt8)), '7'::Int8",
            [["a", 2, 5, 7]],
        ),
    ],
)
def test_answers(sql: str, rows: list[list[object]]) -> None:
    assert ask(sql) == rows


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT count() FROM interactions WHERE properties.guarded > 3", [[1]]),
        ("SELECT count() FROM interactions WHERE properties.guarded = 5 AND name = 'Viewed'", [[1]]),
        ("SELECT count() FROM interactions WHERE toFloat64(properties.guarded) > 3", [[1]]),
        ("SELECT count() FROM interactions WHERE properties.guarded::Int64 > 3 AND time > '2020-01-01'", [[1]]),
        ("SELECT sum(toFloat64(properties.guarded)) FROM interactions", [[5.0]]),
        (
            "SELECT count() FROM interactions AS a JOIN interactions AS b USING (message_key) "  # noqa: ISC004
            "WHERE toFloat64(a.properties.guarded) > 3 AND toFloat64(b.properties.guarded) > 3",
            [[1]],
        ),
        ("WITH a AS (SELECT properties.guarded AS g FROM interactions) SELECT count() FROM a WHERE toFloat64(g) > 3", [[1]]),
        ("SELECT countIf(toFloat64(properties.guarded) > 3) FROM interactions", [[1]]),
    ],
)
def test_what_others_hold_under_the_same_name_changes_nothing(sql: str, rows: list[list[object]]) -> None:
    """Text under the same name fails to be read as a number, and the error would say it."""
    assert ask(sql) == rows


def test_a_property_of_several_types_is_nothing_to_who_asks_for_another() -> None:
    assert ask("SELECT count() FROM interactions WHERE properties.size > 2", workspace_id=MIXED) == [[1]]
    assert ask("SELECT upper(properties.size) AS u FROM interactions ORDER BY u", workspace_id=MIXED) == [["LARGE"], [None]]
    assert ask("SELECT count() FROM interactions WHERE toDate(properties.when) > '2020-01-01'", workspace_id=MIXED) == [[1]]


HOSTILE = [
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT file('/etc/passwd')",
    "SELECT `file`('/etc/passwd')",
    "SELECT \"file\"('/etc/passwd')",
    "SELECT FILE ( '/etc/passwd' )",
    "SELECT /**/file/**/(/**/'/etc/passwd')",
    "SELECT * FROM url('http://169.254.169.254/', 'LineAsString')",
    "SELECT * FROM s3('https://example.com/x', 'CSV')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM input('a String')",
    "SELECT * FROM executable('id', 'TSV', 'a String')",
    "SELECT * FROM mysql('h:3306', 'd', 't', 'u', 'p')",
    "SELECT * FROM postgresql('h:5432', 'd', 't', 'u', 'p')",
    "SELECT * FROM numbers(10)",
    "SELECT * FROM merge('amity', '.*')",
    "SELECT * FROM view(SELECT 1)",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM system.tables",
    "SELECT * FROM `system`.`one`",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM interactions_raw",
    "SELECT * FROM amity.interactions_raw",
    "SELECT * FROM amity.interactions",
    "SELECT * FROM merges",
    "SELECT * FROM quarantine",
    "SELECT * FROM Interactions",
    "SELECT * FROM interactions, merges",
    "SELECT * FROM interactions JOIN merges ON 1 = 1",
    "SELECT (SELECT count() FROM merges)",
    "SELECT 1 UNION ALL SELECT workspace_id FROM interactions_raw",
    "SELECT 1 WHERE 1 IN merges",
    "SELECT 1 WHERE 1 IN (merges)",
    "SELECT 1 WHERE 1 IN ((merges))",
    "SELECT 1 WHERE 1 NOT IN merges",
    "SELECT 1 WHERE 1 GLOBAL IN merges",
    "SELECT 1 WHERE 1 IN amity.merges",
    "SELECT 1 WHERE in(1, merges)",
    "SELECT 1 WHERE globalIn(1, merges)",
    "WITH interactions AS (SELECT 1 AS x) SELECT * FROM interactions",
    "WITH `interactions` AS (SELECT * FROM interactions_raw) SELECT * FROM interactions",
    "WITH quarantine AS (SELECT 1) SELECT * FROM (WITH a AS (SELECT 1) SELECT 1), amity.quarantine",
    "SELECT * FROM (WITH merges AS (SELECT 1 AS x) SELECT x FROM merges) AS y, merges",
    "WITH x AS (SELECT * FROM system.one) SELECT 1",
    "WITH (x -> file(x)) AS f SELECT f('/etc/passwd')",
    "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
    "SELECT arrayMap(file, ['/etc/passwd'])",
    "SELECT arrayMap(`file`, ['/etc/passwd'])",
    "WITH 1 AS file SELECT arrayMap(file, ['/etc/passwd'])",
    "SELECT 1 AS file",
    "SELECT arrayFold(dictGet, ['a'], 'b')",
    "SELECT * APPLY(file) FROM interactions",
    "SELECT dictGet('d', 'a', 1)",
    "SELECT joinGet('merges', 'current_id', 1)",
    "SELECT hasColumnInTable('amity', 'merges', 'old_id')",
    "SELECT getSetting('max_threads')",
    "SELECT getServerSetting('path')",
    "SELECT hostName(), currentUser(), version()",
    "SELECT currentDatabase()",
    "SELECT sleep(3)",
    "SELECT sleepEachRow(3) FROM interactions",
    "SELECT throwIf(1)",
    "SELECT filesystemAvailable()",
    "SELECT aiGenerate('hello')",
    "SELECT evalMLMethod(1)",
    "SELECT workspace_id FROM interactions",
    "SELECT 1 FORMAT CSV",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 UNION ALL SELECT 2 SETTINGS readonly = 0",
    "SELECT * FROM (SELECT 1 SETTINGS readonly = 0)",
    "SELECT 1 INTO OUTFILE '/tmp/amity-out'",
    "SELECT 1 INTO OUTFILE '/tmp/amity-out' FORMAT CSV",
    "SELECT 1 INTO x",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE merges",
    "DROP TABLE merges",
    "INSERT INTO merges SELECT 1",
    "INSERT INTO FUNCTION file('/tmp/x') SELECT 1",
    "EXPLAIN SELECT 1",
    "DESCRIBE interactions",
    "DESCRIBE file('/etc/passwd')",
    "SHOW TABLES",
    "SET readonly = 0",
    "SYSTEM SHUTDOWN",
    "KILL QUERY WHERE 1",
    "USE system",
    "SELECT {amity_workspace:UInt32}",
    "SELECT * FROM {x:Identifier}",
    "SELECT 1 FROM interactions FINAL SETTINGS x = 1",
    "CREATE TABLE x (a Int8) ENGINE = Memory",
    "CREATE VIEW x AS SELECT 1",
    "",
    ";",
    "\0",
    "SELECT " + "(" * 3000 + "1" + ")" * 3000,
    "SELECT 1" + " + 1" * 30_000,
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_hostile_sql_is_refused(sql: str) -> None:
    with pytest.raises(Invalid):
        ask(sql)


def test_another_workspace_is_never_seen() -> None:
    assert ask("SELECT count() FROM interactions WHERE name = 'Secret'") == [[0]]
    assert ask("SELECT count() FROM interactions WHERE 1 OR 1 = 1") == [[3]]
    tricky = (
        "SELECT count() FROM interactions AS a LEFT JOIN interactions AS b ON 1 = 1 WHERE b.name = 'Secret' OR a.name = 'Secret'"
    )
    assert ask(tricky) == [[0]]


def test_the_engine_holds_where_the_tree_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third wall alone: even SQL that nobody checked stays read-only and inside the workspace."""
    monkeypatch.setattr("amity.engines.past.guard.checked_sql", lambda sql, **_: sql)
    assert ask("SELECT count() FROM amity.interactions_raw") == [[3]]
    assert ask("SELECT count() FROM amity.interactions") == [[3]]
    for sql in (
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT file('/etc/passwd')",
        "SELECT arrayMap(`file`, ['/etc/passwd'])",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "INSERT INTO amity.merges SELECT 1, generateUUIDv4(), generateUUIDv4(), 1",
        "DROP TABLE amity.merges",
        "SELECT 1 SETTINGS readonly = 0",
        "SET readonly = 0",
        "SELECT 1 INTO OUTFILE '/tmp/amity-must-not-exist'",
    ):
        with pytest.raises(AmityError):
            ask(sql)


def test_limits() -> None:
    answer = ask_people(sql="SELECT name FROM interactions ORDER BY name", workspace_id=MINE, seconds=5, memory=10**9, limit=2)
    assert (len(answer.rows), answer.truncated) == (2, True)
    with pytest.raises(AmityError, match="longer than 1 seconds"):
        ask("SELECT sum(sipHash64(a, b, c)) FROM (SELECT arrayJoin(range(100000)) AS a) x, (SELECT arrayJoin(range(100000)) AS b) y,"
            " (SELECT arrayJoin(range(1000)) AS c) z", seconds=1)  # fmt: skip
    with pytest.raises(AmityError, match="more than 50 MB"):
        ask("SELECT length(groupArray(toString(a))) FROM (SELECT arrayJoin(range(3000000)) AS a)", memory=50_000_000)


def test_names_and_types_come_with_an_empty_answer() -> None:
    answer = ask_people(sql="SELECT name, value FROM interactions WHERE 0", workspace_id=MINE, seconds=5, memory=10**9)
    assert answer.columns == [("name", "LowCardinality(String)"), ("value", "Nullable(Decimal(18, 4))")]
    assert answer.rows == []
    twice = ask_people(sql="SELECT 1 AS a, 2 AS b, 3 AS c", workspace_id=MINE, seconds=5, memory=10**9)
    assert twice.objects() == [{"a": 1, "b": 2, "c": 3}]


def test_what_runs_is_made_from_the_tree() -> None:
    out = checked_sql("SELECT count() /* x */ FROM interactions -- y", database="amity", functions=frozenset())
    assert "/*" not in out
    assert "--" not in out
    assert "{amity_workspace: UInt32}" in out


def test_functions() -> None:
    assert is_allowed("COUNT")
    assert is_allowed("sumIf")
    assert is_allowed("uniqStateIf")
    for name in ("file", "fileIf", "sleep", "dictGet", "If", "State", ""):
        assert not is_allowed(name) or name == "If"


def test_every_allowed_function_exists_in_the_engine() -> None:
    there = {name.lower() for (name,) in past().query("SELECT name FROM system.functions").result_rows}
    from amity.engines.past.guard import allowed_functions

    assert allowed_functions() - there == set()


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT 5 % 2, '100 %', 'a%sb'", [[1, "100 %", "a%sb"]]),
        ("SELECT '%(amity_workspace)c'", [["%(amity_workspace)c"]]),
        ("SELECT '%(amity_workspace)2000000000d'", [["%(amity_workspace)2000000000d"]]),
        ("SELECT '{x:y}', '%(amity_workspace)s'", [["{x:y}", "%(amity_workspace)s"]]),
        ("SELECT count(), '%(amity_workspace)c' FROM interactions", [[3, "%(amity_workspace)c"]]),
    ],
)
def test_nothing_formats_the_text_after_it_was_checked(sql, rows):
    """Formatted with %, `%(…)c` would be the character with the workspace's number: a quote in workspace 39."""
    assert ask(sql) == rows


@pytest.mark.parametrize("name", ["editDistance", "editDistanceUTF8", "arrayLevenshteinDistance", "arraySimilarity"])
def test_functions_that_no_limit_of_time_could_end_are_refused(name):
    with pytest.raises(Invalid, match="isn't possible"):
        ask(f"SELECT {name}(range(9), range(9))")
