"""Maps: what may stand on one, and what can be done to its stages."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.journeys.rules.maps.beginnings import beginning, beginnings
from amity.rooms.journeys.rules.maps.language import (
    JourneyMap,
    added,
    lines_of,
    measured,
    moved,
    read,
    with_stage,
    without,
    written,
)


def again(one: JourneyMap) -> JourneyMap:
    return read(json.dumps(written(one)))


@pytest.mark.parametrize("kind", beginnings())
def test_what_one_begins_with_can_be_measured_and_kept(kind):
    made = beginning(kind)
    assert again(made) == made
    asked = measured(made)
    assert [step.name for step in asked.funnel.steps] == [stage.name for stage in made.stages]
    assert beginning("nonsense") == JourneyMap()


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(["add", "left", "right", "remove", "name"]), st.integers(0, 5)), max_size=12))
def test_stages_keep_their_keys_whatever_is_done(acts):
    made = beginning("support")
    for act, n in acts:
        keys = [stage.key for stage in made.stages]
        if act == "add":
            if len(keys) < 16:
                made = added(made, f"New {n}")
            assert [stage.key for stage in made.stages][: len(keys)] == keys
            continue
        if not keys:
            continue
        key = keys[n % len(keys)]
        if act == "remove":
            made = without(made, key)
            assert [stage.key for stage in made.stages] == [one for one in keys if one != key]
        elif act == "name":
            made = with_stage(made, key, name=f"Called {n}", pains=["slow"])
            assert next(stage for stage in made.stages if stage.key == key).pains == ("slow",)
        else:
            made = moved(made, key, -1 if act == "left" else 1)
            assert sorted(stage.key for stage in made.stages) == sorted(keys)
        assert again(made) == made


def test_only_stages_with_an_event_are_measured():
    made = added(beginning("purchase"), "Tells friends")
    asked = measured(made)
    assert asked.stages == (0, 1, 2, 3, 4)
    assert measured(with_stage(JourneyMap(stages=made.stages[:2]), "s1", event=None)) is None


def test_what_may_be_left_out_is_not_needed_and_two_always_are():
    def optional(*keys: str) -> list[bool]:
        made = beginning("support")
        for key in keys:
            made = with_stage(made, key, optional=True)
        return [step.optional for step in measured(made).funnel.steps]

    assert optional() == [False, False, False]
    assert optional("s2") == [False, True, False]
    assert optional("s1", "s3") == [False, False, True]
    assert optional("s1", "s2", "s3") == [False, True, False]


def test_what_makes_no_sense_is_said():
    twice = {"version": 1, "stages": [{"key": "a", "name": "A"}, {"key": "a", "name": "B"}]}
    with pytest.raises(Invalid, match="key of its own"):
        read(json.dumps(twice))
    with pytest.raises(Invalid, match="unknown field"):
        read(json.dumps({"version": 1, "lanes": []}))
    with pytest.raises(NotFound):
        with_stage(beginning("support"), "nothing", name="X")
    with pytest.raises(NotFound):
        moved(beginning("support"), "nothing", 1)
    assert lines_of(" a \n\n b\r\nc") == ["a", "b", "c"]
