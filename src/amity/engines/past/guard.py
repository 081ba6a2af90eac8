"""People's SQL over the past: one SELECT over `interactions`, checked as a tree, run from the tree and never from the text.

Three walls, each enough alone against what we know of:
1. The tree. One SELECT (WITH and UNION allowed) whose tables are `interactions` or its own WITH queries; no table functions,
   no FORMAT, SETTINGS, INTO OUTFILE or query parameters; functions from a list of those that depend on their arguments alone.
   A list of the allowed rather than of the forbidden: ClickHouse gains functions with each release, and a new one that reads
   a file must be refused before anyone has heard of it.
2. The binding. `interactions` becomes a subquery limited to one workspace by a bound parameter, in a PREWHERE: no other
   workspace's row is there when anything of the person's is worked out. In a WHERE both would be one condition, and a conversion
   that fails for another's value would say that value in its error. WITH queries are renamed, so that no name of theirs can
   stand for a table of ours outside their scope.
3. The engine. Read-only, with limits, and with filters on our tables that hold whatever the query says.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from amity.engines.past.rows import InteractionRow
from amity.kernel.errors import AmityError, Invalid

if TYPE_CHECKING:
    from sqlglot import exp

TABLE = "interactions"
MAX_SQL = 50_000
MAX_ROWS = 10_000
MAX_BYTES = 50_000_000
HIDDEN = ("workspace_id",)
_PREFIX = "asked_"
# A property that is text in some interactions and a number in others is nothing to what asks for the other, instead of an error.
_LENIENT = frozenset(["dynamic_throw_on_type_mismatch", "variant_throw_on_type_mismatch"])
_BOUND = "{amity_workspace: UInt32}"
_COMBINATOR = re.compile(r"(?:If|Array|Map|SimpleState|State|Merge|ForEach|Distinct|OrDefault|OrNull|Resample|ArgMin|ArgMax)$")
# Words that may stand before a bracket without being a function.
_KEYWORDS = frozenset(
    [
        "IN",
        "AND",
        "OR",
        "NOT",
        "ON",
        "WHERE",
        "SELECT",
        "DISTINCT",
        "FROM",
        "JOIN",
        "BY",
        "HAVING",
        "LIMIT",
        "OFFSET",
        "WHEN",
        "THEN",
        "ELSE",
        "CASE",
        "BETWEEN",
        "LIKE",
        "ILIKE",
        "AS",
        "ALL",
        "UNION",
        "EXCEPT",
        "INTERSECT",
        "INTERVAL",
        "CAST",
        "OVER",
        "USING",
        "SETS",
        "ROLLUP",
        "CUBE",
        "QUALIFY",
        "PREWHERE",
        "REPLACE",
        "COLUMNS",
        "ANY",
        "ASOF",
        "PARTITION",
        "WITH",
        "IS",
        "FILTER",
        "WITHIN",
        "GROUP",
        "TO",
        "STEP",
        "EXISTS",
        "DIV",
        "MOD",
        "RECURSIVE",
        "LAMBDA",
    ],
)
_TYPES = frozenset(
    [
        "NULLABLE",
        "ARRAY",
        "MAP",
        "TUPLE",
        "LOWCARDINALITY",
        "DECIMAL",
        "DECIMAL32",
        "DECIMAL64",
        "DECIMAL128",
        "DATETIME",
        "DATETIME64",
        "FIXEDSTRING",
        "ENUM8",
        "ENUM16",
        "JSON",
        "VARIANT",
        "DYNAMIC",
    ],
)
_COLUMNS = frozenset(name.lower() for name in InteractionRow.__struct_fields__)
_SELECT_PARTS = frozenset(
    [
        "with_",
        "kind",
        "expressions",
        "distinct",
        "from_",
        "joins",
        "laterals",
        "where",
        "prewhere",
        "group",
        "having",
        "qualify",
        "windows",
        "order",
        "limit",
        "offset",
        "operation_modifiers",
    ],
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a query gave. `columns` are (name, ClickHouse type); `truncated`: there was more than `rows` holds; `elapsed` seconds."""

    columns: list[tuple[str, str]]
    rows: list[list[Any]]
    truncated: bool
    elapsed: float

    def objects(self) -> list[dict[str, Any]]:
        """Return rows as objects; a column name that comes twice gets a number."""
        names: list[str] = []
        for name, _ in self.columns:
            taken = sum(1 for other in names if other == name or other.startswith(f"{name}_"))
            names.append(f"{name}_{taken + 1}" if name in names else name)
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def ask_people(*, sql: str, workspace_id: int, seconds: float, memory: int, limit: int = MAX_ROWS) -> Answer:
    """Answer a person's SELECT over `interactions` of one workspace.

    `seconds` and `memory` (bytes) bound the query. Raises Invalid for SQL that is wrong or not allowed, NotRunning where the
    past doesn't answer, AmityError where a limit is met.
    """
    from amity.engines.past.client import database_name, errors, past

    checked = checked_sql(sql, database=database_name(), functions=engine_functions())
    settings = walls(workspace_id=workspace_id, database=database_name(), seconds=seconds, memory=memory) | {
        "max_result_rows": str(limit + 1),
        "max_result_bytes": str(MAX_BYTES),
        "result_overflow_mode": "break",
        "output_format_json_quote_64bit_integers": "0",
        "output_format_json_named_tuples_as_objects": "1",
        "output_format_json_escape_forward_slashes": "0",
    }
    # Where nothing is bound by name, the client would format the text with %, whose signs are the person's own.
    bound = {"amity_workspace": workspace_id} if _BOUND in checked else None
    began = time.monotonic()
    try:
        with errors():
            body = past().raw_query(checked, parameters=bound, settings=settings, fmt="JSONCompact")
    except AmityError as error:
        raise explained(error, seconds=seconds, memory=memory) from error
    found = msgspec.json.decode(body)
    rows = found["data"]
    return Answer(
        columns=[(one["name"], one["type"]) for one in found["meta"]],
        rows=rows[:limit],
        truncated=len(rows) > limit,
        elapsed=time.monotonic() - began,
    )


def walls(*, workspace_id: int, database: str, seconds: float, memory: int) -> dict[str, str]:
    """Return the engine's settings for a person's SQL: the third wall."""
    tables = ("interactions_raw", "merges", "quarantine")
    filters = {f"{database}.{table}": f"workspace_id = {int(workspace_id)}" for table in tables}
    lenient = dict.fromkeys(sorted(_known_settings()), "0")
    return lenient | {
        "readonly": "1",
        "max_execution_time": str(seconds),
        "max_memory_usage": str(memory),
        "max_bytes_before_external_group_by": str(memory // 2),
        "max_bytes_before_external_sort": str(memory // 2),
        "max_ast_depth": "500",
        "additional_table_filters": "{" + ", ".join(f"'{name}': '{rule}'" for name, rule in filters.items()) + "}",
    }


def checked_sql(sql: str, *, database: str, functions: frozenset[str], source: str = "") -> str:
    """Return the SQL to run for a person's SQL: made from the checked tree, bound to `{amity_workspace:UInt32}`. Raises Invalid.

    `functions` are the names of all functions of the engine, in lower case. `source`: our own SELECT that stands for
    `interactions`, instead of the workspace's whole past; it must bind the workspace itself.
    """
    tree = parsed(sql)
    _check(tree)
    # What the generator writes is parsed and checked again: the text that runs is judged, not the text that came.
    tree = parsed(tree.sql(dialect="clickhouse", comments=False))
    _check(tree)
    own = tree.copy()
    _bind(tree, source=f"SELECT * FROM {TABLE}")  # noqa: S608  a name of ours
    _check_calls(tree.sql(dialect="clickhouse", comments=False), forbidden=functions - allowed_functions() - _COLUMNS)
    _bind(own, source=source or _own_rows(database))  # what was checked is the person's; the source is ours
    return own.sql(dialect="clickhouse", comments=False)


def parsed(sql: str) -> exp.Query:
    """Return the tree of one SELECT. Raises Invalid."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ParseError, TokenError

    if len(sql) > MAX_SQL:
        raise Invalid(f"The query is longer than {MAX_SQL} characters.")
    if "\0" in sql:
        raise Invalid("The query holds a NUL character.")
    try:
        found = [one for one in sqlglot.parse(sql, dialect="clickhouse", error_message_context=40) if one is not None]
    except (ParseError, TokenError) as error:
        found_errors = error.errors if isinstance(error, ParseError) else []
        first = found_errors[0] if found_errors else {}
        where = f" at line {first['line']}, column {first['col']}" if first.get("line") else ""
        raise Invalid(f"The query can't be read{where}: {first.get('description') or 'it is no valid SELECT'}") from None
    except RecursionError:
        raise Invalid("The query is nested too deeply.") from None
    if len(found) != 1:
        raise Invalid("Ask one SELECT at a time." if found else "The query is empty.")
    tree = found[0]
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        raise Invalid("Only SELECT can be asked here.")
    return tree


def _check(tree: exp.Query) -> None:
    from sqlglot import exp

    refused: tuple[type, ...] = (
        exp.Command, exp.DDL, exp.DML, exp.Into, exp.Lock, exp.Placeholder, exp.Parameter, exp.Lateral, exp.Apply, exp.Set,
        exp.Pragma, exp.Hint, exp.Use, exp.Describe, exp.Show, exp.Kill, exp.Alter, exp.Drop,
    )  # fmt: skip
    queries = {cte.alias for cte in tree.find_all(exp.CTE) if isinstance(cte.this, exp.Query)}
    if TABLE in queries:
        raise Invalid(f"Give the WITH query another name than {TABLE}.")
    for node in tree.walk():
        if isinstance(node, refused):
            raise Invalid(f"{type(node).__name__} isn't possible here; ask one plain SELECT.")
        if isinstance(node, exp.Select | exp.SetOperation):
            _check_parts(node)
        elif isinstance(node, exp.Table):
            _check_table(node, queries)
        elif isinstance(node, exp.In):
            _check_in(node)


def _check_parts(node: exp.Expression) -> None:
    from sqlglot import exp

    if isinstance(node, exp.Select):
        extra = {name for name, value in node.args.items() if value} - _SELECT_PARTS
        if extra:
            raise Invalid(f"{', '.join(sorted(extra)).rstrip('_').upper()} isn't possible here.")
    elif node.args.get("format") or node.args.get("settings"):
        raise Invalid("FORMAT and SETTINGS aren't possible here.")


def _check_table(node: exp.Table, queries: set[str]) -> None:
    from sqlglot import exp

    if not isinstance(node.this, exp.Identifier):
        raise Invalid("Table functions aren't possible here; the one table is interactions.")
    if node.args.get("db") or node.args.get("catalog") or (node.name != TABLE and node.name not in queries):
        raise Invalid(f"There is no table {node.sql(dialect='clickhouse')} here; the one table is {TABLE}.")


def _check_in(node: exp.In) -> None:
    """A bare name at the right of IN is a table to ClickHouse, in brackets too."""
    from sqlglot import exp

    right = [*node.expressions, node.args.get("field")]
    bare = (exp.Column, exp.Identifier, exp.Table, exp.Dot)
    if any(isinstance(one.unnest() if isinstance(one, exp.Expression) else one, bare) for one in right):
        raise Invalid("At the right of IN, write values or a SELECT in brackets.")


def _own_rows(database: str) -> str:
    """Return the SELECT of a workspace's own rows, each under the customer of today."""
    import sqlglot
    from sqlglot import exp

    from amity.engines.past.behaviour.question import joined

    place = exp.to_identifier(database, quoted=True).sql("clickhouse")
    whose, join, _ = joined(workspace="{amity_workspace:UInt32}", merged=True, then=None)
    join = join.replace("FROM merges", f"FROM {place}.merges")
    sql = (
        f"SELECT {whose} AS customer_id, raw.* EXCEPT ({', '.join(HIDDEN)}, customer_id) FROM {place}.interactions_raw AS raw{join} "  # noqa: S608  our own names only
        "PREWHERE raw.workspace_id = {amity_workspace:UInt32}"
    )
    return sqlglot.parse_one(sql, dialect="clickhouse").sql("clickhouse")


def _bind(tree: exp.Query, *, source: str) -> None:
    """Rename WITH queries, and put the workspace's own rows where `interactions` stands."""
    import sqlglot
    from sqlglot import exp

    for cte in tree.find_all(exp.CTE):
        if isinstance(cte.this, exp.Query):
            cte.set("alias", exp.TableAlias(this=exp.to_identifier(_PREFIX + cte.alias, quoted=True)))
    for table in list(tree.find_all(exp.Table)):
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
        if table.name == TABLE:
            own = sqlglot.parse_one(source, dialect="clickhouse")
            bound: exp.Expression = exp.Subquery(this=own, alias=alias.copy())
            for part in ("joins", "laterals"):
                if table.args.get(part):
                    bound.set(part, table.args[part])
        else:
            bound = table.copy()
            bound.set("this", exp.to_identifier(_PREFIX + table.name, quoted=True))
            bound.set("alias", alias.copy())
        table.replace(bound)


def _check_calls(sql: str, *, forbidden: frozenset[str]) -> None:
    """Look at the tokens of what will run: each word before a bracket is an allowed function, a type or a keyword.

    ClickHouse takes a bare name for a function too (`arrayMap(file, …)` reads files), so a name that is another function's
    may not stand anywhere but behind or before a dot.
    """
    from sqlglot.dialects.clickhouse import ClickHouse
    from sqlglot.tokenizer_core import TokenType

    tokens = ClickHouse().tokenize(sql)
    for before, word, bracket in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        name = word.text
        if word.token_type in {TokenType.STRING, TokenType.NUMBER}:
            continue
        after = bracket.token_type if bracket else None
        if name.upper() == "OUTFILE":
            raise Invalid("INTO OUTFILE isn't possible here.")
        dotted = after == TokenType.DOT or (before is not None and before.token_type == TokenType.DOT)
        if after != TokenType.L_PAREN:
            if name.lower() in forbidden and not dotted:
                raise Invalid(f"{name} is the name of a function that isn't possible here; name your column otherwise.")
            continue
        if not re.fullmatch(r"\w+", name) or (word.token_type != TokenType.IDENTIFIER and name.upper() in _KEYWORDS | _TYPES):
            continue
        if not is_allowed(name):
            raise Invalid(f"The function {name} isn't possible here.")


def is_allowed(function: str) -> bool:
    """Whether people may call this function; aggregates also with combinators, such as `sumIf`."""
    name = function
    while name:
        if name.lower() in allowed_functions():
            return True
        shorter = _COMBINATOR.sub("", name)
        if shorter == name:
            return False
        name = shorter
    return False


@cache
def _known_settings() -> frozenset[str]:
    """Return those of `_LENIENT` that the past's engine knows; asked once a process."""
    from amity.engines.past.client import errors, past

    with errors():
        rows = past().query("SELECT name FROM system.settings WHERE endsWith(name, '_throw_on_type_mismatch')").result_rows
    return frozenset(name for (name,) in rows) & _LENIENT


@cache
def engine_functions() -> frozenset[str]:
    """Return the names of all functions that the past's engine has, in lower case; asked once a process."""
    from amity.engines.past.client import errors, past

    with errors():
        return frozenset(name.lower() for (name,) in past().query("SELECT name FROM system.functions").result_rows)


@cache
def allowed_functions() -> frozenset[str]:
    """Return the names in `functions.txt`, in lower case."""
    text = files("amity.engines.past").joinpath("functions.txt").read_text(encoding="utf-8")
    return frozenset(name.lower() for line in text.splitlines() if not line.startswith("#") for name in line.split())


def explained(error: AmityError, *, seconds: float, memory: int) -> AmityError:
    """Return an error of the engine's in the words of whoever asked."""
    match error.code:
        case "past_159" | "past_160":
            return AmityError(f"The query took longer than {seconds:g} seconds. Ask for a shorter time span.", code="too_slow")
        case "past_241":
            return AmityError(f"The query needed more than {memory // 10**6:,} MB. Ask for less at once.", code="too_large")
        case code if code.startswith("past_"):
            return Invalid(error.message.removeprefix("The past refused: ").replace(_PREFIX, ""))
    return error
