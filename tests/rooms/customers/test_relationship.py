"""How it stands with a customer: rules over answers, requests, what went wrong and channels, and how the page says them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations

import pytest

from amity.engines.past.migrate import migrate_past
from amity.kernel.clock import DAY, HOUR, now_ms
from amity.rooms.customers.rules.friction import Met
from amity.rooms.customers.rules.portrait.words import event_key
from amity.rooms.customers.rules.relationship import ANSWERS, REQUESTS, effort, is_answer, open_issues, preferred, satisfaction
from tests.rooms.customers.moments import moment
from tests.rooms.customers.people import Place

NOW = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp() * 1000)


def answer(score, *, ago: int = 1, **given):
    return moment(name="Survey Answered", time=NOW - ago * DAY, properties={"score": score, **given})


def told(name: str, ago: int, **properties):
    return moment(name=name, time=NOW - ago * HOUR, properties=properties)


def test_scores_count_from_the_lowest_of_their_scale():
    found = satisfaction([answer(10, scale=10), answer(0, scale=10), answer(1, scale=5), answer(5, scale=5), answer(4, scale=7)])
    assert (found.mark, found.most, found.n) == (10, 10, 5)
    assert found.mean == pytest.approx((100 + 0 + 0 + 100 + 50) / 5)


def test_scores_without_a_scale_have_no_mean_and_what_is_no_score_counts_nowhere():
    assert satisfaction([answer("well"), answer(None), answer(True)]) is None
    found = satisfaction([answer(4), answer(3)])
    assert (found.mark, found.mean, found.n) == (4, None, 2)
    found = satisfaction([answer(4), answer(3, scale=5), answer(11, scale=10)])
    assert (found.mean, found.n) == (50, 1)  # one has no scale, one is beyond its own


def test_a_request_is_open_until_its_own_end():
    opened = told("Ticket Created", 9, ticket_id="T-1"), told("ticket_opened", 8, ticket_id=2), told("Complaint", 7)
    ended = told("Ticket Solved", 6, ticket_id="T-1")
    for order in permutations([*opened, ended]):
        found = open_issues(order, most=40)
        assert [one.name for one in found.issues] == ["Complaint", "ticket_opened"]
        assert (found.n, found.more) == (3, False)


def test_who_comes_back_is_open_again_and_an_end_without_an_id_ends_what_has_none():
    story = [told("Ticket Created", 9, ticket_id="T"), told("Ticket Solved", 8, ticket_id="T")]
    assert open_issues(story, most=40).issues == []
    assert len(open_issues([*story, told("Ticket Reopened", 7, ticket_id="T")], most=40).issues) == 1
    nameless = [told("Complaint Made", 9), told("Complaint Filed", 8), told("Ticket Created", 7, ticket_id="T")]
    found = open_issues([*nameless, told("Complaint Resolved", 6)], most=40)
    assert [one.name for one in found.issues] == ["Ticket Created"]
    assert open_issues(nameless, most=3).more
    assert open_issues([told("Ticket Solved", 6, ticket_id="T")], most=40).n == 0


def test_effort_counts_what_went_wrong_whatever_came_after():
    def met(name: str, times: int, ago: int) -> Met:
        one = told(name, ago)
        return Met(name=name, times=times, last_time=one.time, last_key=one.key, channel="web")

    found = effort(
        [met("Payment Declined", 2, 5), met("Payment Completed", 1, 4), met("App Crashed", 1, 9), met("Complaint", 1, 1)]
    )
    assert (found.troubles, found.n, found.last.name) == (3, 5, "Payment Declined")
    assert effort([]).last is None


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ({"web": 6, "app": 3, "server": 90, "": 4}, ("web", 6, 9)),
        ({"web": 3, "app": 3}, None),
        ({"server": 4}, None),
        ({}, None),
    ],
)
def test_the_preferred_channel_is_one_that_the_customer_chose(channels, expected):
    found = preferred(channels)
    assert (found and (found.channel, found.times, found.n)) == expected


def test_names_are_spelled_as_they_are_looked_up():
    assert all(event_key(name) == name for name in (*ANSWERS, *REQUESTS))
    assert [is_answer(name) for name in ("survey sent", "Survey Sent", "NPS answered")] == [True, False, True]


@pytest.fixture(scope="module")
def _past() -> None:
    migrate_past()


@pytest.fixture
def here(_past, db) -> Place:
    return Place()


def test_the_page_says_how_it_stands_with_ways_to_what_is_behind(here):
    now = now_ms()
    made = here.customer(
        ("email", "ines@mail.example"), traits={"name": "Ines"}, values={"EUR": "69.5000"}, channels={"web": 8, "app": 2},
        first_seen=now - 800 * DAY, interactions=10,
    )  # fmt: skip
    here.tell(
        made,
        {"name": "Order Completed", "value": Decimal("89.5"), "currency": "EUR", "at": now - 40 * DAY},
        {"name": "Order Refunded", "value": Decimal(-20), "currency": "EUR", "at": now - 30 * DAY},
        {"name": "Survey Answered", "voice": "said", "at": now - 9 * DAY, "properties": {"score": 2, "scale": 10, "type": "nps"}},
        {
            "name": "Ticket Created",
            "voice": "said",
            "at": now - 3 * DAY,
            "properties": {"ticket_id": "T-1", "subject": "The lamp"},
        },
        {"name": "Payment Declined", "at": now - HOUR},
        {"type": "page", "name": "Home", "at": now - 2 * HOUR},
    )
    page = here.client.get(here.url(f"{made}/")).content.decode()
    assert "With us for 2 years, mostly on the web; no session in the last 30 days." in page
    assert "Paid once, €69.50 in all and got money back once. Last scored us 2 of 10. 1 request is open." in page
    story = here.url(f"{made}/")
    for query, names in (
        ("?kind=answers", ["Survey Answered"]),
        ("?kind=requests", ["Ticket Created"]),
        ("?kind=money", ["Order Refunded", "Order Completed"]),
        ("?channel=web", None),
    ):
        assert f'href="{story}{query}"' in page
        shown = here.client.get(f"{story}{query}").content.decode()
        if names is not None:
            assert shown.count('class="bead ') == len(names), query
    order = [page.index(words) for words in ("Unsolved, ", "Open since ", "Unhappy, ")]
    assert order == sorted(order)
    assert "1 hitch" in page
    assert f"{story}moments/" in page


def test_whoever_is_new_gets_no_empty_numbers(here):
    made = here.customer(traits={"name": "Quiet"}, channels={"server": 1})
    here.tell(made, {"type": "identify", "name": ""})
    page = here.client.get(here.url(f"{made}/")).content.decode()
    assert "With us since today;" in page
    assert 'class="figures"' not in page
    assert "Not known" not in page
