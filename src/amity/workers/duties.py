"""What the leading worker does beside the pipeline, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from threading import Event
from typing import Any
from uuid import UUID

from django.db.models import Q

from amity.engines.log.client import Log
from amity.engines.present import seen
from amity.kernel.clock import DAY, now_ms
from amity.workers.background import Background
from amity.workers.carrier import REPLAYS, carry
from amity.workers.leader import Duty
from amity.workers.metrics import DRIFT, RELAYED
from amity.workers.relay import relay
from amity.workers.replay import no_replay_running, replay_running
from amity.workers.watch import Watch

_AT_ONCE = 1_000  # customers put in order before the other duties have their turn
_PARTED_AT_ONCE = 10  # customers of whom merges are taken back
_REMIND_EVERY = 3_600
_LOOK_EVERY = 2  # seconds until alerts' rules are asked again, where none was due
_CHANGED_AT_ONCE = 20  # groups of customers that identity rules change


def duties(
    *, log: Log, loop: asyncio.AbstractEventLoop, stopping: Event, busy: Callable[[], bool], watch: Watch | None = None
) -> list[Duty]:
    """Return the leader's duties. They run in its thread; what is asynchronous runs in `loop`; `stopping` ends what is long.

    While the worker is `busy` with a backlog, or a replay runs, customers aren't put in order: the next interactions would only
    mark them again.
    """
    from amity.engines.past.retention import enforce_retention
    from amity.rooms.collection import api as collection
    from amity.rooms.customers import api as customers
    from amity.rooms.journeys import api as journeys
    from amity.rooms.listening import api as listening
    from amity.rooms.metrics import api as metrics
    from amity.rooms.trust import api as trust

    def wait_for(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    def append(body: bytes, name: str) -> int:
        return int(wait_for(log.append(body, message_id=name)))

    def keys() -> None:
        wait_for(collection.reconcile(log, collection.expected_entries()))

    def leftovers() -> None:
        with no_replay_running() as none:
            if none:
                carry(Q(shard=REPLAYS))

    def retention() -> None:
        kept = {one.id: one.retention_days for one in trust.list_workspaces() if one.retention_days}
        if kept:
            enforce_retention(days=kept)
        trust.keep_rules()

    def resequence() -> bool:
        return not busy() and not replay_running() and customers.resequence_marked(limit=_AT_ONCE) == _AT_ONCE

    long_work = partial(Background, stopping=stopping, watch=watch)
    long = [
        long_work("importing", lambda stops: collection.run_next_import(stopping=stops), waits="imports"),
        long_work("matching", lambda stops: customers.run_next_matching(stopping=stops), waits="matching"),
        long_work("clustering", lambda stops: customers.run_next_clustering(stopping=stops), waits="clustering"),
        long_work("audits", lambda stops: journeys.run_next_audit(stopping=stops), waits="audits"),
        long_work("friction", lambda stops: journeys.run_next_pricing(stopping=stops), waits="friction"),
        long_work("moments that matter", lambda stops: journeys.run_next_foretelling(stopping=stops), waits="moments"),
        # What people ask of their data: a slow mail server or a long archive lets no other wait.
        long_work("links to confirm", lambda _: trust.send_next_link(), waits="links"),
        long_work("regulations", lambda _: trust.work_regulations(), waits="regulations"),
        long_work("archives", lambda _: trust.make_next_archive(), waits="archives"),
        long_work("letters of comments", lambda _: journeys.send_next_letter(), pause=_LOOK_EVERY, waits="letters of comments"),
        long_work("alerts", lambda _: metrics.work_next_alert_rule(), pause=_LOOK_EVERY, waits="alerts"),
        long_work("letters of alerts", lambda _: metrics.work_next_notice(), pause=_LOOK_EVERY, waits="notices"),
        long_work("letters of dashboards", lambda _: metrics.work_next_post(), pause=_LOOK_EVERY, waits="letters of dashboards"),
        long_work("checks", lambda _: metrics.work_next_checks(), waits="checks"),
        long_work("invitations", lambda _: listening.send_next_invitation(), pause=_LOOK_EVERY, waits="invitations"),
        long_work("reminders", lambda _: trust.remind() < 0, pause=_REMIND_EVERY),
    ]
    return [
        *(Duty(one.name, 5, one.begin) for one in long),
        Duty("relay", 0.2, lambda: RELAYED.inc(relay(append)), waits="outbox"),
        Duty("write keys", 60, keys),
        Duty("requests that are erased", 5, trust.finish_erased, waits="requests for erasure"),
        Duty("old archives", 3_600, trust.forget_old_archives),
        Duty("resequence", 2, resequence, waits="marked"),
        Duty("unmerge", 2, _unmerge, waits="unmerges"),
        Duty("seal", 5, Sealing().some),
        Duty("replay's leftovers", 60, leftovers),
        Duty("forget keys", 3_600, lambda: seen.drop_old(now_ms())),
        Duty("old imports", 3_600, collection.forget_old_imports),
        Duty("old runs of checks", 3_600, metrics.forget_old_runs),
        Duty("old files of lists", 3_600, customers.forget_old_uploads),
        Duty("drift", 3_600, lambda: DRIFT.set(collection.watch_drift())),
        Duty("retention", 3_600, retention),
    ]


def audience_duties() -> list[Duty]:
    """Return what keeps audiences up to date. In a thread of its own, so that no other duty lets it wait."""
    from amity.rooms.customers import api as customers

    return [
        Duty("touched customers", 0.3, customers.refresh_touched, waits="touched"),
        Duty("windows that end", 1, customers.refresh_due, waits="windows"),
        Duty("audiences to compute", 1, customers.recompute_wanted, waits="wanted"),
    ]


def erasing_duties(*, log: Log, loop: asyncio.AbstractEventLoop) -> list[Duty]:
    """Return what erases whoever is to be erased. In a thread of its own: the past may take minutes to write its parts anew."""
    from amity.rooms.trust import api as trust

    def log_end() -> int:
        return asyncio.run_coroutine_threadsafe(log.state(), loop).result(30).last_seq

    around = trust.Surroundings(log_end=log_end, alone=no_replay_running)
    return [
        Duty("erased before", 3_600, trust.erase_again),
        Duty("erasures", 1, lambda: trust.work_erasures(around), waits="erasures"),
    ]


class Sealing:
    """Seals what profiles hold of traits that a plan came to call sensitive. Looks anew only where a plan changed."""

    def __init__(self) -> None:
        self.done: dict[int, UUID] = {}

    def some(self) -> bool:
        """Seal some; returns whether more is left."""
        from amity.rooms.collection import api as collection
        from amity.rooms.customers import api as customers

        for workspace, (stamp, names) in collection.sensitive_traits().items():
            if self.done.get(workspace) == stamp:
                continue
            if customers.seal_stored(workspace_id=workspace, names=names):
                return True
            self.done[workspace] = stamp
        return False


def rules_duties(stopping: Event) -> list[Duty]:
    """Return what tries identity rules and applies them to history. In a thread of its own, since reading everybody takes minutes."""
    from amity.rooms.customers import api as customers

    return [
        Duty("identity rules", 1, lambda: customers.work_trials(stopping=stopping.is_set), waits="rules to try"),
        Duty("identity rules to apply", 1, _apply_rules, waits="rules to apply"),
    ]


def _apply_rules() -> bool:
    from amity.rooms.customers import api as customers

    if not customers.anything_to_apply():
        return False
    with no_replay_running() as none:
        return bool(none and customers.work_applying(groups=_CHANGED_AT_ONCE))


def outward_duties() -> list[Duty]:
    """Return what tells destinations of audiences. In a thread of its own: what is outside is slow."""
    from amity.rooms.customers import api as customers

    return [
        Duty("customers that destinations hear of", 0.3, customers.plan_touched, waits="noted for destinations"),
        Duty("audiences that are compared", 1, customers.plan_full, waits="to compare"),
        Duty("messages to destinations", 0.3, customers.send_due, waits="to send"),
        Duty("old messages", 3_600, lambda: customers.forget_done(after=7 * DAY)),
    ]


def _unmerge() -> bool:
    from amity.rooms.customers import api as customers

    if not customers.anything_to_unmerge():
        return False
    with no_replay_running() as none:  # a replay's rows take the place of others, which must not go elsewhere meanwhile
        return bool(none and customers.work_unmerges(customers=_PARTED_AT_ONCE))
