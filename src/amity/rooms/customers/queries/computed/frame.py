"""Values as of an instant, using nothing that was learned later: what models are trained on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from amity.engines.past.behaviour.question import Then
from amity.engines.present.bulk import run, uuids
from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.models import ComputedTrait
from amity.rooms.customers.queries.audiences.evaluate import evaluate
from amity.rooms.customers.queries.audiences.known import Kept
from amity.rooms.customers.queries.permission import permitted
from amity.rooms.customers.rules.computed.columns import objects
from amity.rooms.customers.rules.computed.inlining import whole_value
from amity.rooms.customers.rules.computed.language import Ref

MOST_TRAITS = 50
Known = Literal["received", "happened"]
# An unmerge says that two were never one, so merges that were taken back tell nothing.
_MERGED = """
    SELECT old_id, into_id FROM customers_merge
    WHERE workspace_id = %b AND undone IS NULL AND CASE WHEN %b THEN merged_at ELSE time END <= %b ORDER BY id
"""
_TODAY = "SELECT id, coalesce(merged_into, id) FROM customers_customer WHERE workspace_id = %b AND id = ANY(%b::uuid[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One row a customer, as customers were at `as_of` (ms): the id then, that of today, and each trait's values by its name.

    `numbers` are the names of traits that are numbers whatever the customers did.

    `withheld`: how many customers don't allow the purpose now, and aren't in it.
    """

    as_of: int
    then: Sequence[UUID]
    today: Sequence[UUID]
    values: Mapping[str, Sequence[Any]]
    numbers: Collection[str]
    withheld: int


def frame(  # noqa: PLR0913  one argument for each part
    traits: Sequence[ComputedTrait], *, workspace_id: int, purpose: str, as_of: int, known: Known = "received",
    only: Sequence[UUID] | None = None,
) -> Frame:  # fmt: skip
    """Return traits' values as they would have been at `as_of`, of those customers of then who allow the purpose now.

    With `known` "received", only what Amity had received by then counts, and customers are one where that was known. With "happened",
    whatever had happened by then counts, though it was sent or imported later. `only` are ids of customers.
    Raises Invalid for an instant to come, and for traits that ask what is known as of now only.
    """
    now = now_ms()
    if as_of > now:
        raise Invalid("A value can be told as of an instant that has been, not of one to come.")
    if not 1 <= len(traits) <= MOST_TRAITS:
        raise Invalid(f"Ask for at least one computed trait, and at most {MOST_TRAITS}.")
    kept = Kept(workspace_id)
    then = Then(
        received=as_of if known == "received" else None, merged=_merged(workspace_id, as_of, received=known == "received")
    )
    asked = {one.pk: whole_value(Ref(id=one.pk), kept.known) for one in traits}
    # Scores rank everybody of then, so everybody is looked at.
    done = evaluate({}, workspace=workspace_id, zone=kept.zone, now=as_of, values=asked, edges={}, then=then)
    ids = [UUID(bytes=one.ljust(16, b"\0")) for one in done.everybody]
    today = dict(run(_TODAY, [workspace_id, uuids(ids)]))
    wanted = None if only is None else set(run_today(workspace_id, only))
    chosen = [n for n, one in enumerate(ids) if one in today and (wanted is None or today[one] in wanted)]
    allowed = permitted(workspace_id=workspace_id, customer_ids=list({today[ids[n]] for n in chosen}), purpose=purpose)
    shown = [n for n in chosen if today[ids[n]] in allowed]
    columns = {one.pk: objects(done.columns[one.pk]) for one in traits}
    return Frame(
        as_of=as_of,
        then=[ids[n] for n in shown],
        today=[today[ids[n]] for n in shown],
        values={one.name: [columns[one.pk][n] for n in shown] for one in traits},
        numbers={one.name for one in traits if done.columns[one.pk].numbers},
        withheld=len(chosen) - len(shown),
    )


def run_today(workspace_id: int, ids: Sequence[UUID]) -> list[UUID]:
    """Return the ids of today of customers."""
    return [today for _, today in run(_TODAY, [workspace_id, uuids(ids)])]


def _merged(workspace_id: int, as_of: int, *, received: bool) -> dict[UUID, UUID]:
    """Return whom each id had become by an instant."""
    into = dict(run(_MERGED, [workspace_id, received, as_of]))
    found = {}
    for one in into:
        last, seen = one, {one}
        while last in into and into[last] not in seen:
            last = into[last]
            seen.add(last)
        found[one] = last
    return found
