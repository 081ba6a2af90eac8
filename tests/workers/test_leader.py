"""The leader's duties take turns."""

from __future__ import annotations

import pytest

from amity.workers.leader import Duty, Leader
from tests.flows.wait import wait_for


@pytest.mark.django_db
def test_what_has_much_to_do_goes_on_once_the_others_had_their_turn():
    done: list[str] = []
    left = iter([True, True, True, False])

    def much() -> bool:
        done.append("much")
        return next(left)

    leader = Leader([Duty("quick", 0, lambda: done.append("quick")), Duty("much", 3_600, much)], pause=0.01)
    leader.start()
    try:
        wait_for(lambda: done.count("much") == 4 and done.count("quick") > 5)
    finally:
        leader.stop()
        leader.join(10)
    assert done[:8] == ["quick", "much"] * 4
    assert done.count("much") == 4  # and then not before an hour is over
