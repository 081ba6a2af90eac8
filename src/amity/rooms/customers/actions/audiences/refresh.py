"""Keep audiences and computed traits up to date: of customers who were touched, of those whose windows end, of everybody when asked.

It is one question at two scopes. Whoever changes memberships of a workspace holds its lock, from before it looks until its
changes are committed; a computation of everybody looks without the lock, and looks again at whom others looked at meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from amity.engines.past.behaviour.accounts import fellows
from amity.kernel.clock import DAY, HOUR, now_ms
from amity.kernel.errors import AmityError
from amity.rooms.customers.actions.audiences.listing import follow_lists, keeps_lists
from amity.rooms.customers.actions.audiences.settle import hold, settle
from amity.rooms.customers.actions.audiences.touching import (
    CHANGED,
    TOLD_OF_ACCOUNT,
    Touched,
    done_since,
    ready,
    settle_touched,
    waiting_workspaces,
)
from amity.rooms.customers.actions.computed.settle import settle_values
from amity.rooms.customers.actions.sync.noticing import notice_changed
from amity.rooms.customers.models import Audience, ComputedTrait, ComputedValue, Member, Touch
from amity.rooms.customers.queries.audiences.evaluate import evaluate, overlaid, turns_of, who_is
from amity.rooms.customers.queries.audiences.known import Kept
from amity.rooms.customers.rules.computed.inlining import Node, depending, whole_value
from amity.rooms.customers.rules.computed.language import Tile, inner
from amity.rooms.customers.rules.computed.parts import key_of

if TYPE_CHECKING:
    import numpy as np

log = structlog.get_logger("amity.audiences")
DUE_AT_ONCE = 5_000
MOST_FELLOWS = 20_000  # members of accounts who are looked at by themselves; of more, everybody is
_STALE = HOUR  # a computation that began longer ago was given up
_FORGOTTEN = DAY  # everybody is looked at anew at least this often
_CHANGED = "The definition changed while it was computed; it is computed again."


def refresh_touched(*, now: int | None = None) -> bool:
    """Look at the audiences of customers who were touched, a part in each workspace; return whether more wait."""
    more = False
    for workspace in waiting_workspaces():
        more |= _refresh(workspace, now)
    return more


def _refresh(workspace: int, instant: int | None) -> bool:
    with transaction.atomic():
        hold(workspace)
        touched = ready(workspace)
        if touched is None:
            return False
        now = now_ms() if instant is None else instant
        _look(workspace, touched, now)
        computing = any(
            kind.objects.filter(workspace_id=workspace, computing_since__gt=now - _STALE).exists()
            for kind in (Audience, ComputedTrait)
        )
        settle_touched(touched, keep=computing, now=now)
        if not computing:
            Touch.objects.filter(workspace_id=workspace, done_at__isnull=False).delete()
    return True


def _look(workspace: int, touched: Touched, now: int) -> None:
    changed = touched.by({CHANGED})
    if len(changed):
        notice_changed(workspace_id=workspace, ids=changed)
        if keeps_lists(workspace):  # first: who they all are is much to ask
            follow_lists(workspace_id=workspace, customer_ids=who_is(workspace, uuids_of(changed)), now=now)
    live = Audience.objects.filter(workspace_id=workspace, archived_at=None, definition__isnull=False)
    if not (live.exists() or ComputedTrait.objects.filter(workspace_id=workspace, archived_at=None).exists()):
        return
    kept = Kept(workspace)
    concerned = kept.concerned(list(touched.names))
    if not concerned:
        return
    who = uuids_of(touched.by(set().union(*concerned.values())))
    _evaluate(kept, list(concerned), [*who, *_fellows(kept, concerned, touched, now)], now)


def _fellows(kept: Kept, nodes: Iterable[Node], touched: Touched, now: int) -> list[UUID]:
    """Return who else belongs to accounts of which something was told, where any of the nodes looks at that."""
    mine, tellers = kept.in_accounts(nodes), touched.by({TOLD_OF_ACCOUNT})
    if not mine or not len(tellers):
        return []
    found = fellows(who_is(kept.workspace_id, uuids_of(tellers)), workspace=kept.workspace_id, most=MOST_FELLOWS)
    if len(found) > MOST_FELLOWS:
        _want(mine, now)
        return []
    return found


def refresh_due(*, now: int | None = None) -> bool:
    """Look at customers whose windows have ended, and begin anew what a calendar has turned; return whether more wait."""
    instant = now_ms() if now is None else now
    _turn(instant)
    members = Member.objects.filter(due__lte=instant, audience__archived_at=None)
    values = ComputedValue.objects.filter(due__lte=instant, trait__archived_at=None)
    found = (
        ("audience", members.order_by("due").values_list("audience__workspace_id", "audience_id", "customer_id")[:DUE_AT_ONCE]),
        ("trait", values.order_by("due").values_list("trait__workspace_id", "trait_id", "customer_id")[:DUE_AT_ONCE]),
    )
    rows = [(workspace, (kind, one), who) for kind, some in found for workspace, one, who in some]
    for workspace in sorted({row[0] for row in rows}):
        with transaction.atomic():
            hold(workspace)
            kept = Kept(workspace)
            mine = [
                row
                for row in rows
                if row[0] == workspace and row[1][1] in (kept.audiences if row[1][0] == "audience" else kept.traits)
            ]
            if mine:
                _evaluate(kept, {row[1] for row in mine}, sorted({row[2] for row in mine}), instant)
    return len(rows) >= DUE_AT_ONCE


def _turn(now: int) -> None:
    """Want everybody looked at where a calendar window has moved, and where that is a day ago."""
    stale = Q(turns_at__lte=now) | Q(computed_at__lt=now - _FORGOTTEN)
    Audience.objects.filter(stale, archived_at=None, definition__isnull=False, wanted_at=None).update(wanted_at=now)
    ComputedTrait.objects.filter(stale, archived_at=None, wanted_at=None).update(wanted_at=now)


def recompute_wanted() -> bool:
    """Compute the trait, else the audience, that has been wanted longest; return whether there was one."""
    for kind, compute in ((ComputedTrait, recompute_trait), (Audience, recompute)):
        waiting = kind.objects.filter(archived_at=None, definition__isnull=False, wanted_at__isnull=False)
        idle = waiting.filter(Q(computing_since=None) | Q(computing_since__lt=now_ms() - _STALE))
        one = idle.order_by("wanted_at").values_list("pk", flat=True).first()
        if one is not None:
            compute(one)
            return True
    return False


def recompute(audience_id: int, *, now: int | None = None) -> tuple[int, int]:
    """Look at everybody and return how many entered and left. Raises NotRunning, or what is wrong with the definition."""
    began = now_ms() if now is None else now
    with _Computing(Audience, audience_id, began):
        counts = _recompute(audience_id, began)
    log.info("audience computed", audience=audience_id, entered=counts[0], left=counts[1], ms=now_ms() - began)
    return counts


def recompute_trait(trait_id: int, *, now: int | None = None) -> int:
    """Work a computed trait out for everybody and return how many values changed. Raises NotRunning, or what is wrong with it.

    Where it holds a score, its edges are worked out anew, and all that refers to it is wanted anew.
    """
    began = now_ms() if now is None else now
    with _Computing(ComputedTrait, trait_id, began):
        changed = _recompute_trait(trait_id, began)
    log.info("trait computed", trait=trait_id, changed=changed, ms=now_ms() - began)
    return changed


class _Computing:
    """Marks what is being computed, and what went wrong with it."""

    def __init__(self, kind: type[Audience | ComputedTrait], pk: int, began: int) -> None:
        self.row, self.began = kind.objects.filter(pk=pk), began

    def __enter__(self) -> None:
        self.row.update(computing_since=self.began, wanted_at=None)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        if isinstance(error, AmityError):
            again = self.began if error.code == "not_running" else None
            self.row.update(computing_since=None, trouble=error.message, wanted_at=again)
        elif error is not None:
            self.row.update(computing_since=None, wanted_at=self.began)


def _recompute(audience_id: int, began: int) -> tuple[int, int]:
    workspace = Audience.objects.get(pk=audience_id).workspace_id
    kept = Kept(workspace)
    condition = kept.conditions[audience_id]
    given: dict[str, Any] = {"workspace": workspace, "zone": kept.zone, "edges": kept.edges}
    done = evaluate({audience_id: condition}, now=began, **given)
    with transaction.atomic():
        hold(workspace)
        again = Kept(workspace)  # it may have been edited meanwhile: then what was found is of no use
        if again.conditions.get(audience_id) != condition or again.edges != kept.edges:
            raise AmityError(_CHANGED, code="not_running")
        audience = again.audiences[audience_id]
        meanwhile = done_since(workspace, began)
        if meanwhile is not None:
            ids = uuids_of(meanwhile.by(set(meanwhile.names)))
            ids += _fellows(again, [("audience", audience_id)], meanwhile, max(now_ms(), began))
            given["edges"] = {**kept.edges, **done.edges}
            done = overlaid(done, evaluate({audience_id: condition}, now=max(now_ms(), began), only=ids, **given))
        entered, left = settle([audience], done)[audience_id]
        Audience.objects.filter(pk=audience_id).update(
            computed_at=began, computing_since=None, turns_at=done.found[audience_id].turns, trouble=""
        )
    return entered, left


def _recompute_trait(trait_id: int, began: int) -> int:
    workspace = ComputedTrait.objects.get(pk=trait_id).workspace_id
    kept = Kept(workspace)
    value = kept.values[trait_id]
    scores = set(_scores_of(kept, trait_id))
    edges = {key: one for key, one in kept.edges.items() if key not in scores}
    given: dict[str, Any] = {"workspace": workspace, "zone": kept.zone, "values": {trait_id: value}}
    done = evaluate({}, now=began, edges=edges, **given)
    with transaction.atomic():
        hold(workspace)
        again = Kept(workspace)
        if again.values.get(trait_id) != value or {key: one for key, one in again.edges.items() if key not in scores} != edges:
            raise AmityError(_CHANGED, code="not_running")
        meanwhile = done_since(workspace, began)
        if meanwhile is not None:
            ids = uuids_of(meanwhile.by(set(meanwhile.names)))
            ids += _fellows(again, [("trait", trait_id)], meanwhile, max(now_ms(), began))
            done = overlaid(done, evaluate({}, now=max(now_ms(), began), only=ids, edges={**edges, **done.edges}, **given))
        changed = settle_values([again.traits[trait_id]], done)[trait_id]
        made = {key.decode(): list(done.edges[key]) for key in scores if key in done.edges}
        moved = made != again.traits[trait_id].edges
        ComputedTrait.objects.filter(pk=trait_id).update(
            computed_at=began, computing_since=None, trouble="", edges=made,
            turns_at=turns_of((), [value], now=began, zone=kept.zone),
        )  # fmt: skip
        if moved:
            _want(depending(("trait", trait_id), again.known), began)
    return changed


def _scores_of(kept: Kept, trait_id: int) -> list[bytes]:
    """Return the keys of the scores that a trait's own definition holds; those of traits that it refers to are theirs."""
    found, waiting = [], [kept.known.traits[trait_id].value]
    while waiting:
        one = waiting.pop()
        waiting.extend(inner(one))
        if isinstance(one, Tile):
            found.append(key_of(whole_value(one, kept.known)))
    return found


def _want(nodes: Collection[Node], now: int) -> None:
    Audience.objects.filter(pk__in=[pk for kind, pk in nodes if kind == "audience"], archived_at=None).update(wanted_at=now)
    ComputedTrait.objects.filter(pk__in=[pk for kind, pk in nodes if kind == "trait"], archived_at=None).update(wanted_at=now)


def _evaluate(kept: Kept, nodes: Collection[Node], ids: Sequence[UUID], now: int) -> None:
    audiences = sorted(pk for kind, pk in nodes if kind == "audience")
    traits = sorted(pk for kind, pk in nodes if kind == "trait" and kept.traits[pk].computed_at is not None)
    done = evaluate(
        {one: kept.conditions[one] for one in audiences}, values={one: kept.values[one] for one in traits},
        workspace=kept.workspace_id, zone=kept.zone, now=now, only=ids, edges=kept.edges,
    )  # fmt: skip
    settle([kept.audiences[one] for one in audiences], done)
    settle_values([kept.traits[one] for one in traits], done)


def uuids_of(ids: np.ndarray) -> list[UUID]:
    """Return ids from `S16`, which drops zeros at the end."""
    return [UUID(bytes=one.ljust(16, b"\0")) for one in ids]
