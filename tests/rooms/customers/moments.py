"""Moments of a timeline for tests: only what matters is given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from amity.kernel.clock import to_ms
from amity.rooms.customers.contracts import NO_SESSION, Moment

NOON = to_ms(datetime(2026, 3, 12, 12, 0, tzinfo=UTC))


def moment(name: str = "", **given: Any) -> Moment:
    plain: dict[str, Any] = {
        "key": uuid4(), "customer_id": UUID(int=7), "time": NOON, "received_at": NOON, "type": "track", "name": name, "channel": "", "touchpoint": "",
        "voice": "did", "source_id": 1, "message_id": "m", "dialect": "segment", "session_id": NO_SESSION, "session_start": False,
        "previous_name": "", "previous_time": None, "value": None, "currency": "", "url": "", "path": "", "referrer": "", "campaign_source": "",
        "campaign_medium": "", "campaign_name": "", "browser": "", "os": "", "device": "", "country": "", "flags": (), "properties": {},
        "traits": {}, "context": {},
    }  # fmt: skip
    return Moment(**{**plain, **given})
