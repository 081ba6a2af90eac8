"""Takes the log out of one Amity, and gives it to a clean one: the same envelopes in the same order, doubles included."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from amity.engines.log.client import Log
from amity.facts.envelope import decode_envelope
from bench.chaos.clients import Key
from bench.chaos.state import State, await_settled, read_state
from bench.chaos.target import Broken, Target

SETTLES = 900.0  # seconds that a clean Amity may take for all of it
_LENGTH = 4


@dataclass(slots=True)
class Logged:
    """What the log held: envelopes, how often each message occurs as an interaction and as a rejection, and in all by source."""

    envelopes: int = 0
    interactions: Counter[Key] = field(default_factory=Counter)
    rejections: Counter[Key] = field(default_factory=Counter)
    by_source: Counter[int] = field(default_factory=Counter)

    def add(self, body: bytes) -> None:
        """Take an envelope in."""
        envelope = decode_envelope(body)
        self.envelopes += 1
        self.interactions.update((one.workspace, one.source, one.message_id) for one in envelope.interactions)
        self.rejections.update((one.workspace, one.source, one.message_id) for one in envelope.rejections)
        self.by_source.update(one.source for one in (*envelope.interactions, *envelope.rejections))


def last_sequence(target: Target) -> int:
    """Return where the target's log ends."""

    async def ask() -> int:
        log = await Log.connect(target.addresses().log, name="chaos")
        try:
            return (await log.state()).last_seq
        finally:
            await log.close()

    return asyncio.run(ask())


def take_log(target: Target, into: Path) -> Logged:
    """Write every envelope of the target's log to a file, and return what they are."""
    return asyncio.run(_take_log(target, into))


async def _take_log(target: Target, into: Path) -> Logged:
    logged = Logged()
    log = await Log.connect(target.addresses().log, name="chaos")
    try:
        last = (await log.state()).last_seq
        reading = log.read(0)
        with into.open("wb") as file:
            while logged.envelopes < last:
                for entry in await anext(reading):
                    file.write(len(entry.body).to_bytes(_LENGTH, "big") + entry.body)
                    logged.add(entry.body)
        await reading.aclose()
    finally:
        await log.close()
    return logged


def work_clean(clean: Target, envelopes: Path) -> State:
    """Return what a clean Amity, which is starting, makes of the envelopes. Raises Broken."""
    clean.await_ready(seconds=120)
    last = asyncio.run(_give(clean, envelopes))
    await_settled(clean, until=last, seconds=SETTLES)
    return read_state(clean)


async def _give(clean: Target, envelopes: Path) -> int:
    log = await Log.connect(clean.addresses().log, name="chaos")
    seq = 0
    try:
        with envelopes.open("rb") as file:
            while head := file.read(_LENGTH):
                body = file.read(int.from_bytes(head, "big"))
                given = await log.append(body, message_id=f"chaos-{seq}")
                seq += 1
                if given != seq:
                    raise Broken(f"The clean log put envelope {seq} at {given}.")
    finally:
        await log.close()
    return seq


def encode(value: object) -> str:
    """Return any row as short text for a report."""
    return msgspec.json.encode(value, enc_hook=str).decode("utf-8", "replace")[:2_000]
