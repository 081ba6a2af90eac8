"""`amity import`: bring a file of interactions in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from amity.rooms.collection.rules.imports.mapping import Mapping


@click.command(short_help="Bring a file of interactions in: CSV, JSON Lines, Parquet, XES, OCEL.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--map", "map_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A map of the file, in YAML."
)
@click.option("--customer", metavar="COLUMN", help="The column that says whose a row is (the map's user_id).")
@click.option("--event", metavar="NAME", help="What happened in every row, for example: Order Completed.")
@click.option("--time", metavar="COLUMN", help="The column that says when it happened.")
@click.option("--dates", metavar="FORM", help="How times are written: iso, dmy, mdy, ymd, seconds, milliseconds, or %d/%m/%Y.")
@click.option("--dry-run", is_flag=True, help="Show what would be made of the file, and import nothing.")
@click.option(
    "--save-map", type=click.Path(dir_okay=False, path_type=Path), help="Write the map, guesses included, to this file."
)
@click.option("--source", metavar="NAME", help="The source of kind import that receives it; without it one named after the file.")
@click.option("--again", is_flag=True, help="Import a file once more that was imported before: its rows count twice then.")
@click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of it as JSON.")
def command(  # noqa: PLR0913  the command's options
    *,
    file: Path,
    map_file: Path | None,
    customer: str | None,
    event: str | None,
    time: str | None,
    dates: str | None,
    dry_run: bool,
    save_map: Path | None,
    source: str | None,
    again: bool,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Read FILE and append its interactions to the log, from where they go the way of all interactions.

    Amity guesses what each column is and asks for what it can't guess. Rows that can't be taken are listed, with their line and
    reason, in FILE.rejected.csv; all others pass. Stop it at any time: the same command goes on where it stopped.

    \b
    Examples:
      amity import orders.csv --dry-run
      amity import orders.csv --event "Order Completed" --customer CustomerID
      amity import helpdesk.xes.gz --map helpdesk.yaml
    """  # noqa: D301  click wants the character
    from amity.config.cli.importing import Asked, bring_in, look_through

    given = {"user_id": customer, "event": event, "time": time, "dates": dates}
    with file.open("rb") as stream:
        asked = Asked(file, stream, _given(map_file, {name: value for name, value in given.items() if value}))
        found = asked.look(may_ask=sys.stdin.isatty() and not as_json)
        if save_map is not None:
            _save(save_map, found.mapping)
        if dry_run:
            look_through(found)
            return
        bring_in(file, stream, found, source=source, again=again, workspace=workspace, as_json=as_json)


def _given(map_file: Path | None, over: dict[str, str]) -> Mapping:
    import msgspec

    from amity.kernel.errors import Invalid
    from amity.rooms.collection.rules.imports.mapping import Mapping, read_mapping

    try:
        held = read_mapping(map_file.read_text(encoding="utf-8")) if map_file is not None else Mapping()
    except UnicodeDecodeError as error:
        raise Invalid(f"The map {map_file} is no text in UTF-8.") from error
    return msgspec.structs.replace(held, **over)


def _save(path: Path, mapping: Mapping) -> None:
    from amity.rooms.collection.rules.imports.mapping import as_yaml

    path.write_text(as_yaml(mapping), encoding="utf-8")
    click.echo(f"The map is in {path}. Change it there, and give it with --map {path}.", err=True)
