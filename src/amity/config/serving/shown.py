"""Health and findings as text on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from amity.engines.diagnosis.finding import Finding
from amity.engines.health import Health

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "broken": ("✗", "red")}
_VERDICTS = {"ok": ("all is well", "green"), "degraded": ("works, but look at this", "yellow"), "down": ("not working", "red")}


def show_health(health: Health) -> None:
    """Print a snapshot."""
    words, colour = _VERDICTS[health.verdict]
    running = f"process {health.supervisor}" if health.supervisor else "not running here"
    click.echo(f"Amity {health.version} ({running}): {click.style(words, fg=colour)}")
    for problem in health.problems:
        click.echo(f"  {click.style('!', fg='yellow')} {problem}")
    click.echo()
    _table(
        ("engine", "", "version", "latency", "on disk"),
        [
            (one.name, one.kind, one.version, _latency(one.latency_ms), _size(one.bytes)) if one.reachable
            else (one.name, one.kind, "does not answer", "", "")
            for one in health.engines
        ],
    )  # fmt: skip
    if health.processes:
        _table(
            ("process", "state", "since", "pid", "restarts", "memory"),
            [
                (one.name, one.state, _span(one.seconds), str(one.pid or ""), str(one.restarts), _size(one.memory))
                for one in health.processes
            ],
        )
    if (pipe := health.pipeline) is not None:
        _table(
            ("reader", "position", "behind"),
            [(one.reader, f"{one.seq:,}", f"{one.behind:,}" + ("  halted" if one.halted else "")) for one in pipe.readers],
        )
        click.echo(
            f"The log holds {pipe.entries:,} entries up to {pipe.last_seq:,}; the pipeline is {pipe.seconds_behind:.1f} s behind; "
            f"{pipe.pending_batches:,} batches wait for the past, {pipe.outbox:,} facts for the log."
        )
        for one in pipe.damages:
            what = "read from another replica" if one.outcome == "rescued" else f"passed by {one.by}: {one.reason}"
            click.echo(f"{one.when:%Y-%m-%d %H:%M} UTC: lost by the log: {one.which}; {what}")
    for disk in health.disks:
        click.echo(f"{_size(disk.free)} of {_size(disk.total)} are free on the disk of {disk.path}.")


def show_findings(findings: Iterable[Finding]) -> None:
    """Print what the doctor found, each with how to mend it."""
    for one in findings:
        mark, colour = _MARKS[one.state]
        click.echo(f"{click.style(mark, fg=colour)} {click.style(one.about, bold=True)}: {one.text}")
        if one.mend:
            click.echo(f"    {one.mend}")


def _table(head: Sequence[str], rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    for n, row in enumerate([head, *rows]):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.echo("  " + (click.style(line, dim=True) if n == 0 else line))
    click.echo()


def _size(count: int | None) -> str:
    if count is None:
        return ""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit in {"B", "kB"} else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _latency(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} ms"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
