"""Words of the plan's pages, and addresses that carry an interaction's name whatever it holds."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from amity.rooms.collection.rules.plan.document import KINDS

STATUSES = {"live": "Live", "planned": "Planned", "deprecated": "Deprecated", "unplanned": "Not planned"}
ACTIONS = {"allow": "Let it pass", "flag": "Flag it", "quarantine": "Set it aside in quarantine", "block": "Block it"}
PROPERTY_ACTIONS = {
    "allow": "Let them pass",
    "flag": "Flag the interaction",
    "omit": "Leave them out",
    "block": "Block the interaction",
}
PII = {"none": "No personal data", "personal": "Personal", "sensitive": "Sensitive"}
CODES = {
    "missing": "Missing",
    "type": "Another type",
    "enum": "None of the planned values",
    "pattern": "Doesn’t match its pattern",
    "format": "Another format",
    "limit": "Outside its limits",
    "unplanned_property": "Not planned",
    "unplanned_event": "Interaction not planned",
    "deprecated": "Deprecated",
}
DONE = {"flag": "Flagged", "quarantine": "Quarantined", "block": "Blocked", "allow": "Passed"}


def address(view: str, workspace: str, kind: str, name: str) -> str:
    """Return a page's address for one interaction."""
    return f"{reverse(view, kwargs={'workspace': workspace})}?{urlencode({'kind': kind, 'name': name})}"


def asked(request: HttpRequest) -> tuple[str, str]:
    """Return (kind, name) that an address or a form names. Raises Http404."""
    given = request.POST if request.method == "POST" else request.GET
    kind, name = given.get("kind", ""), given.get("name", "")
    if kind not in {*KINDS, "other"} or len(name) > 200 or "\x00" in name:
        raise Http404("No such interaction.")
    return kind, name
