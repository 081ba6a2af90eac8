"""Put a fact of Amity's own on its way to the log, together with the change that it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from amity.engines.present.bulk import blobs, run, texts
from amity.engines.present.models import OutboxFact
from amity.facts.interaction import Interaction
from amity.kernel.clock import now_ms
from amity.rooms.collection.actions.sources import amity_source

_AT_ONCE = 10_000
_STORE = """
    INSERT INTO present_outbox_fact (message_id, workspace_id, body)
    SELECT message_id, %b, body FROM unnest(%b::text[], %b::bytea[]) WITH ORDINALITY AS n (message_id, body, place) ORDER BY place
    ON CONFLICT DO NOTHING
"""


def record_fact(  # noqa: PLR0913  one argument for each part of a fact
    *,
    workspace_id: int,
    message_id: str,
    name: str,
    user_id: str | None = None,
    anonymous_id: str | None = None,
    properties: dict[str, Any] | None = None,
    customer_id: UUID | None = None,
    channel: str = "",
    voice: str = "",
    time: int | None = None,
    traits: dict[str, Any] | None = None,
    nobody: bool = False,
) -> None:
    """Record that something happened (`SurveyAnswered`, `ConsentChanged` ...), in the caller's transaction.

    `customer_id` names the customer directly; without it the ids do; `nobody`: it concerns no customer. `voice` is `ours` for what
    we did, `said` for what the customer told us, else the name decides. `message_id` names this one happening: recording it twice
    makes one interaction. `time` is ms since 1970, default now. `traits` are what is known of the customer from then on.
    """
    now = now_ms()
    fact = Interaction(
        workspace=workspace_id,
        source=amity_source(workspace_id=workspace_id),
        message_id=message_id,
        kind="track",
        name=name,
        time=time or now,
        received_at=now,
        user_id=user_id,
        anonymous_id=anonymous_id,
        properties=msgspec.Raw(msgspec.json.encode(properties or {})),
        context=msgspec.Raw(
            msgspec.json.encode(_context(customer_id, channel, voice, nobody=nobody) | ({"traits": traits} if traits else {}))
        ),
        dialect="amity",
    )
    OutboxFact.objects.bulk_create(
        [OutboxFact(message_id=f"{workspace_id}:{message_id}"[:100], workspace_id=workspace_id, body=msgspec.json.encode(fact))],
        ignore_conflicts=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One of many facts that are recorded together."""

    message_id: str
    name: str
    properties: dict[str, Any]
    customer_id: UUID


def record_facts(*, workspace_id: int, facts: Sequence[Fact], voice: str, time: int) -> None:
    """Record many happenings of one instant (ms) about customers, in the caller's transaction. See `record_fact`."""
    if not facts:
        return
    source, now = amity_source(workspace_id=workspace_id), now_ms()
    bodies = [
        msgspec.json.encode(
            Interaction(
                workspace=workspace_id,
                source=source,
                message_id=one.message_id,
                kind="track",
                name=one.name,
                time=time,
                received_at=now,
                properties=msgspec.Raw(msgspec.json.encode(one.properties)),
                context=msgspec.Raw(msgspec.json.encode(_context(one.customer_id, "", voice))),
                dialect="amity",
            )
        )
        for one in facts
    ]
    # Not by way of the model: an audience of many thousands is told of at once, and each row would take ten times as long.
    for start in range(0, len(facts), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        ids = texts(f"{workspace_id}:{one.message_id}"[:100] for one in facts[some])
        run(_STORE, [workspace_id, ids, blobs(bodies[some])])


def _context(customer_id: UUID | None, channel: str, voice: str, *, nobody: bool = False) -> dict[str, Any]:
    said = {"customer_id": customer_id, "channel": channel, "voice": voice, "nobody": nobody}
    return {name: value for name, value in said.items() if value}
