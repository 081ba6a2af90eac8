"""Freshness of a map through its page: what changed since it was looked through, and what it doesn't know."""

from __future__ import annotations

import html

import numpy as np
import pytest

from amity.engines.past.client import insert_rows
from amity.kernel.clock import DAY, HOUR, now_ms
from amity.kernel.ids import new_id
from amity.rooms.journeys.models import Journey, Review
from amity.rooms.journeys.queries.freshness.drift import drift_of
from amity.rooms.journeys.queries.maps.kept import map_of
from tests.rooms.customers.people import Place
from tests.rooms.journeys.friction.test_pages import _row
from tests.rooms.journeys.maps.test_pages import EVIL, made, text_of, url

REVIEWED = 40  # days ago


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def tickets(here: Place, number: int, *, first: int, last: int, solved: float, chats: float) -> None:
    """Put customers there who open a ticket from `first` to `last` days ago."""
    dice, now, rows = np.random.default_rng(3), now_ms(), []
    for _ in range(number):
        who, at = new_id(), now - int(dice.integers(last * 24, first * 24)) * HOUR
        said = [("Ticket Opened", at), ("Ticket Answered", at + HOUR)]
        said += [("Ticket Solved", at + DAY)] if dice.random() < solved else []
        said += [(f"Chat Started {EVIL}", at + 2 * HOUR)] if dice.random() < chats else []
        said.append(("Page Viewed", at + 9 * DAY))  # when the case is over
        rows += [_row(here, who, "track", name, {}, {}, when) for name, when in said]
    insert_rows(table="interactions_raw", rows=rows, token=str(new_id()))


def looked_through(here: Place) -> Journey:
    one = made(here)
    here.client.post(url(here, f"{one.pk}/time"), {"amount": "5", "unit": "days", "period": "last:90:days"})
    assert here.client.post(url(here, f"{one.pk}/review"), {"days": "30", "note": EVIL}).status_code == 302
    Review.objects.filter(journey=one).update(made_at=now_ms() - REVIEWED * DAY)
    one.refresh_from_db()
    return one


def test_what_changed_since_the_last_look_is_told(here):
    tickets(here, 300, first=120, last=46, solved=0.8, chats=0.02)
    tickets(here, 200, first=38, last=6, solved=0.4, chats=0.5)
    tickets(here, 50, first=3, last=1, solved=0.0, chats=1.0)  # their time isn't over
    one = looked_through(here)
    page = text_of(here.client.get(url(here, f"{one.pk}/freshness")))
    assert EVIL not in page
    for said in ("the map may be out of date", "more than before", "Chat Started", "3 things", "Solved"):
        assert said in html.unescape(page), said
    found = drift_of(
        map_of(one), reviewed_at=now_ms() - REVIEWED * DAY, workspace_id=here.workspace.pk, time_zone="UTC", as_of=now_ms()
    )
    opened, answered, solved = found.stages
    assert (opened.now.n, answered.now.number, answered.moved) == (200, 200, False)
    assert solved.moved
    assert solved.change.low <= -0.4 <= solved.change.high
    assert [(each.name, each.new) for each in found.unknown] == [(f"Chat Started {EVIL}", True)]


def test_a_map_that_holds_says_so_and_one_without_a_look_compares_since_it_was_made(here):
    tickets(here, 250, first=120, last=46, solved=0.7, chats=0.0)
    tickets(here, 97, first=38, last=6, solved=0.7, chats=0.0)  # as many a day
    one = looked_through(here)
    page = text_of(here.client.get(url(here, f"{one.pk}/freshness")))
    assert "the map still holds" in page
    Review.objects.all().delete()
    page = text_of(here.client.get(url(here, f"{one.pk}/freshness")))
    assert "Nobody has looked this map through" in page
    assert "Too early to say" in page


def test_a_look_that_is_due_stands_in_the_list_and_only_who_draws_may_say_so(here):
    one = looked_through(here)
    assert "due for a look" not in text_of(here.client.get(url(here)))
    Review.objects.filter(journey=one).update(due_at=now_ms() - 1)
    assert "due for a look" in text_of(here.client.get(url(here)))
    assert "due for a look" in text_of(here.client.get(url(here, f"{one.pk}/freshness")))
    viewer = here.sign_in("viewer")
    assert "I looked it through" not in text_of(viewer.get(url(here, f"{one.pk}/freshness")))
    assert viewer.post(url(here, f"{one.pk}/review"), {"days": "30"}).status_code == 403
    for wrong in ({"days": "31"}, {"days": ""}, {"days": "30", "note": "x" * 301}):
        here.client.post(url(here, f"{one.pk}/review"), wrong)
    assert Review.objects.count() == 1
    assert Place().client.get(url(here, f"{one.pk}/freshness")).status_code in {403, 404}
