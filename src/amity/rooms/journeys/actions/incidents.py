"""What people and programs do to incidents: open, change, end them, write notes, make a list of whom to follow up."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.customers import api as customers
from amity.rooms.journeys.models import Incident, IncidentEntry
from amity.rooms.journeys.queries.incidents.impact import ids_allowed, people_of
from amity.rooms.journeys.queries.incidents.kept import accessible_incident
from amity.rooms.journeys.rules.incidents.language import SEVERITIES, STATUSES, Told, read, written
from amity.rooms.journeys.rules.texts import checked_name, storable
from amity.rooms.metrics import api as metrics
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

LONGEST_NOTE = 4_000
LONGEST = 366 * DAY
_LATEST = 4_102_444_800_000  # 2100
_AHEAD = DAY  # clocks differ; nobody knows an incident of next week


def keep_incident(  # noqa: PLR0913  one argument for each part
    access: Access, *, incident_id: int | None = None, title: str, severity: str, status: str, first: int, last: int | None = None, told: Told,
    owner: str = "", metric_id: int | None = None, alert_id: int | None = None, key: str = "", request: HttpRequest | None = None,
) -> Incident:  # fmt: skip
    """Open an incident, or change one. One that is over has an end: now, where none is given. Raises Invalid, NotFound."""
    now, who = now_ms(), access.actor.name[:254]
    one, before = _begun(access, incident_id, now=now, who=who)
    if severity not in SEVERITIES or status not in STATUSES:
        raise Invalid(f"An incident is {', '.join(SEVERITIES)}, and {', '.join(STATUSES)}.")
    if status == "over" and last is None:
        last = max(now, first)
    _check_time(first, last, now)
    if metric_id is not None:
        metrics.accessible_metric(workspace_id=access.workspace_id, metric_id=metric_id)
    if alert_id is not None:
        metrics.alert_told(workspace_id=access.workspace_id, alert_id=alert_id)
    one.title, one.severity, one.status = checked_name(title, "An incident"), severity, status
    one.first, one.last, one.definition = first, last, written(read_again(told))
    one.owner, one.metric_id, one.alert_id = storable(owner).strip()[:120], metric_id, alert_id
    one.key = storable(key).strip()[:120] or one.key
    one.updated_at, one.updated_by = now, who
    with transaction.atomic():
        _save(one)
        after = _told(one)
        _write(one, "change", _changes(before, after), access, at=now)
        action = "incident.changed" if before else "incident.opened"
        trust.record(access, action=action, target=f"incident:{one.pk}", before=before, after=after, request=request)
    return one


def write_note(
    access: Access, *, incident_id: int, text: str, at: int | None = None, request: HttpRequest | None = None
) -> IncidentEntry:
    """Write on an incident's timeline what happened, now unless told when (ms). Raises Invalid, NotFound."""
    one, now = accessible_incident(workspace_id=access.workspace_id, incident_id=incident_id), now_ms()
    said = storable(text).strip()
    if not said or len(said) > LONGEST_NOTE:
        raise Invalid(f"A note has from 1 to {LONGEST_NOTE:,} characters.")
    if at is not None and not 0 <= at <= now + _AHEAD:
        raise Invalid("A note is of what happened, not of what will.")
    with transaction.atomic():
        made = _write(one, "note", said, access, at=now if at is None else at)
        trust.record(access, action="incident.noted", target=f"incident:{one.pk}", request=request)
    return made


def list_for_follow_up(  # noqa: PLR0913  one argument for each part
    access: Access, *, incident_id: int, part: str, name: str, purpose: str, request: HttpRequest | None = None
) -> tuple[int, int]:
    """Make a list of who is in a part of the impact and may be used for a purpose; return the audience's id and how many may not.

    Raises Forbidden, Invalid, NotFound, NotRunning.
    """
    if not access.can("audiences.write"):
        raise Forbidden("Your role doesn’t make audiences.")
    one = accessible_incident(workspace_id=access.workspace_id, incident_id=incident_id)
    wanted = customers.named_purpose(purpose)
    who = people_of(one, part, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    allowed = ids_allowed(who, workspace_id=access.workspace_id, purpose=wanted)
    if not allowed:
        raise Invalid("Nobody of them may be used for this purpose." if who else "Nobody is in this part of it.")
    with transaction.atomic():
        about = f"Of the incident “{one.title}” ({part}), for {customers.purpose_names(access.workspace_id).get(wanted, wanted)}."
        audience = customers.create_list_of(access, name=name, about=about, customer_ids=allowed, request=request)
        _write(one, "list", f"{name.strip()}: {len(allowed):,} customers to follow up", access, at=now_ms(), audience_id=audience)
        after = {"part": part, "purpose": wanted, "customers": len(allowed)}
        trust.record(access, action="incident.listed", target=f"incident:{one.pk}", after=after, request=request)
    return audience, len(who) - len(allowed)


def read_again(told: Told) -> Told:
    """Return a definition that keeps the language's rules, however it was made. Raises Invalid."""
    import msgspec

    return read(msgspec.json.encode(told))


def _begun(access: Access, incident_id: int | None, *, now: int, who: str) -> tuple[Incident, dict[str, Any] | None]:
    if incident_id is None:
        return Incident(workspace_id=access.workspace_id, created_at=now, created_by=who), None
    one = accessible_incident(workspace_id=access.workspace_id, incident_id=incident_id)
    return one, _told(one)


def _check_time(first: int, last: int | None, now: int) -> None:
    if not 0 <= first <= now + _AHEAD or first >= _LATEST:
        raise Invalid("An incident has begun, after 1970.")
    if last is not None and not first <= last < _LATEST:
        raise Invalid("An incident ends after it begins.")
    if (last if last is not None else now) - first > LONGEST:
        raise Invalid("An incident lasts at most a year.")


def _save(one: Incident) -> None:
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise Invalid("There is an incident with this key already.") from None


def _told(one: Incident) -> dict[str, Any]:
    names = ("title", "severity", "status", "first", "last", "owner", "definition", "metric_id")
    return {name: getattr(one, name) for name in names}


_WORDS = {
    "title": "title",
    "first": "beginning",
    "last": "end",
    "definition": "who was affected",
    "metric_id": "metric of the loss",
}


def _changes(before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    """Return a change in words; empty for none."""
    if before is None:
        return f"Opened, {SEVERITIES[after['severity']].lower()}"
    said = []
    if before["status"] != after["status"]:
        said.append(f"{STATUSES[before['status']]} → {STATUSES[after['status']]}")
    if before["severity"] != after["severity"]:
        said.append(f"{SEVERITIES[before['severity']]} → {SEVERITIES[after['severity']]}")
    if before["owner"] != after["owner"]:
        said.append(f"{after['owner'] or 'nobody'} answers for it")
    other = [words for name, words in _WORDS.items() if before[name] != after[name]]
    if other:
        said.append(f"changed: {', '.join(other)}")
    return "; ".join(said)


def _write(  # noqa: PLR0913  one argument for each part
    one: Incident, kind: str, text: str, access: Access, *, at: int, audience_id: int | None = None
) -> IncidentEntry:
    made = IncidentEntry(
        incident=one, kind=kind, text=text, audience_id=audience_id, at=at, made_at=now_ms(), made_by=access.actor.name[:254]
    )
    if text:
        made.save()
    return made
