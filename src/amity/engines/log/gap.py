"""What may be wrong with the log, in words: each says what happened, what is missing, and that nothing is read meanwhile."""

from __future__ import annotations

from amity.kernel.errors import LogGap

_DECIDE = (
    " Nothing is read until someone decides: put the log's data back from a replica or a backup, and reading goes on by itself; or "
    "go on without them: amity log pass-gap."
)


def hole(first: int, last: int) -> LogGap:
    """Entries in the middle are gone."""
    which = f"Entries {first} to {last} are" if last > first else f"Entry {first} is"
    text = f"{which} missing in the log, though not yet due to expire: its files are damaged.{_DECIDE}"
    return LogGap(text, first=first, last=last)


def unreadable(seq: int, why: str) -> LogGap:
    """The log refuses to give one entry."""
    return LogGap(f"Entry {seq} of the log can't be read: {why}.{_DECIDE}", first=seq, last=seq)


def expired(first: int, last: int) -> LogGap:
    """The log begins behind what is to be read next."""
    text = (
        f"{last - first + 1} entries of the log ({first} to {last}) are gone before they were read: they expired, because this "
        f"reader stood still for longer than AMITY_LOG_MAX_DAYS, or the log's oldest files were damaged.{_DECIDE}"
    )
    return LogGap(text, first=first, last=last)


def ended(*, ends: int, read: int) -> LogGap:
    """The log ends before what was read already."""
    return LogGap(
        f"The log ends at {ends}, but was already read to {read}: it lost its end, was emptied or replaced, or put back from an older "
        f"backup.{_DECIDE}"
    )


def another(read: int) -> LogGap:
    """Under the number that was read last stands another entry."""
    return LogGap(
        f"Entry {read} of the log is not the one that was read under this number: the log lost its end, was replaced, or put back from "
        f"an older backup, and has counted on since.{_DECIDE}"
    )


def cut(first: int, last: int) -> LogGap:
    """The log's end was cut off and its numbers given again: whoever wrote the entry `first` had been told of `last` before."""
    text = (
        f"Entries {first} to {last} were in the log once and are lost: its end was cut off, most likely by damage to its files, and "
        f"these numbers were given again.{_DECIDE}"
    )
    return LogGap(text, first=first, last=last, cut=True)
