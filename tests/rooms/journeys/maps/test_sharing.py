"""A map by a link: who has it sees what was drawn and nothing else, until it ends."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from amity.kernel.clock import DAY, now_ms
from amity.rooms.journeys.models import Journey
from tests.rooms.customers.people import Place
from tests.rooms.journeys.maps.test_pages import EVIL, made, someone, text_of, url


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def link_to(here: Place, one: Journey, days: str = "30") -> str:
    page = text_of(here.client.post(url(here, f"{one.pk}/share"), {"act": "make", "days": days}))
    return re.search(r"/shared/maps/[\w-]+/", page)[0]


def test_who_has_the_link_sees_what_was_drawn_and_nothing_else(here):
    one = made(here, about=EVIL, owner="Nadia Okafor")
    someone(here, "Ticket Opened", "Ticket Answered")
    here.client.post(url(here, f"{one.pk}/cells/s1/stage"), {"name": "Asks", "event": "Ticket Opened", "owner": "Nadia Okafor"})
    here.client.post(url(here, f"{one.pk}/cells/s1/pains"), {"lines": "Waits long"})
    link = link_to(here, one)
    answer = Client().get(link)
    shown = text_of(answer)
    assert "Waits long" in shown
    assert "until" in shown
    for hidden in (EVIL, "Nadia Okafor", "Ticket Opened", "customers/", f"/w/{here.workspace.slug}", "Reached", "<form"):
        assert hidden not in shown, hidden
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "There is a link since" in text_of(here.client.get(url(here, f"{one.pk}/")))


def test_a_link_ends_by_itself_by_another_by_hand_and_with_its_journey(here):
    one, anybody = made(here), Client()
    first = link_to(here, one)
    second = link_to(here, one, "7")
    assert anybody.get(first).status_code == 404
    assert anybody.get(second).status_code == 200
    one.refresh_from_db()
    assert abs(one.shared_until - now_ms() - 7 * DAY) < DAY / 24
    Journey.objects.filter(pk=one.pk).update(shared_until=now_ms() - 1)
    assert anybody.get(second).status_code == 404
    third = link_to(here, one)
    here.client.post(url(here, f"{one.pk}/share"), {"act": "end"})
    assert anybody.get(third).status_code == 404
    fourth = link_to(here, one)
    assert anybody.get(fourth).status_code == 200
    here.client.post(url(here, f"{one.pk}/archive"))
    assert anybody.get(fourth).status_code == 404
    assert anybody.get("/shared/maps/guessed/").status_code == 404
    assert here.client.post(url(here, f"{one.pk}/share"), {"act": "make", "days": "30"}).status_code == 302


def test_only_who_may_draw_shares_and_only_for_a_while(here):
    one = made(here)
    assert here.sign_in("viewer").post(url(here, f"{one.pk}/share"), {"act": "make", "days": "30"}).status_code == 403
    for days in ("", "0", "100000", "forever"):
        assert here.client.post(url(here, f"{one.pk}/share"), {"act": "make", "days": days}).status_code == 302
    one.refresh_from_db()
    assert one.shared_digest == ""
