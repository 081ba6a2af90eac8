"""One pass over the past for many conditions: which customers meet each, at one instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from amity.engines.past.behaviour.binding import Binder
from amity.engines.past.behaviour.language import Event
from amity.engines.past.behaviour.predicates import matches
from amity.engines.past.behaviour.windows import Span

NEVER_MS = 2**63 - 1
NEVER = str(NEVER_MS)
FAR = 2**62  # instants are kept as what they lie before it, so that the newest is the smallest and none is 0
_encoder = msgspec.json.Encoder()

# A row belongs to whom its customer has become. Where nothing was ever merged, there is nothing to read through.
_MERGED = """
        LEFT JOIN
        (
            SELECT old_id, argMax(current_id, version) AS current_id, max(version) AS newest
            FROM merges
            WHERE workspace_id = {workspace}
            GROUP BY old_id
        ) AS mapped ON raw.customer_id = mapped.old_id"""


# As of an instant, a row belongs to whom its customer had become by then.
_MERGED_THEN = """
        LEFT JOIN
        (
            SELECT pair.1 AS old_id, pair.2 AS current_id, 1 AS newest
            FROM (SELECT arrayJoin(arrayZip({then_old:Array(UUID)}, {then_new:Array(UUID)})) AS pair)
        ) AS mapped ON raw.customer_id = mapped.old_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What was known at an instant: interactions that had been received by `received` (ms; None: whenever), and who was who.

    `merged` maps ids to those that they had become by then.
    """

    received: int | None
    merged: Mapping[UUID, UUID]

    @property
    def params(self) -> dict[str, Any]:
        """The bound values of `source`."""
        found: dict[str, Any] = {} if self.received is None else {"then_received": self.received}
        if self.merged:
            found |= {"then_old": list(map(str, self.merged)), "then_new": list(map(str, self.merged.values()))}
        return found


def joined(*, workspace: str, merged: bool, then: Then | None) -> tuple[str, str, str]:
    """Return (whose a row is, the join that tells it, the condition that it was known) in SQL over `interactions_raw AS raw`."""
    if then is not None:
        join = _MERGED_THEN if then.merged else ""
    else:
        join = _MERGED.replace("{workspace}", workspace) if merged else ""
    whose = "if(mapped.newest = 0, raw.customer_id, mapped.current_id)" if join else "raw.customer_id"
    known = ""
    if then is not None and then.received is not None:
        known = " AND raw.received_at <= fromUnixTimestamp64Milli({then_received:Int64})"
    return whose, join, known


class Question:
    """Collects what the conditions need of each interaction (`event`, `column`) and of each customer (`aggregate`).

    `now` is ms since 1970, `zone` the workspace's; `then`: as it was known at an instant. `sql` is whole once all conditions have been measured.
    """

    def __init__(self, *, workspace: int, now: int, zone: ZoneInfo, then: Then | None = None) -> None:
        self.now, self.zone, self.then = now, zone, then
        self.bind = Binder()
        self._workspace = self.bind(workspace, "UInt32")
        self._columns: dict[str, str] = {}
        self._late: dict[str, str] = {}  # columns made of columns
        self._aggregates: dict[str, str] = {}
        self._newest: dict[str, tuple[str, int]] = {}  # by the event's column
        self._events: dict[str, tuple[Event, str]] = {}  # by their JSON: to Python, True equals 1

    def event(self, event: Event) -> str:
        """Return the column that is 1 for interactions that an event means."""
        key = _encoder.encode(event).decode()
        if key not in self._events:
            self._events[key] = (event, self.column(f"({matches(event, self.bind)})"))
        return self._events[key][1]

    def within(self, event: Event, span: Span) -> str:
        """Return the condition that an interaction is meant and in the span."""
        first, last = self.bind(span.first, "Int64"), self.bind(span.last, "Int64")
        return f"({self.event(event)} AND t BETWEEN {first} AND {last})"

    def column(self, sql: str, *, late: bool = False) -> str:
        """Return the name of an expression over one row; `late` ones are made of other columns."""
        held = self._late if late else self._columns
        return held.setdefault(sql, f"{'m' if late else 'c'}{len(held)}")

    def aggregate(self, sql: str) -> str:
        """Return the name of an aggregate over one customer's rows."""
        return self._aggregates.setdefault(sql, f"a{len(self._aggregates)}")

    def newest(self, event: Event, number: int) -> str:
        """Return the name of `FAR` less the instants of an event until now, newest first: `number` of them at least, where there are."""
        column = self.event(event)
        name, most = self._newest.get(column, (f"n{len(self._newest)}", 0))
        self._newest[column] = (name, max(most, number))
        return name

    def sql(self, found: Mapping[str, str], *, only: bool, merged: bool, having: str = "1") -> str:
        """Return the whole SELECT: `customer`, then what is `found` by name.

        `only`: restricted to the parameter `{only:Array(UUID)}`, all ids that the customers have had. `merged`: reads
        through the table of merges.
        """
        late = [f"{sql} AS {name}" for sql, name in self._late.items()]
        aggregates = [f"{sql} AS {name}" for sql, name in self._aggregates.items()]
        now = self.bind(self.now, "Int64")
        for column, (name, most) in self._newest.items():
            aggregates.append(f"groupArraySortedIf({most})({FAR} - t, {column} AND t <= {now}) AS {name}")
        return f"""
SELECT customer, {", ".join(f"{sql} AS {name}" for name, sql in found.items())}
FROM (
    SELECT customer, {", ".join(aggregates)}
    FROM (
        SELECT *{", " if late else ""}{", ".join(late)}
        FROM ({self._read(only=only, merged=merged)})
        WHERE {self._meant}
    )
    GROUP BY customer
)
WHERE {having}
"""  # noqa: S608  our own text; every value is bound

    def rows(self, found: Mapping[str, str], *, merged: bool, where: str, end: str = "", since: int | None = None) -> str:
        """Return the SELECT of what is `found` by name in each interaction that any event means, `where` it is so.

        `end` orders, groups or limits. `since` (ms): earlier ones needn't be read.
        """
        at_least = "" if since is None else f" AND raw.time >= fromUnixTimestamp64Milli({self.bind(since, 'Int64')})"
        return f"""
SELECT {", ".join(f"{sql} AS {name}" for name, sql in found.items())}
FROM ({self._read(only=False, merged=merged, further=at_least)})
WHERE ({self._meant}) AND {where}
{end}
"""  # noqa: S608  our own text; every value is bound

    @property
    def _meant(self) -> str:
        return " OR ".join(column for _, column in self._events.values()) or "0"

    def _read(self, *, only: bool, merged: bool, further: str = "") -> str:
        whose, join, known = joined(workspace=self._workspace, merged=merged, then=self.then)
        columns = "".join(f", {sql} AS {name}" for sql, name in self._columns.items())
        # One that can't tell what it looks at would read all; the names bound what is read to what is meant.
        return f"""
            SELECT {whose} AS customer, toUnixTimestamp64Milli(raw.time) AS t, UUIDToNum(raw.message_key) AS k{columns}
            FROM interactions_raw AS raw{join}
            WHERE raw.workspace_id = {self._workspace}{known}{self._named()}{further}{" AND raw.customer_id IN {only:Array(UUID)}" if only else ""}
        """  # noqa: S608  our own text; every value is bound

    def _named(self) -> str:
        """Return the condition that only rows of a name or type are read, where every event has one."""
        events = [event for event, _ in self._events.values()]
        names = sorted({event.name for event in events if event.name})
        types = sorted({event.type for event in events if event.type and not event.name})
        if not events or any(not (event.name or event.type) for event in events):
            return ""
        parts = [f"raw.name IN {self.bind(tuple(names), 'Array(String)')}"] if names else []
        parts += [f"raw.type IN {self.bind(tuple(types), 'Array(String)')}"] if types else []
        return f" AND ({' OR '.join(parts)})"

    @property
    def params(self) -> dict[str, Any]:
        """The bound values."""
        return dict(self.bind.values) | (self.then.params if self.then else {})
