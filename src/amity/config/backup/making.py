"""Makes a backup of a running Amity: one instant of all three engines, written, read again, and only then given its name."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import msgspec

from amity.config.secrets import CONSOLE_KEY
from amity.config.serving.terminal import Terminal
from amity.engines.addresses import addresses
from amity.engines.archive.layout import Manifest
from amity.engines.archive.reading import check_whole
from amity.engines.archive.writing import Writer, beside, give_name
from amity.engines.backup import log as entries
from amity.engines.backup import past, present
from amity.engines.backup.log import Stretch
from amity.engines.backup.noted import note_backup
from amity.engines.fieldkeys import FILES as FIELD_KEYS
from amity.engines.log.client import Log
from amity.engines.present.barrier import nothing_moves
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError
from amity.kernel.settings import Settings

SECRETS = "secrets"
_POSITIONS = "SELECT coalesce(min(seq), -1), coalesce(max(seq), -1) FROM present_position WHERE reader LIKE 'worker-%'"
_AUDIT = "SELECT seq, hash FROM trust_audit_head"


@dataclass(frozen=True, kw_only=True)
class Made:
    """A finished backup: the file, its size in bytes, what it holds, how many seconds it took."""

    path: Path
    bytes: int
    manifest: Manifest
    seconds: float


async def back_up(chosen: Settings, path: Path, *, passphrase: str | None, terminal: Terminal) -> Made:
    """Write everything to `path`, an absolute one. Raises AmityError, leaving nothing behind, where that can't be done."""
    begun = time.monotonic()
    with beside(path) as (file, fresh), present.errors():
        async with _Making(chosen, terminal) as making:
            manifest = await making.write(await asyncio.to_thread(Writer, file, passphrase=passphrase))
        async with terminal.step("Reading it again", done="Read again: whole"):
            await asyncio.to_thread(_check, fresh, passphrase, manifest)
        size = fresh.stat().st_size
        give_name(fresh, path)
    with suppress(OSError):  # it is made, whether that can be written down or not
        note_backup(chosen, instant=manifest.about["instant"], file=path, size=size)
    return Made(path=path, bytes=size, manifest=manifest, seconds=time.monotonic() - begun)


class _Making:
    """One instant of the engines, held while it is written."""

    def __init__(self, chosen: Settings, terminal: Terminal) -> None:
        self.settings, self.terminal = chosen, terminal
        self.at = ""  # what is being written, and how far

    async def __aenter__(self) -> Self:
        self._open = await AsyncExitStack().__aenter__()
        self.log = await Log.connect(addresses().log, name="backup")
        self._open.push_async_callback(self.log.close)
        async with self.terminal.step("Holding one instant of the engines"):
            await self._hold()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def write(self, writer: Writer) -> Manifest:
        """Write what is held."""
        key = self.settings.secrets / CONSOLE_KEY
        if key.exists():
            writer.document(SECRETS, CONSOLE_KEY, key.read_bytes())
        for path in sorted(self.settings.secrets.glob(FIELD_KEYS)):
            writer.document(SECRETS, path.name, path.read_bytes())
        async with self._step("The past", past.KIND):
            tables = await asyncio.to_thread(self._past.dump, writer, told=self._told)
        async with self._step("The log", entries.KIND):
            await entries.dump_log(self.log, self._stretch, writer, told=self._told)
        async with self._step("The present", present.KIND):
            schema = await asyncio.to_thread(present.dump_present, self._present, writer, told=self._told)
        about = {
            "id": writer.header.id,
            "instant": self._instant,
            "log": {"after": self._stretch.after, "last": self._stretch.last, "fingerprint": self._fingerprint},
            "audit": self._audit,
            "servers": {"present": schema.server, "past": tables.server},
        }
        return await asyncio.to_thread(writer.finish, about)

    async def _hold(self) -> None:
        """Begin to read present and past at one instant, and note where the log ends; nothing moves between them meanwhile."""
        with ExitStack() as briefly:
            barrier = briefly.enter_context(await asyncio.to_thread(present.connect, addresses().present))
            self._present = await asyncio.to_thread(present.connect, addresses().present)
            self._open.callback(self._present.close)
            self._past = await asyncio.to_thread(past.Snapshot)
            self._open.callback(self._past.close)
            await asyncio.to_thread(briefly.enter_context, nothing_moves(barrier))
            await asyncio.to_thread(present.begin_snapshot, self._present)
            self._instant = now_ms()
            await asyncio.to_thread(self._past.begin)
            first, last = await entries.state_of(self.log)
        low, high = self._one(_POSITIONS)
        self._stretch = Stretch(after=first - 1 if low < 0 else low, last=max(last, high))
        self._fingerprint = await entries.fingerprint(self.log, self._stretch.last)
        self._audit = ":".join(map(str, self._one(_AUDIT)))

    def _one(self, asked: str) -> tuple[Any, ...]:
        return tuple(self._present.execute(asked).fetchone() or ())

    def _step(self, text: str, kind: str) -> Any:
        self.at = ""
        return self.terminal.step(text, detail=lambda: self.at and f"{kind}: {self.at}")

    def _told(self, name: str, rows: int) -> None:
        self.at = f"{name}, {rows:,} rows"


def _check(path: Path, passphrase: str | None, manifest: Manifest) -> None:
    """Read the whole file again as a restore would, and compare it with what was meant to be written."""
    if msgspec.json.encode(check_whole(path, passphrase)) != msgspec.json.encode(manifest):
        raise AmityError(f"What was written to {path} isn't what is read from it: is that disk sound? Nothing is kept.")
