"""What Linden's colleagues have made speaks of interactions that its story has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from amity.config.linden.audiences import AUDIENCES
from amity.config.linden.dashboard import ROWS
from amity.config.linden.incidents import TOLD
from amity.config.linden.journeys import FUNNELS, JOURNEYS, PAINS
from amity.config.linden.personas import PERSONAS
from amity.rooms.metrics.rules.catalogue import shipped
from tests.demo.panel import World


def events_in(value: Any) -> Iterator[tuple[str, str]]:
    """Each event's name with each property that is tested of it, or ""."""
    if isinstance(value, dict):
        tests = value.get("where") if isinstance(value.get("where"), list) else []
        names = [value["name"]] if "name" in value else [name for one in tests if one["of"] == "name" for name in one["to"]]
        for name in names if "name" in value or tests else []:
            yield name, ""
            yield from ((name, one["of"].removeprefix("properties.")) for one in tests if one["of"].startswith("properties."))
    if isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from events_in(one)


ASKED = {
    **{f"audience {name}": where for name, (_, where) in AUDIENCES.items()},
    **{f"funnel {name}": asked for name, (_, asked) in FUNNELS.items()},
    **{f"journey {name}": [stage["event"] for stage in made[-1].values()] for name, made in JOURNEYS.items()},
    **{f"pain point {name}": [made[-1]["friction"], made[-1]["chance"], made[-1]["outcome"]] for name, made in PAINS.items()},
    "incident": [TOLD["affected"]],
}


@pytest.fixture(scope="module")
def happened(world: World) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in world.entries:
        there = found.setdefault(one[5], set())
        if len(there) < 12:
            there.update(json.loads(one[8] or "{}"))
    return found


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_what_is_asked_about_happens_in_the_story(asked: Any, happened: dict[str, set[str]]):
    tests = set(events_in(asked)) - {("", "")}
    assert tests, "each asks about something"
    for name, field in tests:
        assert name in happened
        assert not field or field in happened[name]


def test_personas_are_of_audiences_and_the_dashboard_of_metrics_that_are_there():
    assert {audience for audience, _, _ in PERSONAS.values()} <= AUDIENCES.keys()
    known = {one.origin for one in shipped()}
    rows = [row for row in ROWS if not isinstance(row, str)]
    assert all(stage in {f"s{n}" for n in range(1, len(JOURNEYS[journey][-1]) + 1)} for _, journey, stage, *_ in PAINS.values())
    assert {row[0] for row in rows} | {row[4] for row in rows if row[4]} <= known
