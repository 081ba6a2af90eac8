"""What the room holds of a customer: what they asked of their data. `KEPT` are tables that erasing a customer leaves alone.

Those of the engines and of libraries stand here too, since no room above owns them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from amity.kernel.holdings import Record, Store, Subject
from amity.rooms.trust.actions.rights.emptying import empty_requests
from amity.rooms.trust.actions.rights.regulations import leave_out, subjects_left
from amity.rooms.trust.actions.rights.sealed import open_identifiers, unsealed
from amity.rooms.trust.models import Regulation
from amity.rooms.trust.queries.rights import requests_of

STORES = (
    Store(
        name="trust.requests",
        title="Requests about their data",
        tables=("trust_rights_request", "trust_rights_step", "trust_rights_archive", "trust_regulation"),
        derived=True,
    ),
)
_COLLEAGUES = "colleagues who sign in, not customers"
KEPT: Mapping[str, str] = {
    "trust_workspace": "workspaces and their settings",
    "trust_person": _COLLEAGUES,
    "trust_membership": _COLLEAGUES,
    "trust_invitation": _COLLEAGUES,
    "trust_sign_in_link": _COLLEAGUES,
    "trust_api_token": "keys of the API",
    "trust_retention_rule": "how long a workspace keeps kinds of data",
    "trust_rights_setting": "how a workspace takes requests",
    "trust_audit_head": "where the audit chain ends",
    "trust_audit": "what colleagues did, which the law asks to prove; it names customers by their id alone, and can't be changed",
    "trust_suppression": "keyed hashes that keep an erased person from coming back",
    "trust_erasure": "erasures and their receipts; whom one is about is sealed, and emptied when it is done",
    "trust_erasure_step": "how many records an erasure found and left, in numbers",
    "present_position": "how far the log was read",
    "present_log_damage": "what the log lost, in numbers",
    "present_past_batch": "rows on their way to the past, for seconds: an erasure waits until they are there, then erases them",
    "present_seen": "hashes of messages' ids, dropped after twelve days",
    "present_replay": "spans of the log that were worked again",
    "past.schema_ledger": "which migrations the past has seen",
}


def find(subject: Subject) -> dict[str, int]:
    """Return how many records each store holds of the subject: a request that was emptied tells of nobody any more."""
    return {"trust.requests": requests_of(subject).exclude(subject="").count() + len(_regulations(subject))}


def export(subject: Subject) -> Iterator[Record]:
    """Give everything that the room holds of the subject."""
    for row in requests_of(subject).exclude(subject="").order_by("received_at"):
        data = {
            "request": row.pk, "kind": row.kind, "law": row.law, "state": row.state, "received_at": row.received_at,
            "due_at": row.due_at, "identifiers": [list(one) for one in open_identifiers(row.subject)],
            "contact": unsealed(row.contact), "details": unsealed(row.details), "verified_how": row.verified_how,
            "steps": [{"what": one.what, "at": one.at, "note": one.note} for one in row.steps.order_by("at", "id")],
        }  # fmt: skip
        yield Record(store="trust.requests", data=data)
    for one, ids in _regulations(subject):
        yield Record(store="trust.requests", data={"regulation": one.kind, "asked_at": one.asked_at, "user_ids": sorted(ids)})


def erase(subject: Subject) -> dict[str, int]:
    """Empty the requests of what tells of the subject, and return how many those were.

    That there was a request, when, and what became of it stays: the law asks to prove that it was answered (GDPR Art. 5(2)).
    """
    ids = list(requests_of(subject).exclude(subject="").values_list("pk", flat=True))
    empty_requests(ids)
    regulations = _regulations(subject)
    for regulation, theirs in regulations:
        leave_out(regulation, theirs)
    return {"trust.requests": len(ids) + len(regulations)}


def _regulations(subject: Subject) -> list[tuple[Regulation, set[str]]]:
    """Return regulations that have yet to come to a user id of the subject's."""
    theirs = set(subject.values("user_id"))
    waiting = Regulation.objects.filter(workspace_id=subject.workspace_id).exclude(subjects="") if theirs else ()
    return [(row, named) for row in waiting if (named := theirs.intersection(subjects_left(row)))]
