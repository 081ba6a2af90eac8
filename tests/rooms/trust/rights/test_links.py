"""Links to confirm: to addresses that are theirs already, through a real mail server, good once and for the newest one alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amity.kernel.errors import Invalid
from amity.rooms.trust.actions.rights.links import LASTS, ask_link, send_next_link
from amity.rooms.trust.actions.rights.reminding import remind
from amity.rooms.trust.actions.rights.requests import end, enter, extend
from amity.rooms.trust.models import AuditEntry, RightsRequest, RightsSetting
from tests.rooms.trust.rights.asking import Desk
from tests.rooms.trust.rights.post_office import PostOffice

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def office(settings):
    made = PostOffice()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.port
    settings.DEFAULT_FROM_EMAIL = "Linden <privacy@linden.example>"
    yield made
    made.close()


def ask(desk: Desk, kind: str = "access", **more) -> RightsRequest:
    return enter(desk.access, kind=kind, identifiers=[("user_id", f"u-{desk.tag}")], **more)


def link_in(office: PostOffice) -> str:
    text = office.letters[-1][1].get_content()
    found = re.search(r"https?://[^/\s]+(/privacy/confirm/\S+)", text)
    assert found
    return found[1]


def test_a_link_goes_to_an_address_of_theirs_and_confirms_by_a_press(desk, office):
    row = ask(desk)
    ask_link(desk.access, request_id=row.pk, to=desk.email)
    assert desk.email not in str(RightsRequest.objects.filter(pk=row.pk).values().get())
    assert send_next_link()
    assert not send_next_link()
    [(to, letter)] = office.letters
    assert (to, letter["From"], letter["Auto-Submitted"]) == ([desk.email], "Linden <privacy@linden.example>", "auto-generated")
    link, browser = link_in(office), Client()
    assert "Access" in letter.get_content()
    shown = browser.get(link)
    assert shown.status_code == 200
    assert "Yes, that was me" in shown.content.decode()
    row.refresh_from_db()
    assert row.state == "unverified"  # opening does nothing
    assert browser.post(link).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.link_to) == ("open", "")
    assert "email a…@m" in row.verified_how
    assert browser.post(link).status_code == browser.get(link).status_code == 404
    told = AuditEntry.objects.get(action="rights.verified", target=f"rights:{row.pk}")
    assert (told.actor_kind, told.workspace_id) == ("anonymous", desk.workspace.pk)


def test_an_older_link_a_late_one_and_a_forged_one_are_no_good(desk, office, monkeypatch):
    row, browser = ask(desk), Client()
    ask_link(desk.access, request_id=row.pk, to=desk.email)
    send_next_link()
    first = link_in(office)
    ask_link(desk.access, request_id=row.pk, to=desk.email)
    assert browser.post(first).status_code == 404
    send_next_link()
    second = link_in(office)
    assert browser.get(second).status_code == 200
    assert browser.get(second[:-1] + ("A" if second[-1] != "A" else "B")).status_code == 404
    assert browser.get("/privacy/confirm/nothing").status_code == 404
    import time

    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + LASTS.total_seconds() + 5)
    assert browser.get(second).status_code == 404


def test_no_link_goes_to_an_address_that_isnt_theirs(desk, office):
    row = ask(desk)
    with pytest.raises(Invalid):
        ask_link(desk.access, request_id=row.pk, to="eve@mail.example")
    unknown = enter(desk.access, kind="access", identifiers=[("email", "eve@mail.example")])
    with pytest.raises(Invalid):
        ask_link(desk.access, request_id=unknown.pk, to="eve@mail.example")
    assert not send_next_link()
    assert office.letters == []


def test_a_letter_that_is_not_taken_is_noted_and_may_be_asked_for_again(desk, office):
    row = ask(desk)
    office.refuses = True
    ask_link(desk.access, request_id=row.pk, to=desk.email)
    assert send_next_link()
    assert not send_next_link()
    assert row.steps.get(what="link_failed").note == "The mail server did not take it: SMTPRecipientsRefused."
    office.refuses = False
    ask_link(desk.access, request_id=row.pk, to=desk.email)
    assert send_next_link()
    assert len(office.letters) == 1


def test_without_a_server_nothing_of_it_is_offered(desk, settings):
    settings.EMAIL_HOST = ""
    row = ask(desk)
    with pytest.raises(Invalid, match="AMITY_MAIL_URL"):
        ask_link(desk.access, request_id=row.pk, to=desk.email)
    assert "Send a link" not in desk.client.get(desk.url(f"{row.pk}/")).content.decode()
    assert not send_next_link()
    assert remind() == 0


def test_the_page_offers_the_link(desk, office):
    row = ask(desk)
    assert f'<option value="{desk.email}">' in desk.client.get(desk.url(f"{row.pk}/")).content.decode()
    answer = desk.client.post(desk.url(f"{row.pk}/link/"), {"to": desk.email}, follow=True)
    assert "The link is on its way" in answer.content.decode()
    assert desk.client.post(desk.url(f"{row.pk}/link/"), {"to": "eve@mail.example"}).status_code == 422


@pytest.fixture
def form(desk) -> str:
    RightsSetting.objects.create(workspace=desk.workspace, form_open=True, form_text="We are <b>Linden</b>.")
    return f"/privacy/{desk.workspace.slug}/"


def test_the_form_is_there_only_where_it_is_switched_on(desk):
    where = f"/privacy/{desk.workspace.slug}/"
    assert Client().get(where).status_code == Client().get("/privacy/nowhere/").status_code == 404
    assert Client().post(where, {"kind": "access", "email": desk.email}).status_code == 404
    on = {"law": "gdpr", "archive_days": "14", "form_open": "on", "form_text": "Hello"}
    assert desk.client.post(desk.url("settings/"), on).status_code == 302
    assert where in desk.client.get(desk.url("settings/")).content.decode()
    assert "Hello" in Client().get(where).content.decode()


def test_nobody_learns_from_the_form_who_is_known(desk, office, form):
    answers = []
    for email in (desk.email, "eve@mail.example"):
        answer = Client().post(form, {"kind": "access", "email": email, "law": "ccpa", "details": "Hello"})
        answers.append((answer.status_code, answer.content))
    assert answers[0] == answers[1]
    assert answers[0][0] == 201
    while send_next_link():
        pass
    assert [to for to, _ in office.letters] == [[desk.email]]
    rows = list(RightsRequest.objects.order_by("received_at"))
    assert [(row.via, row.law, row.state) for row in rows] == [("form", "ccpa", "unverified")] * 2
    assert rows[1].steps.filter(what="link_failed").exists()
    assert Client().post(link_in(office)).status_code == 200
    rows[0].refresh_from_db()
    assert rows[0].state == "open"


def test_the_form_is_escaped_and_refuses_what_is_none(desk, form):
    shown = Client().get(form).content.decode()
    assert "&lt;b&gt;Linden" in shown
    for wrong in ({"kind": "access", "email": "nobody"}, {"kind": "all", "email": desk.email}, {"email": desk.email}, {}):
        assert Client().post(form, wrong).status_code == 422
    assert not RightsRequest.objects.exists()


def test_the_form_is_limited(desk, form):
    from django.core.cache import cache

    sent = lambda email: Client().post(form, {"kind": "opt_out", "email": email}).status_code  # noqa: E731
    assert [sent(desk.email) for _ in range(4)] == [201, 201, 201, 429]  # about one address
    assert [sent(f"{n}@mail.example") for n in range(2)] == [201, 429]  # from one network
    cache.clear()


def late(desk: Desk, days: int) -> RightsRequest:
    return ask(desk, received_at=timezone.now() - timedelta(days=days))


def test_privacy_officers_are_reminded_once(desk, office):
    desk.place.sign_in("owner")
    rows = [late(desk, 60), late(desk, 27)]
    late(desk, 1)
    end(desk.access, request_id=late(desk, 60).pk, state="cancelled", answer="")
    late(desk, 28)
    assert remind() == 3
    [(to, letter)] = office.letters
    assert to == [desk.access.actor.email]
    said = letter.get_content()
    assert said.count("OVERDUE") == 1
    assert said.count("\n- ") == 3
    assert f"/w/{desk.workspace.slug}/requests/" in said
    assert desk.email not in said
    assert remind() == 0
    assert rows[0].steps.filter(what="reminded").count() == 1
    extend(desk.access, request_id=rows[1].pk, because="Many shops")
    assert remind() == 0  # it is due in two months now
    assert len(office.letters) == 1


def test_owners_are_reminded_where_there_is_no_officer(office):
    from amity.rooms.trust.models import Person
    from amity.rooms.trust.queries.access import find_access

    desk = Desk(role="owner")
    owner = Person.objects.get(memberships__workspace=desk.workspace)
    access = find_access(person=owner, slug=desk.workspace.slug)
    enter(access, kind="access", identifiers=[("email", desk.email)], received_at=timezone.now() - timedelta(days=60))
    assert remind() == 1
    assert office.letters[0][0] == [owner.email]


def test_a_letter_that_fails_is_written_again(desk, office):
    late(desk, 60)
    office.refuses = True
    with pytest.raises(OSError):
        remind()
    office.refuses = False
    assert remind() == 1
