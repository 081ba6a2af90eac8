"""Facts of who entered and who left, many at once, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from amity.facts.customers import AUDIENCE_ENTERED, AUDIENCE_LEFT, AudienceEntered, AudienceLeft
from amity.kernel.ids import new_id
from amity.rooms.collection import api as collection
from amity.rooms.customers.models import Audience

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who entered an audience and who left it, as ids of `S16`."""

    audience: Audience
    entered: np.ndarray
    left: np.ndarray


def tell(changes: Sequence[Change], *, now: int) -> None:
    """Record a fact of each customer who entered or left an audience of one workspace.

    Committed with the change it tells of, so each exactly once.
    """
    run = new_id()  # of this change: that somebody enters again later is another fact
    facts = [
        (name, properties, who)
        for one in changes
        for name, kind, some in ((AUDIENCE_ENTERED, AudienceEntered, one.entered), (AUDIENCE_LEFT, AudienceLeft, one.left))
        if len(some)
        for properties in [msgspec.to_builtins(kind(audience_id=one.audience.pk, audience=one.audience.name))]
        for who in some
    ]
    if not facts:
        return
    collection.record_facts(
        workspace_id=changes[0].audience.workspace_id,
        facts=[
            collection.Fact(
                message_id=f"audience-{run}-{place}",
                name=name,
                properties=properties,
                customer_id=UUID(bytes=who.ljust(16, b"\0")),
            )
            for place, (name, properties, who) in enumerate(facts)
        ],
        voice="ours",
        time=now,
    )
