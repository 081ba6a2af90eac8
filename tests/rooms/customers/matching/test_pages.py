"""The queue and a proposal in the console: what they show, what is decided there, and by whom."""

from __future__ import annotations

import pytest

from amity.rooms.customers.models import Apart, Customer, MatchPair, MatchRun, MatchSetting
from tests.rooms.customers.matching.test_decide import Queue
from tests.rooms.customers.people import Place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]


@pytest.fixture
def here() -> Place:
    return Place()


@pytest.fixture
def queue(here) -> Queue:
    return Queue(here.workspace.pk)


def said(client, address: str, **given) -> str:
    return client.get(address, given).content.decode()


def test_before_anybody_was_compared_it_says_what_that_is_for(here):
    page = said(here.client, here.url("matches/"))
    assert "Nobody was compared yet" in page
    assert "Compare everybody" in page
    assert "Compare everybody" not in said(here.sign_in("viewer"), here.url("matches/"))


def test_everybody_is_compared_when_asked(here):
    answer = here.client.post(here.url("matches/ask"), follow=True).content.decode()
    assert "Waits for a worker" in answer
    assert 'hx-trigger="every 1s"' in answer
    progress = here.client.get(here.url("matches/progress"))
    assert "HX-Refresh" not in progress
    here.client.post(here.url("matches/stop"))
    assert MatchRun.objects.get().state == "stopped"
    assert here.client.get(here.url("matches/progress"))["HX-Refresh"] == "true"
    assert "The last run was stopped" in said(here.client, here.url("matches/"))
    assert here.sign_in("agent").post(here.url("matches/ask")).status_code == 403


def test_the_queue_shows_groups_heaviest_first_and_how_many(here, queue):
    queue.propose("ab", "bc")
    page = said(here.client, here.url("matches/"))
    assert "2 pairs in 1 group<" in page
    assert "group of 3" in page
    assert "First name the same" in page
    assert "Nobody is that probable" in said(here.client, here.url("matches/"), floor="999")
    assert said(here.client, here.url("matches/"), page="99", floor="bad").count("data-review") == 1
    listed = said(here.client, here.url(""))
    assert '2<span class="hush"> proposals</span>' in listed
    assert "May be the same as" in said(here.client, here.url(f"{queue.ids['b']}/"))
    assert "May be the same as" not in said(here.client, here.url(f"{queue.ids['d']}/"))


def test_a_proposal_shows_both_and_why(here, queue):
    queue.propose("ab")
    page = said(here.client, here.url(f"matches/{queue.id('ab')}/"))
    assert page.count('type="submit" data-key=') == 3
    assert "Any two customers" in page
    assert "+6.6" in page  # the first name, with how common it is
    assert "−4.0" in page
    assert "Together" in page
    assert "Porto" in page
    viewer = said(here.sign_in("viewer"), here.url(f"matches/{queue.id('ab')}/"))
    assert "Join them" not in viewer
    assert "needs the permission" in viewer


def test_deciding_goes_on_with_the_next(here, queue):
    queue.propose("ab", "cd")
    answer = here.client.post(here.url(f"matches/{queue.id('ab')}/accept"), {"reason": "Same phone"})
    assert answer["Location"] == here.url(f"matches/{queue.id('cd')}/")
    page = here.client.get(answer["Location"]).content.decode()
    assert "Joined." in page
    assert Customer.objects.get(id=queue.ids["b"]).merged_into == queue.ids["a"]
    answer = here.client.post(here.url(f"matches/{queue.id('cd')}/block"), {"reason": "Twins"}, follow=True)
    assert "Kept apart from now on" in answer.content.decode()
    assert "Nobody is proposed" in answer.content.decode()
    assert Apart.objects.get().reason == "Twins"


def test_what_was_decided_meanwhile_is_said(here, queue):
    queue.propose("ab")
    pair = queue.id("ab")
    here.client.post(here.url(f"matches/{pair}/reject"))
    assert MatchPair.objects.get().state == "rejected"
    answer = here.client.post(here.url(f"matches/{pair}/accept"), follow=True)
    assert "isn’t proposed any more" in answer.content.decode()
    assert Customer.objects.filter(merged_into=None).count() == 4
    stranger = Place()
    assert stranger.client.get(stranger.url(f"matches/{pair}/")).status_code == 302


def test_bad_ticks_and_long_reasons_change_nothing(here, queue):
    queue.propose("ab")
    address = here.url(f"matches/{queue.id('ab')}/accept")
    assert "ticked" in here.client.post(address, {"also": "nobody"}, follow=True).content.decode()
    assert "Shorten the reason" in here.client.post(address, {"reason": "x" * 501}, follow=True).content.decode()
    assert MatchPair.objects.get().state == "open"


def test_the_schedule_is_chosen(here):
    here.client.post(here.url("matches/choose"), {"schedule": "weekly", "probability": "0.9"})
    row = MatchSetting.objects.get()
    assert (row.schedule, row.probability) == ("weekly", 0.9)
    assert "Every week" in said(here.client, here.url("matches/"))
    answer = here.client.post(here.url("matches/choose"), {"schedule": "hourly", "probability": "0.9"}, follow=True)
    assert "Choose one of" in answer.content.decode()
