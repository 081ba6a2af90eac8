"""What a destination is told: of members that changed as JSON, of a whole audience as lines of a table. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from amity.kernel.clock import from_ms
from amity.kernel.ids import digest

CHANGED, TEST = "audience.members.changed", "amity.test"
_encoder = msgspec.json.Encoder(decimal_format="string")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of one customer: identifiers by kind, traits by name."""

    customer_id: UUID
    identifiers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> bytes:
        """Sixteen bytes that differ when what is told does."""
        return digest(_encoder.encode([self.identifiers, self.traits]))


def member_id(subscription_id: int, customer_id: UUID) -> str:
    """Return what a destination knows a member by. It tells nothing about the customer, so it may outlive an erasure."""
    return digest("member", subscription_id, customer_id.bytes).hex()


def changes(  # noqa: PLR0913  one argument for each part
    *,
    made_at: int,
    audience: tuple[int, str],
    subscription_id: int,
    purpose: str,
    entered: Sequence[Told],
    updated: Sequence[Told],
    left: Sequence[tuple[str, UUID | None]],
) -> bytes:
    """Return a message of members who changed; of who left only ids are told."""
    return _encoder.encode(
        {
            "type": CHANGED,
            "timestamp": from_ms(made_at).isoformat(timespec="milliseconds"),
            "data": {
                "audience": {"id": audience[0], "name": audience[1]},
                "subscription": subscription_id,
                "purpose": purpose,
                "entered": [_member(subscription_id, one) for one in entered],
                "updated": [_member(subscription_id, one) for one in updated],
                "left": [{"id": one, **({"customer_id": customer} if customer else {})} for one, customer in left],
            },
        }
    )


def test(*, made_at: int, destination: str) -> bytes:
    """Return a message that only says that messages arrive."""
    stamp = from_ms(made_at).isoformat(timespec="milliseconds")
    return _encoder.encode({"type": TEST, "timestamp": stamp, "data": {"destination": destination}})


def _member(subscription_id: int, one: Told) -> dict[str, Any]:
    return {
        "id": member_id(subscription_id, one.customer_id),
        "customer_id": one.customer_id,
        "identifiers": one.identifiers,
        "traits": one.traits,
    }
