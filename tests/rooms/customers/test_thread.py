from __future__ import annotations

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.rooms.customers.rules.portrait.thread import Bead, Fold, string
from tests.rooms.customers.moments import NOON, moment

UTC = ZoneInfo("UTC")
TODAY = date(2026, 3, 12)
ONE, TWO = UUID(int=1), UUID(int=2)
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def test_days_are_named_as_people_say_them() -> None:
    ago = (0, 1, 2, 10, 300)
    days = string([moment("x", time=NOON - n * DAY) for n in ago], zone=UTC, today=TODAY)
    assert [d.title for d in days] == ["Today, Thursday 12 March", "Yesterday", "Tuesday 10 March", "2 March", "16 May 2025"]


def test_a_day_ends_at_midnight_of_the_workspace() -> None:
    days = string([moment("x", time=NOON), moment("x", time=NOON - 11 * HOUR)], zone=ZoneInfo("America/New_York"), today=TODAY)
    assert [d.day for d in days] == [date(2026, 3, 12), date(2026, 3, 11)]


def test_page_views_of_one_visit_fold() -> None:
    views = [
        moment(
            "", type="page", time=NOON + m * MINUTE, session_id=ONE, url="https://linden.shop/a", properties={"title": f"P{m}"}
        )
        for m in (9, 4, 0)
    ]
    (item,) = string(views, zone=UTC, today=TODAY)[0].visits[0].items
    assert isinstance(item, Fold)
    assert (item.sentence, item.place, item.shows) == ("Looked at P9", "linden.shop, 3 pages in 9 min", "3 pages")
    assert len(item.beads) == 3


def test_a_fold_is_called_by_the_product_looked_at() -> None:
    mixed = [
        moment("", type="page", time=NOON + 1, session_id=ONE, path="/cart"),
        moment("Product Viewed", time=NOON, session_id=ONE, properties={"name": "Lamp"}),
    ]
    (item,) = string(mixed, zone=UTC, today=TODAY)[0].visits[0].items
    assert isinstance(item, Fold)
    assert (item.sentence, item.place) == ("Looked at Lamp", "2 views")


def test_views_outside_a_session_or_of_two_stay_apart() -> None:
    apart = string([moment("", type="page"), moment("", type="page")], zone=UTC, today=TODAY)[0]
    assert all(isinstance(item, Bead) for visit in apart.visits for item in visit.items)
    two = [moment("", type="page", session_id=session) for session in (ONE, TWO)]
    assert [len(visit.items) for visit in string(two, zone=UTC, today=TODAY)[0].visits] == [1, 1]


def test_a_visit_says_how_long_with_what_and_where_from() -> None:
    start = moment(
        "Order Completed",
        time=NOON,
        session_id=ONE,
        session_start=True,
        browser="Firefox",
        os="macOS",
        referrer="https://www.google.com/x",
    )
    end = moment("Signed Out", time=NOON + 12 * MINUTE, session_id=ONE)
    (visit,) = string([end, start], zone=UTC, today=TODAY)[0].visits
    assert visit.words == "Visit of 12 min, 2 interactions, Firefox on macOS, from google.com"


def test_what_we_did_parts_a_visit_without_naming_it_twice() -> None:
    row = [
        moment(name, session_id=session)
        for name, session in (("a", ONE), ("b", ONE), ("Email Sent", UUID(int=0)), ("c", ONE), ("d", ONE))
    ]
    visits = string(row, zone=UTC, today=TODAY)[0].visits
    assert [v.words for v in visits] == ["Visit", "", ""]


def test_older_ones_repeat_no_heading() -> None:
    row = [moment("a", session_id=ONE), moment("b", session_id=ONE), moment("c", time=NOON - DAY)]
    days = string(row, zone=UTC, today=TODAY, shown_day=TODAY, shown_visit=ONE)
    assert [d.title for d in days] == ["", "Yesterday"]
    assert days[0].visits[0].words == ""
