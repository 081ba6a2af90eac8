"""What shows that somebody met an incident, complained after it and was told of it, version 1, in the words of audiences."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import Duration, Event, Filter, Part
from amity.kernel.clock import DAY
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.texts import read_json

LONGEST = 90 * DAY  # after which a complaint is hardly of it
CONTACTS = Event(
    where=(
        Filter(
            of="name",
            test="one_of",
            to=("Complaint Filed", "Ticket Opened", "Call Ended", "Chat Started", "Message Received", "Conversation Started"),
        ),
    )
)
SEVERITIES = {"critical": "Critical", "major": "Major", "minor": "Minor"}
STATUSES = {"open": "Open", "watching": "Watching", "over": "Over", "withdrawn": "Was none"}
Severity = Literal["critical", "major", "minor"]
Status = Literal["open", "watching", "over", "withdrawn"]


class Told(Part, frozen=True):
    """Who met it: had `affected` in the incident's time, and meets `among`, a condition of the audience language, where there is one.

    `complaint` shows that somebody complained within `within` of meeting it, a contact unless told; `told` that we told them of it.
    """

    affected: Event
    among: dict[str, Any] | None = None
    complaint: Event | None = None
    within: Duration = Duration(amount=7, unit="days")
    told: Event | None = None
    version: Annotated[Literal[1], Meta()] = 1


_decoder = msgspec.json.Decoder(Told)


def read(text: str | bytes) -> Told:
    """Read a definition from JSON. Raises Invalid with what is wrong, and where."""
    found = read_json(_decoder, text, "definition")
    if found.affected.unnamed and not found.affected.where:
        raise Invalid("Say which interactions show that somebody met it: anything at all shows nothing.")
    if found.within.ms > LONGEST:
        raise Invalid("A complaint counts for at most 90 days.")
    return found


def written(one: Told) -> dict[str, Any]:
    """Return a definition as it is kept: JSON objects."""
    found: dict[str, Any] = {"version": 1, **msgspec.json.decode(msgspec.json.encode(one))}
    return found


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a definition (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Amity incident, version 1",
        **msgspec.json.schema(Told),
    }
