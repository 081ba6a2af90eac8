"""Linden's one bad day, as its colleagues told it: found by the errors that customers were shown, with what they wrote that day."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.language import Event, Filter
from amity.engines.past.behaviour.moments import EARLIEST, ask_moments
from amity.kernel.clock import HOUR, MINUTE, now_ms
from amity.rooms.journeys.actions.incidents import keep_incident, write_note
from amity.rooms.journeys.models import Incident
from amity.rooms.journeys.rules.incidents import language
from amity.rooms.trust.contracts import Access

KEY, TITLE = "linden-l-503", "Shop and app answer L-503"
TOLD = {
    "affected": {"name": "Error Shown", "where": [{"of": "properties.code", "is": "equal", "to": "L-503"}]},
    "within": {"amount": 7, "unit": "days"},
}
NOTES = (
    (12 * MINUTE, "Monitoring is green, but service has three callers who see L-503 on the first page."),
    (45 * MINUTE, "Shop and app both: they share the sign-in service. Branches, kiosks and card payments go on."),
    (3 * HOUR, "Taken back to yesterday’s version; no better. It is the database behind sign-in."),
    (9 * HOUR, "Sign-in moves to the second data centre. Service answers from a text we agreed on."),
)


def make_incident(access: Access) -> int:
    """Tell the incident of the story where it isn't told and its errors have arrived, from the hour of the first to that of the last."""
    if Incident.objects.filter(workspace_id=access.workspace_id, key=KEY).exists():
        return 0
    now, zone = now_ms(), ZoneInfo(access.workspace.time_zone)
    shown = Event(name="Error Shown", where=(Filter(of="properties.code", test="equal", to="L-503"),))
    found = ask_moments([shown], workspace=access.workspace_id, now=now, zone=zone, first=EARLIEST, last=now)
    if not len(found):
        return 0
    first, last = int(found.at.min()) // HOUR * HOUR, -(-int(found.at.max()) // HOUR) * HOUR
    made = keep_incident(
        access, title=TITLE, severity="critical", status="over", first=first, last=last, told=language.read(json.dumps(TOLD)),
        owner="Teun Visser", key=KEY,
    )  # fmt: skip
    for after, text in NOTES:
        if first + after < last:
            write_note(access, incident_id=made.pk, text=text, at=first + after)
    write_note(
        access,
        incident_id=made.pk,
        text="All well for an hour. Next: tell those who met it, and the ones who complained first.",
        at=last,
    )
    return 1
