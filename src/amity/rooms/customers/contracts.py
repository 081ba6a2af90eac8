"""What others may hold of customers: what goes in, where it was placed, and what can be read.

Times are milliseconds since 1970 UTC. What there is one of for each interaction is a Struct: made in a fifth of the time,
and by position, where it is made for each, in a tenth of that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from amity.kernel.errors import AmityError

Kind = Literal["track", "identify", "page", "screen", "group", "alias"]
Voice = Literal["did", "said", "ours"]
NO_SESSION = UUID(int=0)


class Conflict(AmityError):
    """Another worker changed the same customers meanwhile: roll back and work the batch again, nothing is lost."""

    code = "conflict"


class Incoming(msgspec.Struct, frozen=True, gc=False):
    """One interaction to place. `key` is its message key.

    `customer_id` names the customer directly; only facts of Amity's own may carry it, never what a client sent.
    `voice` is `did` or `said` for the customer, `ours` for what the company did: that neither counts as the customer's
    activity nor belongs to a session. `campaign` is (source, medium, name), `country` where it happened, both as the past's row has them.
    """

    workspace: int
    source: int
    key: UUID
    kind: Kind
    time: int
    received_at: int
    name: str = ""
    user_id: str | None = None
    anonymous_id: str | None = None
    group_id: str | None = None
    previous_id: str | None = None
    traits: Mapping[str, Any] = {}
    properties: Mapping[str, Any] = {}
    context: Mapping[str, Any] = {}
    channel: str = ""
    gpc: bool = False
    customer_id: UUID | None = None
    voice: Voice = "did"
    campaign: tuple[str, str, str] = ("", "", "")
    country: str = ""


class Refused(msgspec.Struct, frozen=True, gc=False):
    """That a customer had said no to a purpose from `first` until `last` (None: still). `withdrawn`: they had said yes before."""

    first: int
    last: int | None
    withdrawn: bool


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """An identifier or trait that an interaction carried and that was not taken.

    `reason`: `blocked`, `invalid`, `too_long`, `limit` (the customer would have had too many of the kind), `apart` (a person
    said that its owner is somebody else), `too_many_traits`.
    """

    kind: str
    value: str
    reason: str


class Placement(msgspec.Struct, frozen=True, gc=False):
    """Where one interaction belongs.

    `customer_id` is None where nothing that it carried may identify a customer; `rejected` then says why
    (`no_identifier`, `unknown_customer`, `unknown_workspace`). `value` is money that the customer brought, in `currency`.
    `consent` is what was known of each purpose with this interaction. `late` ones were placed provisionally and are
    put into their sequence by `resequence_marked`.
    """

    key: UUID
    customer_id: UUID | None
    rejected: str = ""
    created: bool = False
    session_id: UUID = NO_SESSION
    session_start: bool = False
    previous_name: str = ""
    previous_key: UUID | None = None
    previous_time: int | None = None
    value: Decimal | None = None
    currency: str = ""
    consent: Mapping[str, bool] = {}
    late: bool = False
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class MergedId:
    """A row for the past's table of merges: rows under `old_id` belong to `current_id`. The highest `version` counts."""

    workspace: int
    old_id: UUID
    current_id: UUID
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What placing a batch did: a placement for each interaction in the order given, and ids that moved.

    `changed` are (workspace, customer) of whom another trait, identifier or consent is known now.
    """

    placements: tuple[Placement, ...]
    merges: tuple[MergedId, ...] = ()
    changed: frozenset[tuple[int, UUID]] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """What is known of a customer under one name; `value` None means known to be empty."""

    name: str
    value: Any
    time: int
    source_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """One identifier of a customer, and the interaction that brought it. `aliased` ones came with an alias call."""

    kind: str
    value: str
    added_at: int
    source_id: int
    key: UUID
    aliased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Two customers that turned out to be one, with what showed it.

    `rule` is `shared_identifiers`, `alias` or `people`. `identifiers` are those of the deciding interaction with the customer
    that each had belonged to (None: new); `moved` are those that went over from `old_id` to `into_id`. Where people decided,
    `person` and `reason` say who and why, and there is no interaction: `source_id` is 0. `undone`: an unmerge took it back.
    """

    id: int
    old_id: UUID
    into_id: UUID
    rule: str
    time: int
    merged_at: int
    source_id: int
    key: UUID
    identifiers: Sequence[tuple[str, str, UUID | None]]
    moved: Sequence[tuple[str, str]]
    person: str = ""
    reason: str = ""
    undone: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentState:
    """The last known answer for one purpose."""

    purpose: str
    granted: bool
    time: int
    source_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLine:
    """A customer in a list."""

    id: UUID
    name: str
    email: str
    user_id: str
    first_seen: int
    last_seen: int
    interactions: int
    channels: Mapping[str, int]
    values: Mapping[str, Decimal]
    last_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """All that the present knows of one customer. `asked_id` differs from `id` where the customer asked for was merged.

    Where the customer never did anything itself (`interactions` 0), `first_seen` and `last_seen` tell of what we did.
    """

    workspace_id: int
    id: UUID
    asked_id: UUID
    name: str
    email: str
    user_id: str
    created_at: int
    first_seen: int
    last_seen: int
    interactions: int
    channels: Mapping[str, int]
    values: Mapping[str, Decimal]
    last_name: str
    session_id: UUID
    session_start: int
    traits: Sequence[Trait]
    consent: Sequence[ConsentState]
    merged_ids: Sequence[UUID]

    @property
    def all_ids(self) -> list[UUID]:
        """The ids under which the past may hold this customer's interactions."""
        return [self.id, *self.merged_ids]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some customers of a list, most recently seen first.

    `after` asks for the next ones (empty: there are none). `total` counts matches up to a limit; `more` says that it
    stopped there.
    """

    lines: Sequence[CustomerLine]
    after: str
    total: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One interaction of a timeline, as the past holds it."""

    key: UUID
    customer_id: UUID
    time: int
    received_at: int
    type: str
    name: str
    channel: str
    touchpoint: str
    voice: str
    source_id: int
    message_id: str
    dialect: str
    session_id: UUID
    session_start: bool
    previous_name: str
    previous_time: int | None
    value: Decimal | None
    currency: str
    url: str
    path: str
    referrer: str
    campaign_source: str
    campaign_medium: str
    campaign_name: str
    browser: str
    os: str
    device: str
    country: str
    flags: Sequence[str]
    properties: Mapping[str, Any]
    traits: Mapping[str, Any]
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A stretch of a customer's timeline, newest first. `before` asks for older ones; empty: there are none."""

    moments: Sequence[Moment]
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Friction:
    """Something that went wrong for a customer and wasn't followed by its success: a declined payment, an error."""

    name: str
    times: int
    last_time: int
    last_key: UUID
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """What matters about a customer right now. `sessions` counts those of the last 30 days."""

    values: Mapping[str, Decimal]
    last_seen: int
    interactions: int
    sessions: int
    friction: Sequence[Friction]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """An account (a company, a household) in a list: how many customers belong to it, how many interactions name it."""

    id: str
    name: str
    members: int
    interactions: int
    last_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A customer who belongs to an account: since when, and when an interaction said so last (ms)."""

    line: CustomerLine
    since: int
    last_time: int
    ids: Sequence[UUID]  # all that the customer has had


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as its interactions tell it. `more`: it has more members than were looked at, the latest ones.

    `interactions` and `values` are of what its members did for it, as in its story.
    """

    id: str
    name: str
    traits: Sequence[Trait]
    members: Sequence[Member]
    more: bool
    interactions: int
    values: Mapping[str, Decimal]
