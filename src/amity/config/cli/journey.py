"""`amity journey`: test journeys in a pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from amity.rooms.journeys.queries.checks.run import Outcome


@click.group(short_help="Test journeys.")
def command() -> None:
    """Journeys are maps that measure themselves."""


@command.command("test")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--junit", type=click.Path(dir_okay=False, writable=True), help="Write the outcomes to this file as JUnit XML.")
@click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def test_command(*, file: str, junit: str | None, workspace: str | None, as_json: bool) -> None:
    """Tell whether journeys go as FILE says. Exit code 1 where a test doesn't hold or the file is wrong."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json
    from amity.kernel.errors import Invalid
    from amity.rooms.journeys.rules.checks.language import read

    try:
        asked = read(Path(file).read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Invalid(f"{file}: this is no text in UTF-8.") from None
    except Invalid as error:
        raise Invalid(f"{file}: {error.message}") from None
    django_ready()
    from amity.kernel.clock import now_ms
    from amity.rooms.journeys.queries.checks.run import run_checks

    try:
        found = run_checks(asked, where=chosen_workspace(workspace), as_of=now_ms())
    except Invalid as error:
        raise Invalid(f"{file}: {error.message}") from None
    if junit:
        Path(junit).write_text(_junit(found, file), encoding="utf-8")
    failed = sum(not one.passed for one in found)
    if as_json:
        print_json([
            {"journey": one.journey, "line": one.check.line, "test": one.check.text, "passed": one.passed, "found": one.found, "n": one.n}
            for one in found
        ])  # fmt: skip
    else:
        for one in found:
            click.echo(f"{'✓' if one.passed else '✗'} {_plain(one.journey)}: {_plain(one.check.text)}\n    {_plain(one.found)}")
        click.echo(f"{len(found) - failed} of {len(found)} hold.")
    if failed:
        raise SystemExit(1)


def _junit(found: Sequence[Outcome], file: str) -> str:
    """Return outcomes as JUnit XML: a suite a journey, a case a test."""
    suites: dict[str, list[Outcome]] = {}
    for one in found:
        suites.setdefault(one.journey, []).append(one)
    failed = sum(not one.passed for one in found)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites tests="{len(found)}" failures="{failed}">']
    for journey, outcomes in suites.items():
        bad = sum(not one.passed for one in outcomes)
        lines.append(f'<testsuite name={_quoted(journey)} tests="{len(outcomes)}" failures="{bad}">')
        for one in outcomes:
            head = f'<testcase classname={_quoted(journey)} name={_quoted(one.check.text)} file={_quoted(file)} line="{one.check.line}"'
            body = (
                f"<failure message={_quoted(one.found)}/>"
                if not one.passed
                else f"<system-out>{_escaped(one.found)}</system-out>"
            )
            lines.append(f"{head}>{body}</testcase>")
        lines.append("</testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _quoted(text: str) -> str:
    from xml.sax.saxutils import quoteattr

    return quoteattr(_plain(text))


def _escaped(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape(_plain(text))


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)
