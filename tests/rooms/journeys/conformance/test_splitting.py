"""Which interactions make a case, against plain Python."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.rooms.journeys.rules.conformance.splitting import split

stories = st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 7)), min_size=1, max_size=10), max_size=5)


def plainly(told, within: int) -> list[int]:
    starts, row = [], 0
    for events in told:
        begun, over = None, False
        for at, mask in events:
            if begun is None or at > begun + within or (over and mask & 1):
                starts.append(row)
                begun, over = at, bool(mask & 4)
            elif mask & 4:
                over = True
            row += 1
    return starts


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=stories, within=st.integers(0, 40))
def test_a_case_begins_where_the_one_before_is_over(told, within):
    told = [sorted(events, key=lambda one: one[0]) for events in told]
    story = SimpleNamespace(
        at=np.array([at for events in told for at, _ in events], dtype=np.int64), mask=np.array([m for events in told for _, m in events], dtype=np.uint32),
        customers=np.array([n for n, events in enumerate(told) for _ in events]), held=np.array([0 for events in told for _ in events]),
    )  # fmt: skip
    assert split(story, within=within, last_stage=2, keyed=False).tolist() == plainly(told, within)
    keyed = split(story, within=within, last_stage=2, keyed=True).tolist()
    assert keyed == np.cumsum([0, *map(len, told)])[:-1].tolist()
