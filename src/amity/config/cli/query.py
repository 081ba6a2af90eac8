"""`amity query`: a question to the past, in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from amity.engines.past.guard import Answer

_WIDEST = 60


@click.command(short_help="Ask the past a read-only question in SQL.")
@click.argument("sql")
@click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array with one object a row.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=None, help="Most rows to print: 1,000, or 100,000 as JSON.")
def command(*, sql: str, workspace: str | None, as_json: bool, limit: int | None) -> None:
    """Ask a SELECT in ClickHouse's SQL. The one table is `interactions`, and of it only the workspace's own rows.

    Its columns: message_id, name, type, customer_id, time, channel, touchpoint, voice, session_id, value, currency, properties
    (ask for properties.plan), traits, consent, source_id and more: amity query "SELECT * FROM interactions LIMIT 1" --json

    \b
    Examples:
      amity query "SELECT name, count() AS n FROM interactions GROUP BY name ORDER BY n DESC"
      amity query "SELECT toDate(time) AS day, uniq(customer_id) AS customers FROM interactions GROUP BY day ORDER BY day"
    """  # noqa: D301  click wants the character
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.engines.past.guard import ask_people
    from amity.kernel.settings import settings
    from amity.rooms.trust.api import record
    from amity.rooms.trust.contracts import COMMAND_LINE

    where = chosen_workspace(workspace)
    answer = ask_people(
        sql=sql,
        workspace_id=where.id,
        seconds=settings().query_seconds,
        memory=settings().query_memory,
        limit=limit or (100_000 if as_json else 1_000),
    )
    record(
        COMMAND_LINE,
        action="query.run",
        target="interactions",
        after={"sql": sql[:4_000], "rows": len(answer.rows)},
        workspace_id=where.id,
    )
    if as_json:
        _print_json(answer)
    else:
        _print_table(answer)


def _print_json(answer: Answer) -> None:
    import json

    click.echo("[" + ",\n ".join(json.dumps(one, ensure_ascii=False) for one in answer.objects()) + "]")
    if answer.truncated:
        click.echo(f"Only the first {len(answer.rows):,} rows; ask for more with --limit.", err=True)


def _print_table(answer: Answer) -> None:
    names = [name for name, _ in answer.columns]
    rows = [[_cell(value) for value in row] for row in answer.rows]
    numeric = [any(word in kind for word in ("Int", "Float", "Decimal")) and "(Int" not in kind for _, kind in answer.columns]
    widths = [max(len(name), *(len(row[i]) for row in rows)) if rows else len(name) for i, name in enumerate(names)]

    def line(cells: list[str]) -> str:
        return "  ".join(c.rjust(w) if n else c.ljust(w) for c, w, n in zip(cells, widths, numeric, strict=True)).rstrip()

    click.echo(line(names))
    click.echo("  ".join("-" * width for width in widths))
    for row in rows:
        click.echo(line(row))
    more = " (there are more; ask with --limit)" if answer.truncated else ""
    click.echo(f"{len(rows):,} {'row' if len(rows) == 1 else 'rows'}{more}, {answer.elapsed:.2f} s")


def _cell(value: Any) -> str:
    import json

    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(c if c.isprintable() else " " for c in text)  # no control characters of strangers on a terminal
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
