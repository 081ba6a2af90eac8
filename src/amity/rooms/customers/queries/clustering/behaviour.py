"""What customers did, as counts, for sorting them: of those who may be profiled now, a part of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING
from uuid import UUID

from amity.engines.past.client import ask
from amity.kernel.clock import DAY, now_ms
from amity.rooms.customers.queries.permission import permitting
from amity.rooms.customers.queries.rows import fetch
from amity.rooms.customers.queries.story import PACKAGE
from amity.rooms.customers.rules.clustering.model import Tallies
from amity.rooms.customers.rules.relationship import REQUESTS

if TYPE_CHECKING:
    import numpy as np

PURPOSE = "segmentation"
AT_ONCE = 20_000  # customers of a part, about
MOST_NAMES = 24
LEAST_SHARE = 0.05  # of customers who were on a channel or did something, for it to tell customers apart
SERVICE_CHANNELS = ("phone", "call", "chat", "whatsapp", "messaging", "support", "service", "ticket")
SERVICE_NAMES = (*REQUESTS, "callended", "callstarted", "chatstarted", "chatended", "supportrequested", "helprequested")
_ALLOWED = """
    SELECT c.id FROM customers_customer c JOIN customers_activity a ON a.customer_id = c.id
    WHERE c.workspace_id = %(workspace)s AND c.merged_into IS NULL AND {allowed}
"""
_EVERYBODY = "SELECT count(*) FROM customers_customer WHERE workspace_id = %(workspace)s AND merged_into IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """By which channels and events customers are counted, most common first; in how many parts they are read."""

    channels: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some customers (ids as of today) and what they did."""

    ids: Sequence[UUID]
    tallies: Tallies


def who_may_be_sorted(workspace_id: int) -> tuple[set[UUID], int]:
    """Return who allows to be sorted into segments now, and how many don't."""
    condition = permitting(workspace_id=workspace_id, purpose=PURPOSE)
    given = {**condition.params, "workspace": workspace_id}
    allowed = {row[0] for row in fetch(_ALLOWED.format(allowed=condition.sql), given)}
    everybody = int(fetch(_EVERYBODY, {"workspace": workspace_id})[0][0])
    return allowed, max(everybody - len(allowed), 0)


def common_names(workspace_id: int, *, customers: int) -> Names:
    """Return the channels and events that enough customers share. Raises NotRunning without the past."""
    rows = ask(package=PACKAGE, name="behaviour_names", workspace_id=workspace_id, limit=MOST_NAMES)
    least = max(LEAST_SHARE * customers, 2)
    kept = [(row["what"], row["value"]) for row in rows if row["customers"] >= least]
    return Names(
        channels=tuple(value for what, value in kept if what == "channel" and value != "server"),
        events=tuple(value for what, value in kept if what == "event"),
    )


def parts_for(customers: int) -> int:
    """Return in how many parts so many customers are read."""
    return max(ceil(customers / AT_ONCE), 1)


def read_part(  # noqa: PLR0913  one argument for each part
    workspace_id: int, *, zone: str, names: Names, least: int, part: int, parts: int, allowed: set[UUID]
) -> Part:
    """Return those of a part who may be sorted and did `least` things or more. Raises NotRunning without the past."""
    import numpy as np

    rows = ask(
        package=PACKAGE, name="behaviour", workspace_id=workspace_id, zone=zone, channels=list(names.channels), events=list(names.events),
        service_channels=list(SERVICE_CHANNELS), service_names=list(SERVICE_NAMES), least=least, part=part, parts=parts,
    )  # fmt: skip
    rows = [row for row in rows if row["customer"] in allowed]
    now = now_ms()

    def column(name: str) -> np.ndarray:
        return np.array([row[name] for row in rows], dtype=np.float64)

    def columns(name: str, wide: int) -> np.ndarray:
        return np.array([row[name] for row in rows], dtype=np.float64).reshape(len(rows), wide)

    tallies = Tallies(
        interactions=column("interactions"), days=column("days"), first=np.maximum((now - column("first")) / DAY, 0.0),
        last=np.maximum((now - column("last")) / DAY, 0.0), value=column("value"), service=column("service"), weekend=column("weekend"),
        hours=columns("hours", 4), channels=columns("by_channel", len(names.channels)), events=columns("by_event", len(names.events)),
    )  # fmt: skip
    return Part(ids=[row["customer"] for row in rows], tallies=tallies)
