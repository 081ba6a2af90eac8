"""What other rooms may hold of trust: who acts, where, and what they may do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

ActorKind = Literal["person", "token", "system", "anonymous"]


@dataclass(frozen=True, kw_only=True)
class WorkspaceInfo:
    """One workspace's settings at the time of asking. `retention_days` is None where everything is kept."""

    id: int
    slug: str
    name: str
    is_demo: bool = False
    time_zone: str = "UTC"
    currency: str = "EUR"
    retention_days: int | None = None
    sessions_end_at_midnight: bool = False


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: a colleague, an API token, or Amity itself (`system`)."""

    kind: ActorKind
    id: str
    name: str
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody of a workspace who can be told of something."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Access:
    """One actor in one workspace, with what the actor may do there. Made per request, never kept."""

    workspace: WorkspaceInfo
    actor: Actor
    role: str
    permissions: frozenset[str] = field(default_factory=frozenset)

    def can(self, permission: str) -> bool:
        """Whether the actor holds this permission in this workspace."""
        return permission in self.permissions

    @property
    def workspace_id(self) -> int:
        """The id that every query is limited to."""
        return self.workspace.id

    @property
    def workspace_slug(self) -> str:
        """The part of the address that names the workspace."""
        return self.workspace.slug


SYSTEM = Actor(kind="system", id="amity", name="Amity")
ANONYMOUS = Actor(kind="anonymous", id="", name="Somebody")
COMMAND_LINE = Actor(kind="system", id="command-line", name="Command line")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a request came from: an address of the network and what the client calls itself."""

    ip: str = ""
    agent: str = ""


@dataclass(frozen=True, kw_only=True)
class StoreErased:
    """What an erasure found in one store, and what is left of it; `left` is None while it is being erased."""

    store: str
    title: str
    found: int
    left: int | None


@dataclass(frozen=True, kw_only=True)
class ErasureInfo:
    """How far an erasure is. `of` is whom it is about, shortened; `trouble` says why it doesn't go on, empty while it does.

    `kept_out` is how many identifiers are kept out by it now: none once they were let back. `receipt` is there once it is done.
    """

    id: UUID
    of: str
    reason: str
    asked_by: str
    asked_at: datetime
    state: str
    state_name: str
    request_id: UUID | None = None
    suppressed_at: datetime | None = None
    finished_at: datetime | None = None
    trouble: str = ""
    kept_out: int = 0
    stores: tuple[StoreErased, ...] = ()
    receipt: Mapping[str, Any] | None = None

    @property
    def erased(self) -> int:
        """How many records were erased so far."""
        return sum(one.found - (one.left or 0) for one in self.stores if one.left is not None)
