"""What `amity import` does once its options are read: look, ask, show, bring in."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.rooms.collection.rules.imports.guess import Question
from amity.rooms.collection.rules.imports.looking import Look, look
from amity.rooms.collection.rules.imports.mapping import Mapping, as_yaml, plain
from amity.rooms.collection.rules.imports.preview import Preview, preview

_OPTIONS = {"user_id": "--customer NAME_OF_A_COLUMN", "event": "--event 'Order Completed'", "time": "--time NAME_OF_A_COLUMN", "dates": "--dates dmy"}  # fmt: skip


class Asked:
    """A file and what its map says, which grows with each answer."""

    def __init__(self, path: Path, stream: BinaryIO, given: Mapping) -> None:
        self._path, self._stream, self._given = path, stream, given

    def look(self, *, may_ask: bool) -> Look:
        """Look at the file, and ask a person what can't be guessed. Raises Invalid, saying what to give, where nobody can be asked."""
        while True:
            found = look(self._stream, name=self._path.name, size=self._path.stat().st_size, given=self._given)
            if not found.questions:
                return found
            one = found.questions[0]
            if not may_ask:
                raise Invalid(_missing(one, found))
            self._given = msgspec.structs.replace(self._given, **{one.field: _ask(one)})


def _missing(one: Question, found: Look) -> str:
    option = _OPTIONS.get(one.field)
    choices = f" One of: {', '.join(one.choices)}." if one.choices else f" The file's columns: {', '.join(found.columns)[:500]}."
    return (
        f"{one.asks}{choices} Say so with {option}, or in the map: {one.line}" if option else f"{one.asks} In the map: {one.line}"
    )


def _ask(one: Question) -> str:
    kind = click.Choice(one.choices) if one.choices else None
    answer: str = click.prompt(one.asks, type=kind, show_choices=True, err=True)
    return answer


def look_through(found: Look) -> None:
    """Print what would be made of the whole file."""
    seen = preview(found, received_at=now_ms())
    for what, how in found.facts:
        click.echo(f"{what + ':':<14}{how}")
    click.echo("\nColumns")
    width = max(len(name) for name in found.columns)
    for name in found.columns:
        held = found.looks[name]
        click.echo(
            f"  {name:<{width}}  {held.kind:<8} {held.filled:>6,} filled, {held.different:>6,} different  {_shown(held.example)}"
        )
    click.echo("\nMap (keep it with --save-map FILE)")
    click.echo("".join(f"  {line}\n" for line in as_yaml(found.mapping).splitlines()), nl=False)
    _print_preview(seen)


def _print_preview(seen: Preview) -> None:
    click.echo("\nFirst interactions")
    for one in seen.first:
        click.echo(f"  {from_ms(one.time):%Y-%m-%d %H:%M:%S} UTC  {one.name or one.kind}  of {one.customer_key}")
        for part in ("properties", "traits"):
            text = bytes(getattr(one, part)).decode()
            if text != "{}":
                click.echo(f"    {part}: {_shown(text, 300)}")
    click.echo("\nFirst customers")
    for held in seen.customers.values():
        described = f"  {_shown(json.dumps(held.traits, ensure_ascii=False), 200)}" if held.traits else ""
        click.echo(f"  {held.key}: {', '.join(name for _, name in held.interactions)}{described}")
    click.echo(
        f"\n{seen.rows:,} rows: {seen.interactions:,} interactions, {seen.left_out:,} left out by the map, {seen.rejected:,} rejected."
    )
    if seen.first_time is not None and seen.last_time is not None:
        click.echo(
            f"From {from_ms(seen.first_time):%Y-%m-%d} to {from_ms(seen.last_time):%Y-%m-%d}; about {seen.bytes / 1e6:,.1f} MB in the log."
        )
    for reason, count in seen.reasons.most_common():
        first = next((one for one in seen.refused if one.reason == reason), None)
        click.echo(f"  {count:>8,} {reason}" + (f", the first at {first.line}: {first.detail}" if first else ""))


def bring_in(  # noqa: PLR0913  the command's options
    file: Path, stream: BinaryIO, found: Look, *, source: str | None, again: bool, workspace: str | None, as_json: bool
) -> None:
    """Import a file in this process, or go on with it where an earlier try stopped."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.rooms.collection.actions.imports.register import digest_of
    from amity.rooms.collection.actions.imports.run import Run, claim

    where = chosen_workspace(workspace)
    digest, size = digest_of(stream)
    import_id = _to_go_on(where.id, digest, found, file=file) if not again else None
    if import_id is None:
        import_id = _new(where.id, file, digest, size, found, source=source, again=again)
    else:
        click.echo("It goes on where it stopped.", err=True)
    one = claim(import_id)
    if one is None:
        raise Invalid("Another process imports this file right now.")
    progress = _Progress()
    run = Run(one, told=progress)
    try:
        done = run.work()
    except KeyboardInterrupt:
        run.release("cancelled")
        progress.end()
        click.echo(f"Stopped; {one.stored:,} interactions are stored. The same command goes on from there.", err=True)
        raise SystemExit(130) from None
    finally:
        progress.end()
    _say(done, as_json=as_json, report=one.report)


def _to_go_on(workspace_id: int, digest: str, found: Look, *, file: Path) -> Any:
    """Return the import of this file that was begun and can go on. Raises Invalid where it was begun with another map."""
    from amity.rooms.collection.models import Import

    held = (
        Import.objects.filter(workspace_id=workspace_id, digest=digest, own_file=False)
        .exclude(prefix="")
        .order_by("-created_at")
        .first()
    )
    if held is None or held.state == "done":
        return None
    _wait_for_quiet(held)
    if held.mapping != plain(found.mapping):
        raise Invalid(
            "This file was begun with another map. Give the same map to go on, or --again to import all of it once more:\n"
            + as_yaml(msgspec.convert(held.mapping, Mapping))
        )
    Import.objects.filter(pk=held.pk).update(
        state="waiting", path=str(file.resolve()), cancel_asked_at=None, trouble="", finished_at=None
    )
    return held.pk


def _wait_for_quiet(held: Any) -> None:
    """Wait until it is clear that nobody works the import any more. Raises Invalid as soon as somebody is heard of."""
    told_at, said = held.told_at, False
    while held.view().state == "running" and not held.view().quiet:
        if not said:
            click.echo("It was worked a moment ago. Waiting to hear whether somebody still does.", err=True)
            said = True
        time.sleep(0.5)
        held.refresh_from_db()
        if held.told_at != told_at:
            raise Invalid("Another process imports this file right now.")


def _new(workspace_id: int, file: Path, digest: str, size: int, found: Look, *, source: str | None, again: bool) -> Any:  # noqa: PLR0913
    from amity.rooms.collection.actions.imports.register import queue, register
    from amity.rooms.collection.api import list_sources
    from amity.rooms.collection.models import Import
    from amity.rooms.trust.contracts import COMMAND_LINE

    source_id = None
    if source is not None:
        source_id = next(
            (one.id for one in list_sources(workspace_id=workspace_id) if one.name == source and one.kind == "import"), None
        )
        if source_id is None:
            raise NotFound(
                f"There is no source of kind import called {source!r}. Make it: amity source create {source!r} --kind import"
            )
    made = register(
        workspace_id=workspace_id,
        actor=COMMAND_LINE,
        path=file.resolve(),
        name=file.name,
        digest=digest,
        size=size,
        own_file=False,
    )
    try:
        queue(
            workspace_id=workspace_id, import_id=made.id, mapping=plain(found.mapping), source_id=source_id, actor=COMMAND_LINE,
            again=again, state="running",
        )  # fmt: skip
    except AmityError as error:
        Import.objects.filter(pk=made.id).delete()
        if error.code == "again":
            raise Invalid(f"{error.message} If that is meant, add --again.") from error
        raise
    return made.id


def _say(done: Any, *, as_json: bool, report: str) -> None:
    if as_json:
        from amity.config.cli.setup import print_json

        shown = asdict(done) | {"report": report}
        print_json(
            {
                name: shown[name]
                for name in ("id", "name", "state", "rows", "stored", "rejected", "left_out", "reasons", "trouble", "report")
            }
        )
    else:
        left = f", {done.left_out:,} left out by the map" if done.left_out else ""
        click.echo(f"{done.stored:,} interactions of {done.rows:,} rows are in the log{left}, {done.rejected:,} rows rejected.")
        for reason, count in sorted(done.reasons.items()):
            click.echo(f"  {count:>8,} {reason}")
        if report:
            click.echo(f"The rejected rows are listed in {report}")
    if done.state == "failed":
        raise AmityError(done.trouble)
    if done.state == "cancelled":
        raise AmityError("The import was cancelled in the console. The same command goes on from there.")


class _Progress:
    """One line that changes where a person looks, and a line every tenth elsewhere."""

    def __init__(self) -> None:
        self._live, self._tenth, self._open, self._trouble = sys.stderr.isatty(), 0, False, ""

    def __call__(self, now: Any) -> None:
        if now.trouble and now.trouble != self._trouble:
            self.end()
            click.echo(f"It waits: {now.trouble}", err=True)
        self._trouble = now.trouble
        left = f", {_duration(now.seconds_left)} left" if now.seconds_left is not None else ""
        line = f"{now.share:4.0%}  {now.stored:,} stored, {now.rate:,.0f} a second, {now.rejected:,} rejected{left}"
        tenth = int(now.share * 10)
        if self._live:
            click.echo(f"\r{line:<100}", err=True, nl=False)
            self._open = True
        elif tenth > self._tenth:
            self._tenth = tenth
            click.echo(line, err=True)

    def end(self) -> None:
        """End the line."""
        if self._open:
            click.echo("", err=True)
            self._open = False


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min" if minutes else f"{rest} s"


def _shown(text: str, most: int = 60) -> str:
    plain_text = "".join(c if c.isprintable() else " " for c in text)  # no control characters of strangers on a terminal
    return plain_text if len(plain_text) <= most else plain_text[: most - 1] + "…"
