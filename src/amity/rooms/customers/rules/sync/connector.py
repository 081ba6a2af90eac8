"""What a connector is: it takes a message that Amity made, and says what became of it. See docs/connectors.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

What = Literal["changes", "snapshot", "test"]
Outcome = Literal["taken", "failed", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing that a person has to say about a destination. A `secret` one is sealed and never shown again."""

    name: str
    label: str
    hint: str = ""
    secret: bool = False
    needed: bool = True
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A whole audience as a CSV file on disk: what it is to be called, its size in bytes, its SHA-256 as hexadecimal."""

    path: Path
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. `id` is the same for each attempt; `now` is in ms. `body` is JSON of changes and tests, `file` a snapshot."""

    id: str
    what: What
    now: int
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    file: File | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a message: `taken`; `failed`, to be tried again; `gone`, the destination wants nothing any more.

    `said` is a sentence for people, without anything secret; `wait` how long (ms) it asks to be left alone.
    """

    outcome: Outcome
    status: int = 0
    said: str = ""
    wait: int = 0


class Connector(Protocol):
    """A kind of destination. It keeps nothing between messages, and may be asked from several threads.

    `takes`: changes of members as they happen, or the whole audience as a file whenever it changed.
    """

    kind: str
    title: str
    about: str
    takes: Literal["changes", "snapshot"]
    settings: Sequence[Setting]

    def check(self, config: dict[str, Any], secrets: dict[str, Any]) -> None:
        """Make what a person said fit to be kept, in place. Raises Invalid with what to mend. Asks nobody outside."""

    def send(self, message: Message) -> Receipt:
        """Deliver a message. Whatever goes wrong outside is a Receipt; what it raises counts as failed, too."""

    def words(self, config: Mapping[str, Any]) -> str:
        """Return where it leads, for people: nothing secret."""
