"""Comments on a map: said of a stage or a lane, to a colleague or to all, open until they are settled."""

from __future__ import annotations

import html

import pytest

from amity.rooms.journeys.actions import comment_letters as letters
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


def test_whom_a_comment_is_for_gets_a_letter_once_and_what_fails_is_tried_again(here, settings, mailoutbox, monkeypatch):
    one, other = made(here), here.sign_in("analyst")
    me, them = sorted(trust.list_colleagues(here.workspace.pk), key=lambda each: each.id != here.client.session["_auth_user_id"])
    assert other
    for to in (me.id, "", them.id):
        here.client.post(url(here, f"{one.pk}/comments/new"), {"stage": "s1", "body": f"Who owns this? {EVIL}", "to": to})
    assert Comment.objects.filter(letter_due_at=None).count() == 2
    settings.EMAIL_HOST = "mail.example"
    monkeypatch.setattr(letters.trust, "write_letter", failing)
    assert letters.send_next_letter()
    assert not letters.send_next_letter()
    told = Comment.objects.get(to_person=them.id)
    assert (told.letter_attempts, "did not take it" in told.letter_trouble, told.letter_due_at > told.made_at) == (1, True, True)
    monkeypatch.undo()
    settings.EMAIL_HOST = "mail.example"
    assert letters.send_next_letter(now=told.letter_due_at)
    assert not letters.send_next_letter(now=told.letter_due_at)
    [letter] = mailoutbox
    assert (letter.to, letter.subject) == ([them.email], f"A comment for you on {one.name}")
    assert "Who owns this?" in letter.body
    assert f"/w/{here.workspace.slug}/journeys/{one.pk}/comments" in letter.body
    told.refresh_from_db()
    assert (told.letter_due_at, told.letter_trouble) == (None, "")


def test_what_is_settled_before_its_letter_went_out_needs_none(here, settings, mailoutbox):
    one, _ = made(here), here.sign_in("analyst")
    them = next(each for each in trust.list_colleagues(here.workspace.pk) if each.id != here.client.session["_auth_user_id"])
    here.client.post(url(here, f"{one.pk}/comments/new"), {"stage": "s1", "body": "Why?", "to": them.id})
    here.client.post(url(here, f"{one.pk}/comments/{Comment.objects.get().pk}"), {"act": "settle"})
    settings.EMAIL_HOST = "mail.example"
    assert letters.send_next_letter()
    assert (mailoutbox, Comment.objects.get().letter_due_at) == ([], None)


def failing(**_letter: str) -> None:
    raise OSError
