"""One arrival in full, wherever it was found: what was sent, the way it went, why it was dropped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from amity.kernel.sealed import hide_deep
from amity.rooms.collection.console.feed import Seen
from amity.rooms.collection.console.kinds import title_of
from amity.rooms.collection.console.reasons import explain, name_of
from amity.rooms.collection.contracts import Quarantined
from amity.rooms.collection.rules.plan.judge import Broken, sentence

STEP_NAMES = {
    "edge": "Collected by the edge",
    "decode": "Read from the log",
    "dedupe": "Looked for a repeat",
    "describe": "Described: channel, device, value",
    "check": "Held against the plan",
    "identity": "Matched to a customer",
    "place": "Placed in a session",
    "consent": "Applied consent",
    "shape": "Shaped for the past",
    "write": "Written",
    "past": "Written to the past",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the way. `took` is seconds, None where it wasn't measured."""

    name: str
    outcome: str
    took: float | None = None

    @property
    def passed(self) -> bool:
        """Whether it went on from here."""
        return self.outcome in {"ok", "accepted", "passed", ""}

    @property
    def said(self) -> str:
        """What happened here, in words."""
        return name_of(self.outcome)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What the side panel shows."""

    key: UUID
    name: str
    type: str
    channel: str
    message_id: str
    source_id: int
    outcome: str
    time: datetime
    received_at: datetime
    body: str
    source: str = ""
    customer_id: UUID | None = None
    steps: tuple[Step, ...] = ()
    why: str = ""
    todo: str = ""
    quarantined: bool = False
    broken: tuple[str, ...] = ()  # rules of the plan, as sentences

    @property
    def title(self) -> str:
        """What it is called."""
        return title_of(name=self.name, kind=self.type)

    @property
    def accepted(self) -> bool:
        """Whether it went all the way."""
        return self.outcome == "accepted"


def opened_from_seen(seen: Seen) -> Opened:
    """Open an arrival that the feed remembers."""
    why, todo = ("", "") if seen.accepted else explain(seen.outcome)
    return Opened(
        key=UUID(seen.key),
        name=seen.name,
        type=seen.type,
        channel=seen.channel,
        message_id=seen.message_id,
        source_id=seen.source_id,
        outcome=seen.outcome,
        time=datetime.fromtimestamp(seen.time / 1000, UTC),
        received_at=datetime.fromtimestamp(seen.received_at / 1000, UTC),
        customer_id=UUID(seen.customer_id) if seen.customer_id else None,
        body=pretty(seen.body),
        steps=tuple(Step(name=_said(name), outcome=outcome, took=micro / 1_000_000) for name, outcome, micro in seen.steps),
        why=seen.detail or why,
        todo=todo,
        broken=broken_of(seen.flags),
    )


def opened_from_past(found: dict[str, Any]) -> Opened:
    """Open an interaction that the past holds: of its way, only the two ends are known."""
    took = (found["projected_at"] - found["received_at"]).total_seconds()
    left_out = {"properties", "traits", "context"}
    body = {k: v for k, v in found.items() if k not in left_out and v not in (None, "", [], {})}
    body |= {
        part: json.loads(found[part] or "{}") for part in ("properties", "traits", "context") if found[part] not in ("", "{}")
    }
    return Opened(
        key=UUID(str(found["key"])),
        name=found["name"],
        type=found["type"],
        channel=found["channel"],
        message_id=found["message_id"],
        source_id=found["source_id"],
        outcome="accepted",
        time=found["time"],
        received_at=found["received_at"],
        customer_id=UUID(str(found["customer_id"])),
        body=pretty(body),
        steps=(Step(name=STEP_NAMES["edge"], outcome=""), Step(name=STEP_NAMES["past"], outcome="", took=took)),
        broken=broken_of(found["flags"]),
    )


def opened_from_quarantine(held: Quarantined) -> Opened:
    """Open something that was turned away."""
    why, todo = explain(held.reason)
    return Opened(
        key=held.key,
        name=held.name,
        type="",
        channel="",
        message_id=held.message_id,
        source_id=held.source_id,
        outcome=held.reason,
        time=held.received_at,
        received_at=held.received_at,
        body=pretty(held.body),
        steps=(Step(name=_said(held.step), outcome=held.reason),),
        why=held.detail or why,
        todo=todo,
        quarantined=True,
    )


def broken_of(flags: Iterable[str]) -> tuple[str, ...]:
    """Return the rules of the plan that an interaction's flags say it broke, as sentences."""
    told = (flag.split(":", 2) for flag in flags if flag.startswith("plan:"))
    return tuple(sentence([Broken(code, path)]) for _, code, path in told)


def pretty(body: Any) -> str:
    """Return JSON as lines that one can read; text that is no JSON comes back as it is."""
    if isinstance(body, str):
        text = body
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            return text
    return json.dumps(hide_deep(body), indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else str(value)


def _said(step: str) -> str:
    return STEP_NAMES.get(step, step.replace("_", " ").capitalize())
