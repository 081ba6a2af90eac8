"""Who met it first when, what they did within a time of it, which stage they had reached: held to plain Python on random moments."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.clock import DAY, HOUR
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.incidents import language
from amity.rooms.journeys.rules.incidents.meeting import NOWHERE, by_step, did_within, first_met, stage_at

moments = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40), st.integers(1, 31)), max_size=25)


def arrays(some: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ids = np.array([UUID(int=(who + 1) << 64).bytes for who, _, _ in some], dtype="S16")
    return ids, np.array([at for _, at, _ in some], dtype=np.int64), np.array([mask for _, _, mask in some], dtype=np.uint32)


def named(number: int) -> bytes:
    return np.array([UUID(int=(number + 1) << 64).bytes], dtype="S16")[0]


@given(moments, moments, st.integers(0, 12))
def test_arrays_say_what_plain_python_says(met, done, within):
    who, at, _ = arrays(met)
    ids, first = first_met(who, at)
    earliest: dict[int, int] = {}
    for each, t, _ in met:
        earliest[each] = min(t, earliest.get(each, t))
    assert dict(zip(ids.tolist(), first.tolist(), strict=True)) == {named(each): t for each, t in earliest.items()}

    others, then, mask = arrays(done)
    found = did_within(ids, first, first + within, others, then)
    plain = {each: any(o == each and t < u <= t + within for o, u, _ in done) for each, t in earliest.items()}
    assert dict(zip(ids.tolist(), found.tolist(), strict=True)) == {named(each): did for each, did in plain.items()}

    stages = stage_at(ids, first, within, others, then, mask)
    for place, each in enumerate(ids.tolist()):
        t = int(first[place])
        mine = [(u, bits.bit_length() - 1) for o, u, bits in done if named(o) == each and t - within <= u <= t]
        assert stages[place] == (max(mine)[1] if mine else NOWHERE)


@given(st.lists(st.integers(0, 400 * DAY), max_size=25), st.integers(0, 400 * DAY))
def test_every_customer_is_in_one_step_and_steps_are_few(met, last):
    last = max([last, *met])
    step, counts = by_step(np.array(met, dtype=np.int64), first=0, last=last)
    assert sum(counts) == len(met)
    assert len(counts) <= 48
    assert step % HOUR == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "affected"),
        ('{"affected": {}}', "shows nothing"),
        ('{"affected": {"name": "Error"}, "within": {"amount": 91, "unit": "days"}}', "90 days"),
        ('{"affected": {"name": "Error"}, "complain": {}}', "unknown field"),
        ('{"affected": {"name": "a\\u0000"}}', "NUL"),
        ("{", "no JSON"),
    ],
)
def test_what_is_wrong_with_a_definition_is_said(text, said):
    with pytest.raises(Invalid, match=said):
        language.read(text)
