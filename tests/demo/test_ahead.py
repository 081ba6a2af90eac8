"""The story goes on after its year: the same customers, in order, in any stretches the same, and nothing twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from amity.demo import truth
from amity.demo.ahead import Ahead
from amity.demo.company import Company, found, tell
from amity.demo.pen import Entry
from amity.demo.record import (
    Story,
    recall_lives,
    recall_sent,
    recall_story,
    remember_lives,
    remember_sent,
    remember_story,
)
from amity.demo.wire import message_id
from amity.kernel.clock import DAY, HOUR
from tests.demo.panel import END

STORY = Story(customers=300, seed=1, end=END)


@pytest.fixture(scope="module")
def year() -> tuple[Company, list[Entry]]:
    company = found(customers=STORY.customers, seed=STORY.seed, end=END)
    return company, list(tell(company))


@pytest.fixture
def folder(tmp_path: Path, year: tuple[Company, list[Entry]]) -> Path:
    remember_lives(tmp_path, year[0], STORY)
    return tmp_path


def stretches(folder: Path, until: int, step: int) -> list[Entry]:
    at, found_so_far = END, []
    while at < until:
        some, at = Ahead(folder, STORY).between(at, min(at + step, until))
        found_so_far += some
    return found_so_far


def test_it_begins_at_once_and_is_busier_than_the_year(folder: Path, year: tuple[Company, list[Entry]]) -> None:
    some, until = Ahead(folder, STORY).between(END, END + 20 * DAY)
    assert until == END + 20 * DAY
    assert some[0][0] - END < HOUR
    times = [one[0] for one in some]
    assert times == sorted(times)
    assert all(END < at <= until for at in times)
    before = sum(one[0] > END - 20 * DAY for one in year[1])
    assert 1.6 * before < len(some) < 2 * truth.LIVE_PACE * before


def test_stretches_make_the_same_story_and_repeat_nothing_of_the_year(folder: Path, year: tuple[Company, list[Entry]]) -> None:
    until = END + 33 * DAY  # over the end of a month
    whole = stretches(folder, until, 40 * DAY)
    ids = Counter(message_id(1, one) for one in [*year[1], *whole])
    assert max(ids.values()) == 1
    remember_lives(folder, _again(), STORY)
    assert [one[:12] for one in stretches(folder, until, 7 * DAY)] == [one[:12] for one in whole]


def _again() -> Company:
    company = found(customers=STORY.customers, seed=STORY.seed, end=END)
    for _ in tell(company):
        pass
    return company


def test_orders_of_the_year_are_delivered_after_it(folder: Path, year: tuple[Company, list[Entry]]) -> None:
    ordered = {one[8].split('"order_id":"')[1].split('"')[0] for one in year[1] if one[5] == "Order Completed"}
    later = stretches(folder, END + 12 * DAY, 12 * DAY)
    delivered = {one[8].split('"order_id":"')[1].split('"')[0] for one in later if one[5] == "Order Delivered"}
    assert ordered & delivered
    begun = ordered | {one[8].split('"order_id":"')[1].split('"')[0] for one in later if one[5] == "Order Completed"}
    assert delivered <= begun


def test_another_story_or_none_is_not_gone_on_with(folder: Path) -> None:
    with pytest.raises(LookupError, match="amity demo"):
        Ahead(folder, Story(customers=300, seed=2, end=END)).between(END, END + DAY)
    assert recall_lives(folder, Story(customers=301, seed=1, end=END)) is None
    (folder / "demo-lives.json").write_bytes(b"{broken")
    assert recall_lives(folder, STORY) is None


def test_what_is_remembered_is_recalled(tmp_path: Path) -> None:
    assert recall_story(tmp_path) is None
    remember_story(tmp_path, STORY)
    assert recall_story(tmp_path) == STORY
    assert recall_sent(tmp_path, STORY) == END
    remember_sent(tmp_path, STORY, END + 5)
    assert recall_sent(tmp_path, STORY) == END + 5
    assert recall_sent(tmp_path, Story(customers=1, seed=1, end=END)) == END
    assert (tmp_path / "demo-story.json").stat().st_mode & 0o077 == 0


def test_the_calendar_comes_to_its_end_one_day(folder: Path) -> None:
    company = _again()
    company.month = 3 * truth.MONTHS
    remember_lives(folder, company, STORY)
    with pytest.raises(LookupError, match="come to its end"):
        Ahead(folder, STORY).between(END + 900 * DAY, END + 901 * DAY)
