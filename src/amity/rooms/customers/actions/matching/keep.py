"""Keep what a run found: new proposals, and those of before that still hold. What people decided stays decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction

from amity.kernel.clock import now_ms
from amity.rooms.customers.models import MatchPair, MatchRun
from amity.rooms.customers.models.matching import DONE, OPEN, REJECTED, RUNNING
from amity.rooms.customers.queries.matching.pairs import apart_pairs
from amity.rooms.customers.rules.matching.model import weight_of

_AT_ONCE = 1_000
_FIELDS = (
    "workspace_id",
    "run_id",
    "found_at",
    "weight",
    "probability",
    "prior",
    "parts",
    "state",
    "marks",
    "decided_at",
    "person",
    "person_id",
    "reason",
)


def keep(run: MatchRun, *, learned: Mapping[str, Any], pairs: Iterable[Mapping[str, Any]], marks: Mapping[UUID, str]) -> None:
    """Write proposals and end the run, at once. Proposals of before that weren't found again are gone.

    Two who are kept apart, and pairs of whom somebody said "not now" and who are as they were then, aren't proposed. `marks`
    tell what those are compared by now.
    """
    workspace, now = run.workspace_id, now_ms()
    prior = weight_of(float(learned["prior"])) if learned["prior"] else 0.0
    found = proposed = 0
    with transaction.atomic():
        if not MatchRun.objects.select_for_update().filter(pk=run.pk, claim=run.claim, state=RUNNING, stop_asked=False).exists():
            return  # stopped at the last moment, or taken up by another
        apart = apart_pairs(workspace_id=workspace)
        for some in _in_pieces(pairs):
            found += len(some)
            made = [_pair(one, workspace=workspace, run=run.pk, now=now, prior=prior) for one in some]
            ids = [one.first_id for one in made]
            # Rows that people look at are held, so that nobody decides about one while it is written.
            known = {(one.first_id, one.second_id): one for one in MatchPair.objects.select_for_update().filter(first_id__in=ids)}
            new = [one for one in made if _is_open(one, known.get((one.first_id, one.second_id)), apart, marks)]
            MatchPair.objects.bulk_create(
                new, update_conflicts=True, unique_fields=["first_id", "second_id"], update_fields=_FIELDS
            )
            proposed += len(new)
        MatchPair.objects.filter(workspace_id=workspace, state=OPEN).exclude(run_id=run.pk).delete()
        MatchRun.objects.filter(pk=run.pk).update(
            state=DONE, claim="", doing="", share=1.0, finished_at=now, records=learned["records"], pairs=learned["pairs"],
            found=found, proposed=proposed, model=dict(learned),
        )  # fmt: skip


def _is_open(made: MatchPair, known: MatchPair | None, apart: set[tuple[UUID, UUID]], marks: Mapping[UUID, str]) -> bool:
    if (made.first_id, made.second_id) in apart:
        return False
    if known is None or known.state != REJECTED:
        return True
    now = [marks.get(made.first_id), marks.get(made.second_id)]
    return None not in now and now != known.marks  # said while the run was under way: nothing is known of a change


def _pair(one: Mapping[str, Any], *, workspace: int, run: int, now: int, prior: float) -> MatchPair:
    first, second = sorted((UUID(one["first"]), UUID(one["second"])))
    return MatchPair(
        workspace_id=workspace, first_id=first, second_id=second, run_id=run, found_at=now, weight=one["weight"],
        probability=one["probability"], prior=prior, parts=one["parts"],
    )  # fmt: skip


def _in_pieces(pairs: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    rest = iter(pairs)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
