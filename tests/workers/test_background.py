"""Long work in the background goes on after a failure, one piece after the other, until it is stopped."""

from __future__ import annotations

from threading import Event

import pytest

from amity.workers import background
from amity.workers.background import Background


@pytest.fixture(autouse=True)
def _no_database(monkeypatch):
    class Nothing:
        def close(self) -> None: ...

    monkeypatch.setattr(background, "connection", Nothing())


def test_what_fails_is_tried_again_and_pieces_follow_one_another():
    stopping, done = Event(), Event()
    seen: list[str] = []

    def work(stops) -> bool:
        seen.append("asked")
        if len(seen) == 1:
            raise OSError("the mail server is away")
        if len(seen) == 4:
            done.set()
            stopping.set()
        return not stops()

    one = Background("letters", work, stopping, pause=0.0)
    one.begin()
    assert done.wait(30)
    one._thread.join(30)
    assert not one._thread.is_alive()
    assert len(seen) == 4


def test_where_there_is_nothing_it_waits_its_pause_and_begins_once():
    stopping, asked = Event(), Event()
    seen: list[int] = []

    def work(_) -> bool:
        seen.append(1)
        asked.set()
        return False

    one = Background("reminders", work, stopping, pause=3_600)
    one.begin()
    assert asked.wait(30)
    thread = one._thread
    one.begin()
    assert one._thread is thread
    stopping.set()
    thread.join(30)
    assert len(seen) == 1
