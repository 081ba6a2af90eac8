"""Loads the log: the backup's entries, then what followed them in a log that outlived the rest, up to an instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nats.js.errors import NotFoundError

from amity.engines.addresses import addresses
from amity.engines.archive.reading import Part
from amity.engines.backup import log as entries
from amity.engines.backup.log import Stretch
from amity.engines.log.client import Log
from amity.kernel.clock import from_ms
from amity.kernel.errors import AmityError
from amity.kernel.settings import settings

Told = Callable[[str, int], None]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the backup says of its log: it carries the entries behind `after` to `last`; `fingerprint` is the last one's."""

    after: int
    last: int
    fingerprint: str


async def load_log(part: Part, about: dict[str, Any], follows: str | None, *, until: int | None, told: Told) -> dict[str, Any]:
    """Fill the log and return where it stands. Raises AmityError where the two logs don't fit together, or one is in use."""
    chosen, known = settings(), Known(**about)
    log = await Log.connect(addresses().log, name="restore")
    try:
        if await _holds_it_already(log, known, until=until):
            first, last = await entries.state_of(log)
            return {"kept": True, "last": last, "followed": last - known.last}
        await log.prepare(
            max_bytes=chosen.log_max_bytes,
            max_days=chosen.log_max_days,
            replicas=chosen.log_replicas,
            first_seq=known.after + 1,
        )
        for number, entry in enumerate(entries.entries_of(part)):
            await entries.put(log, entry)
            told(entries.NAME, number + 1)
        followed = await _follow(log, known, follows, until=until, told=told) if follows else 0
        first, last = await entries.state_of(log)
    finally:
        await log.close()
    return {"kept": False, "first": first, "last": last, "followed": followed}


async def _holds_it_already(log: Log, known: Known, *, until: int | None) -> bool:
    """Whether the log given by AMITY_LOG_URL is the one that was backed up: it is kept then, with all that followed."""
    try:
        state = await log.state()
    except NotFoundError:
        return False
    if not state.messages and state.last_seq < known.last:
        raise AmityError(
            "The log holds an empty stream AMITY, which can't go on from the backup's. Delete the stream, and begin again."
        )
    await _refuse_other(log, known, "The log that AMITY_LOG_URL names")
    if until is not None:
        raise AmityError(
            "The log that AMITY_LOG_URL names holds entries, and all of them would be worked, also those after --until. "
            "Give an empty log there, and this one as --log."
        )
    return True


async def _follow(log: Log, known: Known, follows: str, *, until: int | None, told: Told) -> int:
    """Append what the other log holds behind the backup's last entry, and return how many entries those were."""
    other = await Log.connect(follows, name="restore")
    try:
        await _refuse_other(other, known, "The log given as --log")
        _, last = await entries.state_of(other)
        followed = 0
        async for entry in entries.read(other, Stretch(after=known.last, last=last)):
            if until is not None and entry.stored_at >= until:
                break
            await entries.put(log, entry)
            followed += 1
            told("what followed", followed)
    finally:
        await other.close()
    return followed


async def _refuse_other(log: Log, known: Known, name: str) -> None:
    """Raise AmityError unless this log is the one that was backed up and holds all that followed."""
    first, last = await entries.state_of(log)
    if last < known.last:
        raise AmityError(f"{name} ends at entry {last}, and the backup's at {known.last}: it is another log, or an older copy.")
    if first > known.last + 1:
        begins = await entries.stored_at(log, first)
        raise AmityError(
            f"{name} begins at entry {first}, stored {from_ms(begins):%Y-%m-%d %H:%M:%S} UTC: it no longer holds what followed the "
            f"backup's last entry, {known.last}. Use a later backup, or restore without it."
        )
    found = await entries.fingerprint(log, known.last) if first <= known.last else ""
    if found and known.fingerprint and found != known.fingerprint:
        raise AmityError(f"{name} holds another entry {known.last} than the backup's log did: it is another log.")
