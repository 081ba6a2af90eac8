"""What the room holds of a customer: what they asked of their data before, and that their data is restricted.

`KEPT` are tables that erasing a customer leaves alone, each with its reason. Those of the engines and of libraries stand here
too, since no room above owns them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from amity.kernel.holdings import Record, Store, Subject
from amity.rooms.trust.actions.rights.sealed import open_subject, unsealed
from amity.rooms.trust.models import Restriction, RightsRequest
from amity.rooms.trust.rules.rights import ENDED, KINDS

STORES = (
    Store(name="trust.requests", title="Earlier requests about their data", tables=("trust_rights_request",)),
    Store(name="trust.restrictions", title="Restrictions of processing", tables=("trust_restriction",)),
)
_COLLEAGUES = "colleagues who sign in, not customers"
KEPT: Mapping[str, str] = {
    "trust_workspace": "workspaces and their settings",
    "trust_person": _COLLEAGUES,
    "trust_membership": _COLLEAGUES,
    "trust_invitation": _COLLEAGUES,
    "trust_sign_in_link": _COLLEAGUES,
    "trust_api_token": "keys of the API",
    "trust_audit_head": "where the audit chain ends",
    "trust_audit": "what colleagues did, which the law asks to prove; it names customers by their id alone, and can't be changed",
    "trust_rights_step": "how many records an erasure found and left, in numbers",
    "trust_suppression": "keyed hashes that keep an erased person from coming back",
    "present_position": "how far the log was read",
    "present_log_damage": "what the log lost, in numbers",
    "present_past_batch": "rows on their way to the past, for seconds: an erasure waits until they are there, then erases them",
    "present_seen": "hashes of messages' ids, dropped after twelve days",
    "present_replay": "spans of the log that were worked again",
    "past.schema_ledger": "which migrations the past has seen",
}


def find(subject: Subject) -> dict[str, int]:
    """Return how many records each store holds of the subject."""
    return {"trust.requests": len(_requests(subject)), "trust.restrictions": _restrictions(subject).count()}


def export(subject: Subject) -> Iterator[Record]:
    """Give what they asked before, and whether their data is restricted."""
    for one in _requests(subject):
        yield Record(store="trust.requests", data=_shown(one))
    for row in _restrictions(subject):
        yield Record(store="trust.restrictions", data={"customer_id": row.customer_id, "since": row.created_at})


def erase(subject: Subject) -> dict[str, int]:
    """Empty what earlier requests hold of the person, and lift restrictions: nothing is left to be restricted."""
    requests = _requests(subject)
    RightsRequest.objects.filter(pk__in=[one.pk for one in requests]).update(subject="", contact="", details="")
    restrictions, _ = _restrictions(subject).delete()
    return {"trust.requests": len(requests), "trust.restrictions": restrictions}


def _requests(subject: Subject) -> list[RightsRequest]:
    """Return requests that have ended and still tell whom they were about; one that is under way empties itself."""
    ids, identifiers = set(subject.customer_ids), set(subject.identifiers)
    ended = RightsRequest.objects.filter(workspace_id=subject.workspace_id, state__in=ENDED).exclude(subject="")
    found = []
    for one in ended.iterator(chunk_size=500):
        theirs = open_subject(one)
        if ids & set(theirs.customer_ids) or identifiers & set(theirs.identifiers):
            found.append(one)
    return found


def _restrictions(subject: Subject) -> QuerySet[Restriction]:
    return Restriction.objects.filter(workspace_id=subject.workspace_id, customer_id__in=subject.customer_ids)


def _shown(one: RightsRequest) -> dict[str, Any]:
    return {
        "asked": KINDS[one.kind],
        "received_at": one.received_at,
        "state": one.state,
        "contact": unsealed(one.contact),
        "details": unsealed(one.details),
        "answer": one.answer,
    }
