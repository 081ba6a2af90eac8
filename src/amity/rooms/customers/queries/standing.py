"""What a customer's page tells besides the story: where the customer stands, and single interactions whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from amity.engines.past.client import ask
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import NotFound
from amity.rooms.customers.contracts import Customer, Moment, Stakes, Story
from amity.rooms.customers.queries.story import PACKAGE, moment_of
from amity.rooms.customers.rules.friction import Met, open_friction
from amity.rooms.customers.rules.relationship import ANSWERS, POSTHOGS_ANSWER, REQUESTS, Effort, Open, effort, open_issues
from amity.rooms.customers.rules.standing import ANSWERED, ASKED, SAID, Summed, sum_up

LATELY = 30 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How often a customer paid, when last (ms, 0: never), how often money went back, and how many sessions there have been."""

    payments: int
    last_payment: int
    refunds: int
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is at stake, sums over all time, what was said last (newest first), and the latest trouble, whole, if there is one.

    `answers` are the newest with which they scored, `requests` what they asked for and complained about, with what ended it; `effort`
    is of the last 30 days.
    """

    stakes: Stakes
    sums: Sums
    said: Sequence[Moment]
    worst: Moment | None
    answers: Sequence[Moment]
    requests: Open
    effort: Effort


def standing(*, customer: Customer, newest: Story | None = None) -> Standing:
    """Return where a customer stands. `newest`: the beginning of the unfiltered story, where it was read already.

    A story that is at hand whole is summed up here; the past is asked for what isn't. Raises NotRunning without the past.
    """
    whole = newest is not None and not newest.before
    since = now_ms() - LATELY
    summed = sum_up(newest.moments, since=since) if newest is not None and whole else _ask(customer, since)
    stakes = _stakes(customer, summed)
    worst = [(one.last_time, one.last_key) for one in stakes.friction[:1]]
    wanted = list(dict.fromkeys([*summed.said, *worst, *summed.answers, *summed.requests]))
    held = {(one.time, one.key): one for one in (newest.moments if newest is not None else ())}
    if not whole and (missing := [place for place in wanted if place not in held]):
        held |= {(one.time, one.key): one for one in _moments(customer, missing)}
    return Standing(
        stakes=stakes,
        sums=Sums(payments=summed.payments, last_payment=summed.last_payment, refunds=summed.refunds, sessions=summed.sessions),
        said=[held[place] for place in summed.said if place in held],
        worst=held.get(worst[0]) if worst else None,  # it may just have gone from the past
        answers=[held[place] for place in summed.answers if place in held],
        requests=open_issues([held[place] for place in summed.requests if place in held], most=ASKED),
        effort=effort(summed.met),
    )


def what_matters(*, customer: Customer) -> Stakes:
    """Return what is at stake with a customer: money brought, last seen, sessions of 30 days, and what went wrong and stayed so."""
    return _stakes(customer, _ask(customer, now_ms() - LATELY))


def get_moment(*, customer: Customer, key: UUID, time: int = 0) -> Moment:
    """Return one interaction of a customer; `time` (ms), where it is known, finds it sooner. Raises NotFound."""
    found = _moments(customer, [(time, key)])
    if not found:
        raise NotFound("There is no such interaction of this customer.")
    return found[0]


def _ask(customer: Customer, since: int) -> Summed:
    (row,) = ask(
        package=PACKAGE,
        name="standing",
        workspace_id=customer.workspace_id,
        customer_ids=[str(one) for one in customer.all_ids],
        since=since,
        said=SAID,
        answered=ANSWERED,
        asked=ASKED,
        posthogs_answer=POSTHOGS_ANSWER,
        answer_names=list(ANSWERS),
        request_names=list(REQUESTS),
    )
    return Summed(
        payments=row["payments"],
        last_payment=row["last_payment"] if row["payments"] else 0,
        refunds=row["refunds"],
        sessions=row["sessions"],
        sessions_lately=row["sessions_lately"],
        met=tuple(
            Met(name=name, times=times, last_time=last, last_key=key, channel=channel)
            for name, times, last, key, channel in row["met"]
        ),
        said=tuple((time, key) for time, key in row["last_said"]),
        answers=tuple((time, key) for time, key in row["last_answers"]),
        requests=tuple((time, key) for time, key in row["last_requests"]),
    )


def _moments(customer: Customer, places: Sequence[tuple[int, UUID]]) -> list[Moment]:
    rows = ask(
        package=PACKAGE,
        name="moments",
        workspace_id=customer.workspace_id,
        customer_ids=[str(one) for one in customer.all_ids],
        times=[time for time, _ in places if time],
        keys=[str(key) for _, key in places],
    )
    return [moment_of(row) for row in rows]


def _stakes(customer: Customer, summed: Summed) -> Stakes:
    return Stakes(
        values=customer.values,
        last_seen=customer.last_seen,
        interactions=customer.interactions,
        sessions=summed.sessions_lately,
        friction=open_friction(summed.met),
    )
