"""Two workers at the same customers: one of them is told to work its batch again, and then all is as if in turn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from amity.rooms.customers import api
from amity.rooms.customers.contracts import Conflict
from amity.rooms.customers.models import Activity, Customer, Identifier
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.making import event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(transactional_db):
    return Workspace.objects.create(slug="busy-house", name="Busy house").pk


class Worker:
    """A thread of its own, with a connection of its own, whose transaction stays open until it is let go."""

    def __init__(self):
        self.placed, self.go = Event(), Event()

    def work(self, events, *, hold):
        try:
            with transaction.atomic():
                outcome = api.place(events)
                self.placed.set()
                if hold:
                    assert self.go.wait(20)
            return outcome
        finally:
            connection.close()


def _meet(first, second):
    """Let the second batch begin while the first is placed and not committed. Returns what the second came to."""
    one, two = Worker(), Worker()
    with ThreadPoolExecutor(2) as threads:
        held = threads.submit(one.work, first, hold=True)
        assert one.placed.wait(20)
        met = threads.submit(two.work, second, hold=False)
        while not met.done() and not _someone_waits():
            pass
        one.go.set()
        held.result(20)
        return met.exception(20) or met.result()


def _someone_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_both_learn_the_same_new_identifier(house):
    second = [event("2", workspace=house, user_id="new")]
    met = _meet([event("1", workspace=house, user_id="new")], second)
    assert isinstance(met, Conflict)
    with transaction.atomic():
        assert not api.place(second).placements[0].created
    assert Customer.objects.count() == Identifier.objects.count() == 1


def test_one_is_merged_away_while_the_other_waits_for_it(house):
    api.place([event("a", workspace=house, user_id="u"), event("b", workspace=house, anonymous_id="x", at=1)])
    second = [event("d", workspace=house, anonymous_id="x", at=3)]
    met = _meet([event("c", workspace=house, user_id="u", anonymous_id="x", at=2)], second)
    assert isinstance(met, Conflict)
    with transaction.atomic():
        api.place(second)
    assert Activity.objects.get(merged=False).interactions == 4


def test_the_same_known_customer_is_worked_in_turn(house):
    api.place([event("0", workspace=house, user_id="u")])
    _meet([event("1", workspace=house, user_id="u", at=1)], [event("2", workspace=house, user_id="u", at=2)])
    activity = Activity.objects.get()
    assert (activity.interactions, activity.last_name) == (3, "2")


def test_many_workers_end_like_one(house):
    def one(n):
        user = f"u{n % 7}" if n % 3 else None
        return event(
            f"{n}", workspace=house, at=n, user_id=user, anonymous_id=f"a{n % 7}" if user is None or n % 5 == 1 else None
        )

    def batches(of):
        return [[one(n) for n in range(start, start + 20)] for start in range(of * 100, of * 100 + 100, 20)]

    def worker(of):
        redone = 0
        try:
            for batch in batches(of):
                while True:
                    try:
                        with transaction.atomic():
                            api.place(batch)
                        break
                    except Conflict:
                        redone += 1
                        assert redone < 200
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(worker, range(3)))
    current = Activity.objects.filter(merged=False)
    assert sum(current.values_list("interactions", flat=True)) == 300
    assert set(Identifier.objects.values_list("customer_id", flat=True)) == set(current.values_list("customer_id", flat=True))
    assert current.count() == 7
