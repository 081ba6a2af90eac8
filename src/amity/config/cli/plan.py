"""`amity plan`: the tracking plan as files, for review beside code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

LOCK = ".amity-plan.json"


@click.group(short_help="Write the tracking plan to files, and make it what files say.")
def command() -> None:
    """The tracking plan as YAML files, one for each interaction: review changes where the code that sends them is reviewed."""


def _where(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say whose plan."""
    for option in (
        click.option("--token", envvar="AMITY_TOKEN", metavar="TOKEN", help="API token for --url; AMITY_TOKEN unless given."),
        click.option("--url", envvar="AMITY_URL", metavar="ADDRESS", help="Another machine's console; AMITY_URL unless given."),
        click.option("--workspace", metavar="SLUG", help="Which workspace of this machine; the default one unless given."),
        click.argument("folder", type=click.Path(file_okay=False, path_type=Path)),
    ):
        function = option(function)
    return function


@command.command()
@_where
def pull(*, folder: Path, workspace: str | None, url: str | None, token: str | None) -> None:
    """Write the plan to FOLDER: one YAML file an interaction, plan.yaml for the rest, and the versions they were made from.

    Files that tell of planned interactions are written anew where they are; those of interactions that the plan holds no more
    go, if they were pulled. Others stay.
    """
    from amity.config.cli.planning import there
    from amity.kernel.errors import Invalid
    from amity.rooms.collection.rules.plan.files import REST_FILE, document_text, paths_for, read_files, rest_text

    plan = there(workspace, url, token).pull()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        held = read_files(_texts(folder))
    except Invalid as error:
        raise Invalid(f"{folder} holds files that can't be read; mend or move them first.\n{error.message}") from error
    versions = {(one["kind"], one["name"]): one["version"] for one in plan["interactions"]}
    paths = paths_for(versions, held.paths)
    wanted = {paths[one["kind"], one["name"]]: document_text(one["document"]) for one in plan["interactions"]}
    wanted[REST_FILE] = rest_text(unplanned=plan["unplanned"], sources=plan["sources"])
    gone = [held.paths[key] for key in (_locked(folder) or {}) if key in held.paths and key not in versions]
    written = sum(_write(folder / path, text) for path, text in wanted.items())
    for path in gone:
        (folder / path).unlink()
    _write_lock(folder, versions)
    stayed = len(held.documents) - len(gone) - len(held.paths.keys() & versions.keys())
    click.echo(
        f"{len(versions):,} interactions; {written:,} files written, {len(gone):,} removed"
        + (f", {stayed:,} that the plan doesn't hold left as they are." if stayed else ".")
    )


@command.command()
@_where
@click.option("--remove-others", is_flag=True, help="Take out of the plan what no file tells of.")
@click.option("--force", is_flag=True, help="Also where the plan was changed since these files were pulled.")
@click.option("--yes", "sure", is_flag=True, help="Don't ask before changing.")
@click.option("--json", "as_json", is_flag=True, help="Print what changed as JSON; asks nothing.")
def push(  # noqa: PLR0913  options
    *,
    folder: Path,
    workspace: str | None,
    url: str | None,
    token: str | None,
    remove_others: bool,
    force: bool,
    sure: bool,
    as_json: bool,
) -> None:
    """Make the plan what the files in FOLDER say: shows what differs, asks, and changes all of it or nothing."""
    from amity.config.cli.planning import there
    from amity.config.cli.setup import print_json

    files, expected = _read(folder), None if force else _locked(folder)
    place = there(workspace, url, token)
    would = place.push(files, expected=expected, remove_others=remove_others, dry_run=True)
    if would and not as_json:
        _print(would)
        if not sure:
            click.confirm(f"Change {_counted(would)}?", abort=True)
    done = place.push(files, expected=expected, remove_others=remove_others, dry_run=False) if would else []
    if would and _locked(folder) is not None:
        _write_lock(folder, {(one["kind"], one["name"]): one["version"] for one in place.pull()["interactions"]})
    if as_json:
        print_json(done)
    elif done:
        click.echo(f"Changed {_counted(done)}. The next interactions are held against it.")
    else:
        click.echo("The plan is what the files say.")


@command.command()
@_where
@click.option("--files-only", is_flag=True, help="Only look whether the files can be read; asks no Amity.")
@click.option("--json", "as_json", is_flag=True, help="Print what differs as JSON.")
def check(  # noqa: PLR0913  options
    *, folder: Path, workspace: str | None, url: str | None, token: str | None, files_only: bool, as_json: bool
) -> None:
    """Say where files and plan differ. Exit code 1 where they do, or where a file can't be read."""
    from amity.config.cli.planning import there
    from amity.config.cli.setup import print_json

    files = _read(folder)
    if files_only:
        click.echo(f"{len(files.documents):,} interactions, all readable.")
        return
    steps = there(workspace, url, token).push(files, expected=None, remove_others=True, dry_run=True)
    if as_json:
        print_json(steps)
    elif steps:
        _print(steps)
    else:
        click.echo(f"{len(files.documents):,} interactions; the plan is what the files say.")
    if steps:
        raise SystemExit(1)


def _read(folder: Path) -> Any:
    from amity.kernel.errors import Invalid
    from amity.rooms.collection.rules.plan.files import read_files

    if not folder.is_dir():
        raise Invalid(f"There is no folder {folder}; `amity plan pull {folder}` makes it.")
    files = read_files(_texts(folder))
    if not files.documents and files.unplanned is None:
        raise Invalid(f"{folder} holds no plan: no *.yaml, *.yml or *.json.")
    return files


def _texts(folder: Path) -> dict[str, str]:
    from amity.kernel.errors import Invalid

    found = {}
    for path in sorted(p for ending in ("yaml", "yml", "json") for p in folder.rglob(f"*.{ending}")):
        inner = path.relative_to(folder)
        if any(part.startswith(".") for part in inner.parts):
            continue
        try:
            found[inner.as_posix()] = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise Invalid(f"{inner}: not UTF-8; save it as UTF-8.") from error
    return found


def _write(path: Path, text: str) -> bool:
    """Write a file where its content differs; return whether it did."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def _locked(folder: Path) -> dict[tuple[str, str], int] | None:
    from amity.kernel.errors import Invalid

    path = folder / LOCK
    if not path.exists():
        return None
    try:
        return {(one["kind"], one["name"]): int(one["version"]) for one in json.loads(path.read_text(encoding="utf-8"))}
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(f"{path} can't be read; delete it and pull again.") from error


def _write_lock(folder: Path, versions: Mapping[tuple[str, str], int]) -> None:
    lines = [json.dumps({"kind": k, "name": n, "version": v}, ensure_ascii=False) for (k, n), v in sorted(versions.items())]
    _write(folder / LOCK, "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n")


def _print(steps: list[dict[str, Any]]) -> None:
    words = {"add": "+", "change": "~", "remove": "-"}
    for one in steps:
        named = "what no plan names" if one["kind"] == "plan" else f"{one['kind']} {one['name']}".strip()
        click.echo(f"{words[one['action']]} {_plain(named)}")
        for difference in one["differs"] if one["action"] == "change" else ():
            before, after = (json.dumps(difference[side], ensure_ascii=False) for side in ("before", "after"))
            click.echo(f"    {_plain(difference['path'])}: {_plain(before)} → {_plain(after)}")


def _counted(steps: list[dict[str, Any]]) -> str:
    return f"{len(steps):,} interaction{'' if len(steps) == 1 else 's'}"


def _plain(text: str) -> str:
    """Return people's text so that nothing in it can steer the terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)
