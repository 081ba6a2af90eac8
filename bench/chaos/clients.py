"""Clients that send until each batch is acknowledged, and the ledger that keeps what was."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from bench.chaos.stories import Fate, Storyteller, Told

TIMEOUT = httpx.Timeout(8.0, connect=3.0)
_PATIENT = {503}  # answers after which a client sends the same again


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source of the Amity under test; one of its own facts has no key."""

    workspace: int
    id: int
    write_key: str


Key = tuple[int, int, str]  # workspace, source, message id


@dataclass(slots=True)
class Ledger:
    """What was sent, what was acknowledged, and when. Times are of `time.monotonic`."""

    fate: dict[Key, Fate] = field(default_factory=dict)
    acknowledged: set[Key] = field(default_factory=set)
    requests: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    newest: float = 0.0  # when the newest attempt began that was acknowledged
    arrivals: list[float] = field(default_factory=list)  # when requests were acknowledged, since `listen`

    def sending(self, source: Source, told: list[Told]) -> None:
        """Note what is about to be sent."""
        with self.changed:
            for one in told:
                self.fate.setdefault((source.workspace, source.id, one.message_id), one.fate)

    def acknowledge(self, source: Source, told: list[Told], *, began: float) -> None:
        """Note that an attempt which began then was answered 200."""
        with self.changed:
            self.requests += 1
            self.newest = max(self.newest, began)
            self.arrivals.append(time.monotonic())
            self.acknowledged.update((source.workspace, source.id, one.message_id) for one in told)
            self.changed.notify_all()

    def keep(self, key: Key) -> None:
        """Note a fact that was committed elsewhere than at the edge."""
        with self.changed:
            self.acknowledged.add(key)

    def fail(self, how: str) -> None:
        """Note an attempt without acknowledgement."""
        with self.changed:
            self.failed[how] += 1

    def refuse(self, said: str) -> None:
        """Note an answer that makes a client throw away what it sent."""
        with self.changed:
            self.refused.append(said)

    def listen(self) -> None:
        """Forget when requests were acknowledged until now."""
        with self.changed:
            self.arrivals.clear()

    def silence(self, since: float) -> float:
        """Return the longest time in seconds without an acknowledgement, from an instant until now."""
        with self.changed:
            moments = [since, *(one for one in self.arrivals if one > since), time.monotonic()]
        return max(after - before for before, after in itertools.pairwise(moments))

    def await_requests(self, number: int, *, seconds: float) -> bool:
        """Wait until so many requests were acknowledged in all."""
        with self.changed:
            return self.changed.wait_for(lambda: self.requests >= number, seconds)

    def await_after(self, instant: float, *, seconds: float) -> bool:
        """Wait until an attempt that began after an instant is acknowledged."""
        with self.changed:
            return self.changed.wait_for(lambda: self.newest > instant, seconds)


class Client(threading.Thread):
    """One client: tells its stories to one source, `pause` seconds apart on average, and sends each until it is acknowledged."""

    def __init__(self, *, edge: str, source: Source, stories: Storyteller, ledger: Ledger, pause: float) -> None:
        super().__init__(name=stories.name, daemon=True)
        self.edge, self.source, self.stories, self.ledger, self.pause = edge, source, stories, ledger, pause
        self.dice = random.Random(f"pauses {stories.name}")
        self.stopping = threading.Event()
        self.broke = ""

    def run(self) -> None:
        try:
            with httpx.Client(timeout=TIMEOUT, auth=(self.source.write_key, "")) as client:
                while not self.stopping.is_set():
                    told = self.stories.batch()
                    self.ledger.sending(self.source, told)
                    self.deliver(client, told)
                    if self.dice.random() < 0.9:
                        self.stopping.wait(self.dice.expovariate(1 / self.pause))
        except Exception as error:
            self.broke = f"{type(error).__name__}: {error}"
            raise

    def deliver(self, client: httpx.Client, told: list[Told]) -> None:
        """Send until acknowledged, refused for good, or stopped."""
        while not self.stopping.is_set():
            began = time.monotonic()
            body = {"batch": [one.event for one in told], "sentAt": self.stories.now().isoformat(timespec="milliseconds")}
            try:
                answer = client.post(f"{self.edge}/v1/batch", json=body)
            except httpx.HTTPError as error:
                self.ledger.fail(type(error).__name__)
            else:
                if answer.status_code == 200:
                    self.ledger.acknowledge(self.source, told, began=began)
                    return
                self.ledger.fail(str(answer.status_code))
                if answer.status_code not in _PATIENT:
                    self.ledger.refuse(f"{answer.status_code} {answer.text[:300]}")
                    return
            self.stopping.wait(self.dice.uniform(0.05, 0.3))
