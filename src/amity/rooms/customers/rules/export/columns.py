"""What a file of interactions or customers holds: its columns in order, each with its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

# A value's kind, and what a block holds of it: text str, number int, time int (ms since 1970 UTC), truth bool,
# money Decimal, json str (the text of a JSON value). None is "not known" in each.
Kind = Literal["text", "number", "time", "truth", "money", "json"]
Block = Sequence[Sequence[Any]]  # columns, each with the same number of values
NO_NOTES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file."""

    name: str
    kind: Kind = "text"


def _columns(told: str) -> tuple[Column, ...]:
    pairs = (one.partition(":") for one in told.split())
    return tuple(Column(name, kind or "text") for name, _, kind in pairs)  # type: ignore[arg-type]


INTERACTIONS = _columns(
    "time:time customer_id key message_id type name channel touchpoint voice source_id:number dialect session_id session_start:truth "
    "previous_name previous_time:time value:money currency user_id anonymous_id group_id url path referrer campaign_source "
    "campaign_medium campaign_name browser os device country ip gpc:truth consent:json flags:json properties:json traits:json "
    "context:json original_time:time received_at:time"
)
CUSTOMERS = _columns(
    "customer_id name email user_id created_at:time first_seen:time last_seen:time interactions:number channels:json values:json "
    "consent:json identifiers:json traits:json merged_ids:json"
)
MEMBERS = (*CUSTOMERS, *_columns("in_since:time"))
