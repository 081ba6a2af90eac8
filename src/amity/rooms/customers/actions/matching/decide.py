"""What people say of proposals: that they are one person, not now, or never. Nothing is ever joined without that."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.people import LONGEST_REASON, decided, keep_apart, merge_customers
from amity.rooms.customers.models import MatchPair
from amity.rooms.customers.models.matching import ACCEPTED, BLOCKED, OPEN, REJECTED
from amity.rooms.customers.queries.matching.groups import group_of
from amity.rooms.customers.queries.matching.pairs import Proposal, find_proposal, rows_between
from amity.rooms.customers.queries.matching.people import records_of
from amity.rooms.customers.rules.identity import Decided
from amity.rooms.customers.rules.matching.waterfall import evidence
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access


def accept_match(
    access: Access, *, pair_id: int, reason: str, also: Iterable[UUID] = (), request: HttpRequest | None = None
) -> UUID:
    """Join the two of a proposal, and `also` others of its group, and return the customer that they are now.

    The ledger's reason ends with the evidence. Raises Forbidden without `identity.write`, NotFound where it isn't proposed any
    more, Invalid for others that aren't of the group, Conflict where a worker was at one of them: call again.
    """
    by = decided(access, reason)
    with transaction.atomic():
        row, proposal = _held(access, pair_id)
        others = set(also) - {proposal.first, proposal.second}
        if others and others - set(group_of(workspace_id=access.workspace_id, proposal=proposal).customers):
            raise Invalid("One of them isn’t of this group any more. Look at it again.")
        everyone = [proposal.first, proposal.second, *sorted(others)]
        rows = rows_between(workspace_id=access.workspace_id, customer_ids=everyone)
        told = evidence(weight=row.weight, probability=row.probability, parts=row.parts)
        why = f"{by.reason} ({told})" if by.reason else told
        into = merge_customers(access, customer_ids=everyone, reason=_shortened(why), request=request)
        _decide(MatchPair.objects.filter(pk__in=[one.pk for one in rows]), ACCEPTED, by)
    return into


def reject_match(access: Access, *, pair_id: int, reason: str = "", request: HttpRequest | None = None) -> None:
    """Say "not now": the two aren't proposed again until what is known of one of them changes. Raises as `accept_match`."""
    by = decided(access, reason)
    with transaction.atomic():
        row, proposal = _held(access, pair_id)
        records = records_of(workspace_id=access.workspace_id, customer_ids=(proposal.first, proposal.second))
        marks = [records[one].mark() if one in records else "" for one in (proposal.first, proposal.second)]
        same = rows_between(workspace_id=access.workspace_id, customer_ids=(proposal.first, proposal.second))
        # The row goes to the two of today: it is they of whom this was said.
        MatchPair.objects.filter(pk__in=[one.pk for one in same if one.pk != row.pk]).delete()
        MatchPair.objects.filter(first_id=proposal.first, second_id=proposal.second).exclude(pk=row.pk).delete()
        MatchPair.objects.filter(pk=row.pk).update(first_id=proposal.first, second_id=proposal.second, marks=marks)
        _decide(MatchPair.objects.filter(pk=row.pk), REJECTED, by)
        _record(access, "matching.rejected", proposal, by, request)


def block_match(access: Access, *, pair_id: int, reason: str, request: HttpRequest | None = None) -> None:
    """Say "never": the two are kept apart from now on, whatever evidence comes. Raises as `accept_match`."""
    by = decided(access, reason)
    with transaction.atomic():
        _, proposal = _held(access, pair_id)
        rows = rows_between(workspace_id=access.workspace_id, customer_ids=(proposal.first, proposal.second))
        keep_apart(access, first_id=proposal.first, second_id=proposal.second, reason=reason, request=request)
        _decide(MatchPair.objects.filter(pk__in=[one.pk for one in rows]), BLOCKED, by)


def _held(access: Access, pair_id: int) -> tuple[MatchPair, Proposal]:
    """Hold the row, so that two colleagues can't decide at once."""
    MatchPair.objects.select_for_update().filter(workspace_id=access.workspace_id, pk=pair_id, state=OPEN).first()
    return find_proposal(workspace_id=access.workspace_id, pair_id=pair_id)


def _decide(rows: QuerySet[MatchPair], state: str, by: Decided) -> None:
    rows.update(state=state, decided_at=now_ms(), person=by.person, person_id=by.person_id, reason=by.reason)


def _record(access: Access, action: str, proposal: Proposal, by: Decided, request: HttpRequest | None) -> None:
    after = {"other": str(proposal.second), "weight": round(proposal.weight, 2), "reason": by.reason}
    trust.record(access, action=action, target=f"customer:{proposal.first}", after=after, request=request)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"
