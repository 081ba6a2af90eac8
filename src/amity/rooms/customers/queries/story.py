"""One customer's story in the past."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from amity.engines.past.client import ask
from amity.kernel.clock import to_ms
from amity.kernel.errors import Invalid
from amity.kernel.sealed import PREFIX, hide, hide_deep, is_sealed
from amity.rooms.customers.contracts import Moment, Story
from amity.rooms.customers.rules.relationship import ANSWERS, POSTHOGS_ANSWER

PACKAGE = "amity.rooms.customers"
_EARLIEST = -2_208_988_800_000  # the year 1900, before which the past keeps nothing
_LAST = (4_102_444_800_000, UUID(int=2**128 - 1))
_MANY = 5_000  # from so many interactions on, reading in order is quicker than finding the newest among all
_SAME = (  # noqa: SIM905
    "customer_id type name channel touchpoint voice source_id message_id dialect session_id previous_name value currency url "
    "path referrer campaign_source campaign_medium campaign_name browser os device country"
).split()


def timeline(  # noqa: PLR0913  each is a filter of the page
    *,
    workspace_id: int,
    customer_ids: Sequence[UUID],
    before: str = "",
    channels: Sequence[str] = (),
    types: Sequence[str] = (),
    voices: Sequence[str] = (),
    since: int | None = None,
    spelled: Sequence[str] = (),
    money: bool = False,
    limit: int = 50,
    known: int = 0,
) -> Story:
    """Return interactions of one customer (`Customer.all_ids`), newest first. Empty filters let everything through.

    `since` is in milliseconds since 1970. `spelled` are names of tracked events as `event_key` spells them; `money` wants only what
    paid or was paid back. `known`: about how many there are; it only makes many of them quicker. Raises Invalid if `before` is no place in a story, NotRunning without the past.
    """
    before_time, before_key = place_in_story(before)
    rows = ask(
        package=PACKAGE,
        name="timeline_in_order" if known >= _MANY and len(customer_ids) == 1 else "timeline",
        workspace_id=workspace_id,
        customer_ids=[str(one) for one in customer_ids],
        before_time=before_time,
        before_key=str(before_key),
        since=_EARLIEST if since is None else since,
        channels=list(channels),
        types=list(types),
        voices=list(voices),
        **named(spelled),
        money=money,
        limit=limit,
    )
    # While a replay puts a row in another's place, both may be read. The same id at another time is another interaction.
    moments = list({(moment.key, moment.time): moment for moment in map(moment_of, rows)}.values())
    full = len(rows) == limit
    return Story(moments=moments, before=f"{moments[-1].time}.{moments[-1].key.hex}" if full and moments else "")


def named(spelled: Sequence[str]) -> dict[str, list[str]]:
    """Return the parameters of a question about events of some names; with an answer's name, PostHog's counts too."""
    return {"spelled": list(spelled), "exact": [POSTHOGS_ANSWER] if set(ANSWERS) & set(spelled) else []}


def moment_of(row: Mapping[str, Any]) -> Moment:
    """Read one row of the past that was selected as in `timeline.sql`."""
    previous = row["previous_time"]
    return Moment(
        **{name: row[name] for name in _SAME},
        key=row["message_key"],
        time=to_ms(row["time"]),
        received_at=to_ms(row["received_at"]),
        session_start=bool(row["session_start"]),
        previous_time=None if previous is None else to_ms(previous),
        flags=list(row["flags"]),
        properties=_object(row["properties"]),
        traits=_object(row["traits"]),
        context=_object(row["context"]),
    )


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return hide(value) if any(map(is_sealed, value.values())) else value
    if not isinstance(value, str) or not value:
        return {}
    read = json.loads(value)
    read = hide_deep(read) if PREFIX in value else read
    return read if isinstance(read, dict) else {}


def place_in_story(before: str) -> tuple[int, UUID]:
    """Return the place before which a stretch begins; the newest end where nothing is given. Raises Invalid."""
    if not before:
        return _LAST
    time, _, key = before.partition(".")
    try:
        return int(time), UUID(key)
    except ValueError:
        raise Invalid("This is no place in the customer's timeline. Start from its newest end.") from None
