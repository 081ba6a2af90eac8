"""Facts of who entered and who left, many at once, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from amity.facts.customers import AUDIENCE_ENTERED, AUDIENCE_LEFT, AudienceEntered, AudienceLeft
from amity.kernel.ids import derived_id, new_id
from amity.rooms.collection import api as collection
from amity.rooms.customers.models import Audience

if TYPE_CHECKING:
    import numpy as np


def tell(audience: Audience, *, entered: np.ndarray, left: np.ndarray, now: int) -> None:
    """Record a fact of each customer who entered or left; committed with the change it tells of, so each exactly once."""
    run = new_id()  # of this change: that somebody enters again later is another fact
    facts = [
        collection.Fact(
            message_id=f"audience-{derived_id(now, run.bytes, name, who)}",
            name=name,
            properties=msgspec.to_builtins(kind(audience_id=audience.pk, audience=audience.name)),
            customer_id=UUID(bytes=who.ljust(16, b"\0")),
        )
        for name, kind, some in ((AUDIENCE_ENTERED, AudienceEntered, entered), (AUDIENCE_LEFT, AudienceLeft, left))
        for who in some
    ]
    collection.record_facts(workspace_id=audience.workspace_id, facts=facts, voice="ours", time=now)
