"""Writes an export where the command line was told to: a file that appears whole or not at all, or standard output."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import click

from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.export import Export
from amity.rooms.customers.rules.export.wanted import Format, Wanted, format_of
from amity.rooms.trust.contracts import COMMAND_LINE


def write(*, file: str, form: str | None, workspace_id: int, wanted: Wanted, total: int = 0) -> Export:
    """Write one export and return how it went; `total` is about how many rows there are, 0 where that isn't known.

    Raises Invalid, NotRunning.
    """
    if file == "-" and form is None:
        raise Invalid("Standard output has no name to tell its form: add --format parquet, csv, jsonl, xes or jsonocel.")
    chosen, gzipped = (form, False) if file == "-" else format_of(file)
    if form not in {None, chosen}:
        raise Invalid(f"{file!r} is the name of a .{chosen} file, and --format says {form}.")
    export = Export(
        who=COMMAND_LINE, workspace_id=workspace_id, wanted=wanted, form=cast("Format", chosen), gzipped=gzipped, target=file
    )
    with _stdout() if file == "-" else whole_file(Path(file)) as out:
        size = _pour(export, out, total)
    click.echo(f"\r{export.rows:,} {export.subject}, {size / 1e6:,.1f} MB{' ' * 20}", err=True)
    return export


def _pour(export: Export, out: BinaryIO, total: int) -> int:
    size, shown = 0, 0.0
    with closing(export.pieces()) as pieces:
        for piece in pieces:
            out.write(piece)
            size += len(piece)
            if time.monotonic() - shown > 1:
                shown = time.monotonic()
                share = f"{min(export.rows / total, 1):6.1%}  " if total else ""
                click.echo(f"\r{share}{export.rows:,} {export.subject}, {size / 1e6:,.1f} MB", nl=False, err=True)
    return size


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that gets its name only once it is whole and on disk; until then, and after a failure, there is none.

    Only its owner may read it. Raises Invalid where it can't be written.
    """
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise Invalid(f"{path} can't be written: {error.strerror}.") from error
    try:
        with os.fdopen(number, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise Invalid(f"{path} can't be written: {error.strerror}.") from error
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def _stdout() -> Iterator[BinaryIO]:
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # `… | head` has read enough
        sys.stdout = None
        raise SystemExit(1) from None


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
