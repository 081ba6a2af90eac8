"""A crash anywhere loses nothing and doubles nothing: the end is that of a run without one."""

from __future__ import annotations

import random

import pytest

from amity.engines.present.models import PastBatch, Position
from amity.kernel.clock import now_ms
from amity.rooms.collection import api as collection
from amity.rooms.customers.api import resequence_marked

BEGAN = now_ms() - 3_600_000
BOUNDARIES = ("before commit", "after commit", "after insert")


class Crash(BaseException):
    """As good as a kill -9: nothing in the code under test may catch it."""


class Crashes:
    """Crashes at chosen passages of chosen boundaries."""

    def __init__(self, *planned: tuple[str, int]) -> None:
        self.planned = set(planned)
        self.passed = dict.fromkeys(BOUNDARIES, 0)

    def __call__(self, name: str) -> None:
        self.passed[name] += 1
        if (name, self.passed[name]) in self.planned:
            raise Crash(name)


def fill(world) -> None:
    """Thirty entries of two anonymous visitors who turn out to be known people, and their orders."""
    start = BEGAN
    for n in range(30):
        who = {"anonymous_id": f"visitor-{n % 3}"} | ({"user_id": f"user-{n % 2}"} if n > 15 else {"user_id": None})
        at = start + n * 60_000
        world.entry(
            world.one(f"m{n:02}a", **who, time=at, received_at=at, properties={"total": 10 + n, "currency": "EUR"}),
            world.one(
                f"m{n:02}b",
                kind="identify",
                name="",
                traits={"step": n, f"t{n % 4}": str(n)},
                **who,
                time=at + 1_000,
                received_at=at,
            ),
            world.one("again", **who, time=at + 2_000, received_at=at),
        )


def work_through(world, crashes) -> int:
    """Work the world's entries, two at a time, starting anew after each crash; return how many there were."""
    crashed = 0
    while True:
        try:
            projector = world.projector(at=crashes)
            left = [entry for entry in world.entries if entry.seq > projector.standing.seq]
            for i in range(0, len(left), 2):
                projector.work(left[i : i + 2])
                if i % 4 == 0:
                    world.carry(at=crashes)
            world.carry(at=crashes)
        except Crash:
            crashed += 1
        else:
            while resequence_marked():
                pass
            return crashed


def outcome(world) -> dict[str, object]:
    """Everything that may not depend on crashes."""
    rows = world.past(
        "message_id, toString(customer_id), session_start, previous_name, value, log_seq, log_index, name", table="interactions"
    )
    first: dict[str, str] = {}
    for message_id, customer, *_ in rows:
        first.setdefault(customer, message_id)
    [health] = collection.list_source_health(workspace_id=world.workspace)
    return {
        "rows": [(m, first[c], *rest) for m, c, *rest in rows],
        "counts": (health.accepted, health.duplicates, health.rejected),
        "people": world.people(),
    }


@pytest.fixture
def expected(world):
    fill(world)
    assert work_through(world, Crashes()) == 0
    result = outcome(world)
    assert result["counts"] == (61, 29, 0)
    return result


def twin(world):
    """Another workspace with the same interactions, in a log of its own."""
    other = type(world)()
    fill(other)
    Position.objects.all().delete()
    return other


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_one_crash_at_each_boundary(world, expected, boundary):
    other = twin(world)
    assert work_through(other, Crashes((boundary, 2))) == 1
    assert outcome(other) == expected
    assert not PastBatch.objects.exists()


def test_crashes_again_and_again(world, expected):
    other = twin(world)
    dice = random.Random(7)
    planned = [(boundary, dice.randrange(1, 30)) for boundary in BOUNDARIES for _ in range(5)]
    assert work_through(other, Crashes(*planned)) >= 10
    assert outcome(other) == expected
