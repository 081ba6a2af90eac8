"""Records facts of Amity's own in its database, as a room does in the transaction of what happened; the relay brings them to the log."""

from __future__ import annotations

import random
import threading
import time

import msgspec

from amity.facts.interaction import Interaction
from bench.chaos.clients import Ledger, Source
from bench.chaos.state import present
from bench.chaos.target import Target

_RECORD = """
    INSERT INTO present_outbox_fact (message_id, workspace_id, body) VALUES (%s, %s, %s) ON CONFLICT (message_id) DO NOTHING
"""


class Clerk(threading.Thread):
    """Tries each fact until its transaction is known to have committed. `sources` are those that the workspaces' own facts come from."""

    def __init__(self, *, target: Target, sources: list[Source], ledger: Ledger, seed: int, pause: float) -> None:
        super().__init__(name="clerk", daemon=True)
        self.target, self.sources, self.ledger, self.pause = target, sources, ledger, pause
        self.dice = random.Random(f"clerk {seed}")
        self.stopping = threading.Event()
        self.number = 0
        self.broke = ""

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:
            self.broke = f"{type(error).__name__}: {error}"
            raise

    def work(self) -> None:
        """Record one fact after the other."""
        while not self.stopping.is_set():
            self.number += 1
            source = self.dice.choice(self.sources)
            key = (source.workspace, source.id, f"fact-{self.number}")
            self.ledger.fate[key] = "kept"
            body = self.fact(source)
            while not self.stopping.is_set():
                try:
                    with present(self.target) as connection:
                        connection.execute(_RECORD, [f"{source.workspace}:{key[2]}", source.workspace, body])
                except Exception as error:  # noqa: BLE001  it stays unknown whether it was stored: the same again
                    self.ledger.fail(f"fact: {type(error).__name__}")
                    self.stopping.wait(0.3)
                else:
                    self.ledger.keep(key)
                    break
            self.stopping.wait(self.dice.expovariate(1 / self.pause))

    def fact(self, source: Source) -> bytes:
        """Return a note or an answer about somebody, as `record_fact` would store it."""
        now = time.time_ns() // 1_000_000
        said = self.dice.random() < 0.5
        person = self.number // 40 + self.dice.randrange(30)
        return msgspec.json.encode(
            Interaction(
                workspace=source.workspace,
                source=source.id,
                message_id=f"fact-{self.number}",
                kind="track",
                name="Survey Answered" if said else "Note added",
                time=now,
                received_at=now,
                user_id=f"user-{person}",
                properties=msgspec.Raw(msgspec.json.encode({"score": self.dice.randrange(11)})),
                context=msgspec.Raw(msgspec.json.encode({"channel": "console", "voice": "said" if said else "ours"})),
                dialect="amity",
            )
        )
