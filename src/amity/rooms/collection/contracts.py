"""What the collection room shows to others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

SourceKind = Literal["website", "server", "mobile", "import", "amity"]
SOURCE_KINDS: tuple[SourceKind, ...] = ("website", "server", "mobile", "import", "amity")


@dataclass(frozen=True, kw_only=True)
class WriteKeyView:
    """A write key: public by nature (browsers carry it), so it can be shown again and again."""

    id: int
    key: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SourceView:
    """A place that interactions come from. `write_key` is the newest one in force, empty when there is none."""

    id: int
    workspace_id: int
    name: str
    kind: str
    created_at: datetime
    disabled_at: datetime | None
    anonymise_ip: bool
    requests_per_second: int
    keys: tuple[WriteKeyView, ...] = ()

    @property
    def write_key(self) -> str:
        """The key to put into a client today."""
        return next((k.key for k in reversed(self.keys) if k.revoked_at is None), "")


@dataclass(frozen=True, kw_only=True)
class SourceHealth:
    """How a source has done in the last 24 hours.

    `hours` holds (start of the hour, accepted, rejected), oldest first, with empty hours as zeros.
    `reasons` maps a rejection's code to how often it came.
    """

    source: SourceView
    accepted: int
    rejected: int
    duplicates: int
    last_seen: datetime | None
    hours: tuple[tuple[datetime, int, int], ...] = ()
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def state(self) -> Literal["disabled", "waiting", "failing", "quiet", "healthy"]:
        """One word for the list: failing means that more was turned away than taken."""
        if self.source.disabled_at is not None:
            return "disabled"
        if self.last_seen is None:
            return "waiting"
        if self.rejected > self.accepted:
            return "failing"
        return "healthy" if self.accepted else "quiet"


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """Something that was sent and not accepted, as it came. `step` is `edge` or the pipeline step that turned it away."""

    key: UUID
    source_id: int
    received_at: datetime
    reason: str
    detail: str
    step: str
    message_id: str
    name: str
    dialect: str
    body: str
    replayed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class QuarantinePage:
    """One page of the quarantine, newest first. `older` is given back to get the next page, empty at the end."""

    rows: tuple[Quarantined, ...]
    older: str = ""


ImportState = Literal["uploaded", "waiting", "running", "done", "cancelled", "failed"]
IMPORT_STATES: tuple[ImportState, ...] = ("uploaded", "waiting", "running", "done", "cancelled", "failed")


@dataclass(frozen=True, kw_only=True)
class ImportView:
    """A file that is, or was, brought in. `uploaded` has no map yet; `waiting` waits for the leading worker.

    `rows` were read, `stored` interactions are on disk in the log, `rejected` rows were left out with a reason (`reasons`: code to
    count), `left_out` rows by the map's own wish. `share` of the file was read, `rate` interactions a second are stored,
    `seconds_left` is a guess (None: no idea yet). `trouble` says why it stands still or failed. `quiet`: it is said to run, but
    nobody works on it.
    """

    id: UUID
    workspace_id: int
    source_id: int | None
    name: str
    size: int
    state: ImportState
    mapping: dict[str, object]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    by: str
    rows: int
    stored: int
    rejected: int
    left_out: int
    reasons: dict[str, int]
    share: float
    rate: float
    seconds_left: float | None
    trouble: str
    cancelling: bool
    quiet: bool
    has_report: bool

    @property
    def active(self) -> bool:
        """Whether it still changes by itself."""
        return self.state in {"waiting", "running"}


@dataclass(frozen=True, kw_only=True)
class ReplayOutcome:
    """What the edge said to events that were sent again: how many it took, and why it refused the others."""

    sent: int
    refused: tuple[tuple[UUID, str], ...] = ()
    skipped: int = 0


@dataclass(frozen=True, kw_only=True)
class FileColumn:
    """A column of a file: what it holds (`text`, `number`, `time` ...), of how many filled cells how many differ, one of them."""

    name: str
    kind: str
    filled: int
    different: int
    example: str
    emails: bool


@dataclass(frozen=True, kw_only=True)
class FileTable:
    """A file of rows as it was understood. `facts` are (what, how) for a person: encoding, separator and the like.

    `guessed` names the column that holds each kind of identifier (`user_id`, `email`, `phone`, `anonymous_id`), by its name and cells.
    `rows` reads it anew: (number of the line or row, cells by column), with None for the cells of what can't be read.
    """

    facts: Sequence[tuple[str, str]]
    columns: Sequence[FileColumn]
    guessed: Mapping[str, str]
    rows: Callable[[], Iterator[tuple[int, Mapping[str, Any] | None]]] = field(repr=False)
