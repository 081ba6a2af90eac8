"""A story to work through: two people, three browsers, thirty minutes; and crashes on the way."""

from __future__ import annotations

from amity.engines.present.models import Position
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
            # The same person's each time: of several workers it's open which brings the first of them.
            world.one("again", user_id=None, anonymous_id="visitor-0", time=start + 2_000, received_at=at),
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


def twin(world):
    """Another workspace with the same interactions, in a log of its own."""
    other = type(world)()
    fill(other)
    Position.objects.all().delete()
    return other
