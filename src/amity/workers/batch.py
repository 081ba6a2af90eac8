"""What travels through the pipeline: items, in the log's order, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

from amity.facts.interaction import EMPTY, Interaction, Rejection
from amity.kernel.ids import derived_id

if TYPE_CHECKING:
    from amity.engines.past.rows import InteractionRow
    from amity.engines.present.models import PastBatch
    from amity.rooms.collection.api import Shape, Verdict
    from amity.rooms.customers.contracts import Incoming, MergedId, Placement

DUPLICATE = "duplicate"
SUPPRESSED = "suppressed"  # of somebody who must not be kept: counted, and stored nowhere
Voice = Literal["did", "said", "ours"]


class Item(msgspec.Struct, gc=False):
    """One interaction on its way. Steps fill in what they know; `dropped` ends its way with a reason.

    A Struct and not a dataclass: there is one for each interaction, and this is made in a fifth of the time.
    """

    seq: int
    index: int
    interaction: Interaction
    key: UUID
    told: bool = False  # of a request that was stored as it came: its numbers were not looked at
    known: bool = False  # taken before; only a replay carries such items on
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}  # shared with other items that came with the same: to be read only
    raw_properties: msgspec.Raw = EMPTY
    raw_traits: msgspec.Raw = EMPTY
    raw_context: msgspec.Raw = EMPTY
    described: Described | None = None
    incoming: Incoming | None = None
    placement: Placement | None = None
    shape: Shape | None = None
    verdict: Verdict | None = None  # where it breaks the plan
    flags: tuple[str, ...] = ()  # beside those of the edge
    sealed: bool = False  # values of it were: what is kept of it is in its parts, not in `interaction`
    row: InteractionRow | None = None
    taken: bool = False  # its key was remembered by this batch
    dropped: str = ""
    detail: str = ""
    step: str = ""

    def again(self) -> Item:
        """Return the item as it was before any step."""
        return Item(self.seq, self.index, self.interaction, self.key, self.told)

    def drop(self, reason: str, detail: str = "") -> None:
        """End its way. Only the first reason counts."""
        if not self.dropped:
            self.dropped, self.detail = reason, detail


class Described(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an interaction shows about where and how it happened. Many may share one."""

    channel: str
    touchpoint: str
    voice: Voice
    url: str = ""
    path: str = ""
    referrer: str = ""
    campaign_source: str = ""
    campaign_medium: str = ""
    campaign_name: str = ""
    browser: str = ""
    os: str = ""
    device: str = ""
    country: str = ""


@dataclass(slots=True)
class Turned:
    """A rejection with where it stood and which step turned it away."""

    seq: int
    index: int
    step: str
    rejection: Rejection
    from_item: bool = False  # an item that a step dropped, rather than something that was read as a rejection

    @property
    def key(self) -> UUID:
        """The same each time it is worked."""
        return derived_id(self.rejection.received_at, "quarantine", self.seq, self.index, self.step)


@dataclass(slots=True)
class Timing:
    """How one step went: seconds, items that entered, items that it dropped."""

    name: str
    seconds: float = 0.0
    entered: int = 0
    dropped: int = 0


@dataclass(slots=True)
class Batch:
    """Some entries of the log, worked in one transaction.

    `token` names it for the past: the same entries worked again by the same reader carry the same one.
    `moved` are customers' ids that point elsewhere now; `changed` are (workspace, customer) of whom something else is known now.
    `replaces` tells the past which rows a replay's take the place of.
    `muted`: nobody outside is to notice. `replayed`: known interactions go on instead of being dropped.
    """

    token: str
    first_seq: int
    last_seq: int
    started_at: int
    items: list[Item] = field(default_factory=list)
    turned: list[Turned] = field(default_factory=list)
    silenced: list[Turned] = field(default_factory=list)  # turned away by the edge, and of somebody who is suppressed
    moved: list[MergedId] = field(default_factory=list)
    changed: set[tuple[int, UUID]] = field(default_factory=set)
    shard: int = 0
    muted: bool = False
    replayed: bool = False
    replaces: dict[str, int] | None = None
    timings: dict[str, Timing] = field(default_factory=dict)
    past_batches: list[PastBatch] = field(default_factory=list)
    _passing: list[Item] | None = None  # within a step: those that entered it

    @property
    def live(self) -> list[Item]:
        """Items that no step has dropped; within a step, those that entered it."""
        return [item for item in self.items if not item.dropped] if self._passing is None else self._passing

    def part(self, items: Sequence[Item]) -> Batch:
        """Return a batch of some of the items, to be worked on its own."""
        return replace(self, items=list(items), turned=[], silenced=[], moved=[], changed=set(), timings={}, _passing=None)

    def pass_through(self, step: Step) -> None:
        """Run one step, timed; the items that it drops bear its name."""
        timing = self.timings.setdefault(step.name, Timing(step.name))
        self._passing = entered = self.live
        timing.entered += len(entered)
        began = perf_counter()
        try:
            step.run(self)
        finally:
            self._passing = None
        timing.seconds += perf_counter() - began
        for item in [one for one in entered if one.dropped]:
            item.step = step.name
            timing.dropped += 1


@dataclass(frozen=True, slots=True)
class Step:
    """A named part of the pipeline. `run` may drop items and fill them in; it does not change their order."""

    name: str
    run: Callable[[Batch], None]
