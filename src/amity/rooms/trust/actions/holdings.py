"""What the room holds of a customer: nothing. `KEPT` are tables that erasing a customer leaves alone, each with its reason.

Those of the engines and of libraries stand here too, since no room above owns them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from amity.kernel.holdings import Record, Store, Subject

STORES: tuple[Store, ...] = ()
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
    """Return how many records each store holds of the subject."""
    del subject
    return {}


def export(subject: Subject) -> Iterator[Record]:
    """Give everything that the room holds of the subject."""
    del subject
    return iter(())


def erase(subject: Subject) -> dict[str, int]:
    """Erase it, and return how many records that were."""
    del subject
    return {}
