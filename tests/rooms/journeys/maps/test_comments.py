"""Comments on a map: said of a stage or a lane, to a colleague or to all, open until they are settled."""

from __future__ import annotations

import html

import pytest

from amity.rooms.journeys.models import Comment
from amity.rooms.trust import api as trust
from tests.rooms.customers.people import Place
from tests.rooms.journeys.maps.test_pages import EVIL, made, text_of, url
from tests.rooms.journeys.maps.test_sharing import link_to


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def test_a_comment_stands_on_the_map_until_it_is_settled(here):
    one = made(here)
    assert "No comment yet" in text_of(here.client.get(url(here, f"{one.pk}/comments")))
    me = trust.list_colleagues(here.workspace.pk)[0]
    given = {"stage": "s1", "lane": "pains", "body": f"Waits are longer {EVIL}", "to": me.id}
    assert here.client.post(url(here, f"{one.pk}/comments/new"), given).status_code == 302
    here.client.post(url(here, f"{one.pk}/comments/new"), {"stage": "s2", "body": "Who owns this?"})
    page = text_of(here.client.get(url(here, f"{one.pk}/comments")))
    assert EVIL not in page
    for said in ("Pain points", f"for {me.name}", "for you", "Who owns this?"):
        assert said in html.unescape(page).replace("<bdi>", "").replace("</bdi>", ""), said
    drawn = text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "open comment on Pain points of Has a question" in drawn
    assert "open comment on Gets an answer" in drawn
    assert "2 open comments, <b>1 for you</b>" in text_of(here.client.get(url(here)))
    assert "Waits are longer" not in text_of(here.client.get(link_to(here, one)))
    first = Comment.objects.get(stage="s1")
    here.client.post(url(here, f"{one.pk}/comments/{first.pk}"), {"act": "settle"})
    first.refresh_from_db()
    assert first.settled_at
    assert first.settled_by
    assert "open comment on Pain points" not in text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "1 settled" in text_of(here.client.get(url(here, f"{one.pk}/comments")))
    here.client.post(url(here, f"{one.pk}/comments/{first.pk}"), {"act": "open"})
    assert "1 settled" not in text_of(here.client.get(url(here, f"{one.pk}/comments")))


def test_what_is_wrong_is_said_and_nothing_kept(here):
    one, there = made(here), Place()
    stranger = trust.list_colleagues(there.workspace.pk)[0].id
    good = {"stage": "s1", "lane": "", "body": "Fine", "to": ""}
    for wrong, said in (
        ({"stage": "s9"}, "no such place"), ({"lane": "roof"}, "no such place"), ({"body": " "}, "Say something"),
        ({"body": "x" * 1_001}, "Say something"), ({"to": stranger}, "no such colleague"), ({"to": "x"}, "no such colleague"),
    ):  # fmt: skip
        assert said in text_of(here.client.post(url(here, f"{one.pk}/comments/new"), good | wrong), 400), wrong
    assert not Comment.objects.exists()
    here.client.post(url(here, f"{one.pk}/comments/new"), good)
    comment = Comment.objects.get()
    viewer = here.sign_in("viewer")
    assert "Fine" in text_of(viewer.get(url(here, f"{one.pk}/comments")))
    assert viewer.post(url(here, f"{one.pk}/comments/new"), good).status_code == 403
    assert viewer.post(url(here, f"{one.pk}/comments/{comment.pk}"), {"act": "settle"}).status_code == 403
    assert there.client.get(url(there, f"{one.pk}/comments")).status_code == 404
    assert here.client.post(url(here, f"{one.pk}/comments/{comment.pk + 1}"), {"act": "settle"}).status_code == 404
    here.client.post(url(here, f"{one.pk}/stages"), {"act": "remove:s1"})
    assert "a stage that is gone" in text_of(here.client.get(url(here, f"{one.pk}/comments")))
