"""Funnels of random stories equal every way through them tried one by one; and what must hold of any funnel."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.rooms.journeys.rules.funnels.attempts import NEVER, count_attempts
from tests.rooms.journeys.funnels.brute import counted, order_of

STEPS = 4
MINUTE = 60_000

story = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from([b"ada", b"ben"]),
            "held": st.sampled_from([0, 0, 0, 7]),
            "at": st.integers(0, 12).map(lambda n: n * MINUTE),  # so that many come at the same instant
            "mask": st.integers(1, 2**STEPS - 1),
        }
    ),
    max_size=11,
)
funnels = st.one_of(
    st.tuples(st.just("ordered"), st.tuples(st.just(False), *[st.booleans()] * 2, st.just(False))),
    st.tuples(st.just("ordered"), st.tuples(st.just(False), st.just(False), *[st.booleans()] * 2)),
    st.tuples(st.sampled_from(["strict", "any"]), st.just((False,) * STEPS)),
)


def whole(rows: list[dict]) -> list[dict]:
    """Give each a key, and the key of the interaction before it in the customer's story."""
    made = [row | {"key": bytes([n + 1]) * 16} for n, row in enumerate(rows)]
    for who in {row["who"] for row in made}:
        before = b""
        for row in sorted((row for row in made if row["who"] == who), key=lambda row: (row["at"], row["key"])):
            row["previous"], before = before, row["key"]
    return made


def as_story(rows: list[dict]):
    rows = sorted(rows, key=lambda row: (row["who"], row["held"], *order_of(row)))
    column = lambda name, kind: np.array([row[name] for row in rows], dtype=kind)  # noqa: E731
    return SimpleNamespace(
        customers=column("who", "S16"), at=column("at", "i8"), mask=column("mask", "u4"), held=column("held", "u8"),
        keys=column("key", "S16"), previous=column("previous", "S16"),
    )  # fmt: skip


def found(rows, optional, order, within, first=0, last=12 * MINUTE) -> dict:
    done = count_attempts(as_story(rows), optional=optional, order=order, within=within, first=first, last=last)
    return {bytes(who): at.tolist() for who, at in zip(done.customers, done.at, strict=True)}


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=story.map(whole),
    funnel=funnels,
    within=st.integers(0, 12).map(lambda n: n * MINUTE),
    first=st.integers(0, 6).map(lambda n: n * MINUTE),
    last=st.integers(4, 12).map(lambda n: n * MINUTE),
)
def test_as_every_way_tried(rows, funnel, within, first, last):
    order, optional = funnel
    expected = counted(rows, optional=optional, order=order, within=within, first=first, last=last)
    assert found(rows, optional, order, within, first, last) == expected


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=story.map(whole), funnel=funnels, within=st.integers(0, 12).map(lambda n: n * MINUTE))
def test_steps_never_grow_and_time_goes_on(rows, funnel, within):
    order, optional = funnel
    needed = [n for n, one in enumerate(optional) if not one]
    for at in found(rows, optional, order, within).values():
        reached = [n for n in needed if at[n] != NEVER]
        assert reached == needed[: len(reached)]
        times = [at[n] for n in reached]
        assert times == sorted(times)
        assert times[-1] - times[0] <= within
        for n, one in enumerate(optional):
            if one and at[n] != NEVER:
                assert at[max(m for m in needed if m < n)] != NEVER


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=story.map(whole), within=st.integers(0, 12).map(lambda n: n * MINUTE))
def test_more_freedom_loses_nobody(rows, within):
    def far(order: str, time: int) -> dict:
        return {who: sum(one != NEVER for one in at) for who, at in found(rows, (False,) * STEPS, order, time).items()}

    strict, ordered, longer, free = (
        far("strict", within),
        far("ordered", within),
        far("ordered", within + MINUTE),
        far("any", within),
    )
    for who, level in ordered.items():
        assert strict[who] <= max(level, strict[who] if tied(rows, who) else 0)
        assert level <= longer[who]
        assert level <= free[who]


def tied(rows, who) -> bool:
    """Whether two things came at once: then what came right after the other is the stored order, which a funnel needn't follow."""
    times = [row["at"] for row in rows if row["who"] == who]
    return len(times) != len(set(times))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=story.map(whole), repeats=st.integers(1, 3))
def test_doing_a_step_again_changes_nothing(rows, repeats):
    again = [row | {"key": bytes([100 + n]) * 16} for n in range(repeats) for row in rows if row["mask"] == 1]
    optional = (False,) * STEPS
    assert found(whole_keys(rows + again), optional, "ordered", 3 * MINUTE) == found(rows, optional, "ordered", 3 * MINUTE)


def whole_keys(rows):
    return [row | {"previous": b""} for row in rows]
