"""Where a customer stands, summed up from what they did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from amity.rooms.customers.contracts import NO_SESSION, Moment
from amity.rooms.customers.rules.friction import Met
from amity.rooms.customers.rules.portrait.words import event_key
from amity.rooms.customers.rules.relationship import REQUESTS, is_answer

SAID, ANSWERED, ASKED = 5, 10, 40  # of what was said, answered and asked for at most so many, the newest


class Summed(msgspec.Struct, frozen=True, kw_only=True):
    """What one customer did.

    Over all time: how often they paid, when last (ms, 0: never), how often money went back, how many sessions there have been, and
    the (time, key) of what they said last, of answers with scores, and of requests, complaints and their ends, newest first. Since an
    instant: sessions, and what they met, by name.
    """

    payments: int
    last_payment: int
    refunds: int
    sessions: int
    sessions_lately: int
    met: tuple[Met, ...]
    said: tuple[tuple[int, UUID], ...]
    answers: tuple[tuple[int, UUID], ...]
    requests: tuple[tuple[int, UUID], ...]


def sum_up(moments: Sequence[Moment], *, since: int) -> Summed:
    """Sum up a story that is at hand as a whole, just as `standing.sql` does in the past. `since` in ms since 1970."""
    paid = [one for one in moments if one.value is not None and one.value > 0]
    lately = [one for one in moments if one.time >= since]
    met: dict[str, list[Moment]] = {}
    for one in lately:
        if one.type == "track":
            met.setdefault(one.name, []).append(one)
    tracked = [one for one in moments if one.type == "track"]
    return Summed(
        payments=len({one.key for one in paid}),
        last_payment=max((one.time for one in paid), default=0),
        refunds=len({one.key for one in moments if one.value is not None and one.value < 0}),
        sessions=_sessions(moments),
        sessions_lately=_sessions(lately),
        met=tuple(_met(name, found) for name, found in met.items()),
        said=_newest((one for one in moments if one.voice == "said"), SAID),
        answers=_newest((one for one in tracked if is_answer(one.name)), ANSWERED),
        requests=_newest((one for one in tracked if event_key(one.name) in REQUESTS), ASKED),
    )


def _newest(moments: Iterable[Moment], most: int) -> tuple[tuple[int, UUID], ...]:
    return tuple(sorted({(one.time, one.key) for one in moments}, reverse=True)[:most])


def _sessions(moments: Sequence[Moment]) -> int:
    return len({one.session_id for one in moments} - {NO_SESSION})


def _met(name: str, found: Sequence[Moment]) -> Met:
    last = max(found, key=lambda one: (one.time, one.key))
    return Met(name=name, times=len(found), last_time=last.time, last_key=last.key, channel=last.channel)
