"""A survey from its draft to its results, as pages and actions meet it: versions, links, tickets, traps, consent, facts, rights."""

from __future__ import annotations

import csv
import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client

from amity.engines.present.models import OutboxFact
from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.holdings import Subject
from amity.rooms.customers.models import Activity
from amity.rooms.listening.actions import answering, holdings
from amity.rooms.listening.actions.surveys import change_survey, create_survey, link_for, publish, set_closed
from amity.rooms.listening.models import Response, Survey, Version
from amity.rooms.listening.queries.kept import draft_of
from amity.rooms.listening.rules.surveys.language import read
from amity.rooms.trust.contracts import Access, Actor
from amity.rooms.trust.models import AuditEntry
from amity.rooms.trust.rules.roles import ROLES
from tests.rooms.customers.people import Place

EVIL = '<script>alert("x")</script>'
DEFINITION = {
    "version": 1, "title": {"en": "How was it?", "ar": "كيف كان ذلك؟"}, "languages": ["en", "ar"], "thanks": "Thanks, {{answer.likely}}.",
    "questions": [
        {"key": "likely", "kind": "nps", "ask": "Hello {{customer.first_name|there}}, how likely?", "required": True},
        {"key": "why", "kind": "text", "ask": "Why {{answer.likely}}?"},
        {"key": "sorry", "kind": "multiple", "ask": "What went wrong?", "options": [{"key": "late", "text": "Late"}, {"key": "dear", "text": "Dear"}],
         "only_if": {"tests": [{"question": "likely", "is": "at_most", "to": 6}]}},
    ],
}  # fmt: skip


@pytest.fixture
def here(db) -> Place:
    return Place()


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    monkeypatch.setattr(answering, "TOO_QUICK", 0)


def access_of(here: Place, role: str = "owner") -> Access:
    actor = Actor(kind="person", id="1", name="Nadia Okafor")
    return Access(workspace=here.workspace.info(), actor=actor, role=role, permissions=ROLES[role])


@pytest.fixture
def survey(here) -> Survey:
    one = create_survey(access_of(here), name="Spring", definition=read(json.dumps(DEFINITION)))
    publish(access_of(here), survey_id=one.pk)
    one.refresh_from_db()
    return one


def form_of(answer, status: int = 200) -> dict[str, str]:
    assert answer.status_code == status, answer.content[:500]
    body = answer.content.decode()
    return {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', body)}


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:500]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def facts(here: Place) -> list[dict]:
    rows = OutboxFact.objects.filter(workspace_id=here.workspace.pk).order_by("pk")
    return [json.loads(bytes(one.body)) for one in rows]


def answered(address: str, *given: dict) -> object:
    """Answer page after page, as a browser without scripts does; return the last page."""
    visitor = Client(enforce_csrf_checks=True)
    shown = visitor.get(address)
    for page in given:
        shown = visitor.post(address, form_of(shown) | page)
        assert shown.status_code == 303, text_of(shown, 400)
        shown = visitor.get(shown["Location"])
    return shown


def test_somebody_answers_by_the_open_link_and_the_metrics_hear_of_it(here, survey):
    last = answered(f"/s/{survey.link_id}", {"q.likely": "3"}, {"q.why": "Too late.", "q.sorry": ["late"]})
    assert "Thanks, 3." in text_of(last)
    [row] = Response.objects.filter(survey=survey)
    assert (row.version, row.answers, row.customer_id, row.completed_at is not None) == (
        1, {"likely": 3, "why": "Too late.", "sorry": ["late"]}, None, True,
    )  # fmt: skip
    [fact] = facts(here)
    assert (fact["name"], fact["anonymous_id"], fact["context"]) == (
        "Survey Answered", f"survey-{row.response_id}", {"channel": "survey", "voice": "said"},
    )  # fmt: skip
    said = fact["properties"]
    assert (said["survey"], said["type"], said["scale"], said["score"], said["comment"]) == ("Spring", "nps", 10, 3, "Too late.")


def test_who_is_content_is_not_asked_what_went_wrong(survey):
    answered(f"/s/{survey.link_id}", {"q.likely": "9"}, {"q.why": ""})
    assert Response.objects.get(survey=survey).answers == {"likely": 9}


def test_looking_answers_nothing_and_what_is_sent_twice_is_one(here, survey):
    visitor, address = Client(), f"/s/{survey.link_id}"
    shown = visitor.get(address)
    assert (shown["Referrer-Policy"], shown["Cache-Control"], shown["X-Frame-Options"]) == ("no-referrer", "no-store", "DENY")
    assert not shown.cookies
    visitor.head(address)
    first = form_of(shown) | {"q.likely": "9"}
    to = {visitor.post(address, first)["Location"].partition("&page=")[2] for _ in range(3)}
    assert to == {"1"}
    assert Response.objects.filter(survey=survey).count() == 1
    assert facts(here) == []
    second = form_of(visitor.get(visitor.post(address, first)["Location"]))
    for text in ("good", "bad"):
        assert visitor.post(address, second | {"q.why": text}).status_code == 303
    assert Response.objects.get(survey=survey).answers == {"likely": 9, "why": "good"}  # what is complete stays as it is
    assert len(facts(here)) == 1


def test_what_is_wrong_is_said_and_nothing_is_kept(survey):
    visitor, address = Client(), f"/s/{survey.link_id}"
    for given, why in (({}, "This needs an answer."), ({"q.likely": "11"}, "Choose one"), ({"q.likely": EVIL}, "Choose one")):
        assert why in text_of(visitor.post(address, form_of(visitor.get(address)) | given), 400)
    assert not Response.objects.exists()
    past = form_of(visitor.get(address)) | {"page": "1", "q.why": "I came by hand"}
    assert "page=0" in visitor.post(address, past)["Location"]  # it leads back to what is required
    assert Response.objects.get().completed_at is None


def test_programs_and_forged_tickets_leave_nothing(survey, monkeypatch):
    visitor, address = Client(), f"/s/{survey.link_id}"
    sent = form_of(visitor.get(address)) | {"q.likely": "9"}
    assert visitor.post(address, sent | {"website": "https://spam.example"}).status_code == 200
    for ticket in ("", "x", sent["ticket"][:-2] + "AA", "é" * 40, "\0"):
        assert visitor.post(address, sent | {"ticket": ticket}).status_code == 404
    assert visitor.post(f"{address}x", sent).status_code == 404
    monkeypatch.setattr(answering, "TOO_QUICK", 60_000)
    assert "very quick" in text_of(visitor.post(address, sent), 400)
    assert not Response.objects.exists()


def test_a_customer_is_asked_by_name_once_while_they_allow_it(here, survey):
    ada = here.customer(("user_id", "ada"), traits={"first_name": "Ada"}, consent={"surveys": [True, 0, 1, "00"]})
    no = here.customer(("user_id", "bo"), consent={"surveys": [False, 0, 1, "00"]})
    address = link_for(access_of(here), survey_id=survey.pk, customer_id=ada, days=3).partition("://")[2].partition("/")[2]
    with pytest.raises(Invalid, match="doesn't allow"):
        link_for(access_of(here), survey_id=survey.pk, customer_id=no, days=3)
    assert str(ada) not in address
    assert "Hello Ada, how likely?" in text_of(Client().get(f"/{address}"))
    Client().get(f"/{address}")
    answered(f"/{address}", {"q.likely": "10"}, {"q.why": "Kind."})
    answered(f"/{address}")
    told = facts(here)
    assert [(one["name"], one["context"]["customer_id"]) for one in told] == [
        ("Survey Displayed", str(ada)),
        ("Survey Answered", str(ada)),
    ]
    assert "Thanks, 10." in text_of(Client().get(f"/{address}"))
    Activity.objects.filter(customer_id=ada).update(consent={"surveys": [False, 9, 1, "00"]})
    assert "don’t want to be asked" in text_of(Client().get(f"/{address}"), 410)
    assert Client().post(f"/{address}", {"ticket": "x", "q.likely": "1"}).status_code == 410


def test_an_answer_keeps_the_version_it_saw(here, survey):
    visitor, address = Client(), f"/s/{survey.link_id}"
    begun = form_of(visitor.get(address)) | {"q.likely": "2"}
    other = DEFINITION | {"thanks": "", "questions": [{"key": "easy", "kind": "ces", "ask": "Easy?"}]}
    change_survey(access_of(here), survey_id=survey.pk, name="Spring", definition=read(json.dumps(other)))
    assert Version.objects.filter(survey=survey).count() == 1
    assert publish(access_of(here), survey_id=survey.pk).number == publish(access_of(here), survey_id=survey.pk).number == 2
    assert "Why 2?" in text_of(visitor.get(visitor.post(address, begun)["Location"]))
    assert "Easy?" in text_of(Client().get(address))
    assert Response.objects.get().version == 1
    set_closed(access_of(here), survey_id=survey.pk, closed=True)
    assert "has ended" in text_of(Client().get(address), 410)
    assert visitor.post(address, begun).status_code == 410


def test_it_speaks_a_language_that_is_written_from_the_right(survey):
    shown = Client().get(f"/s/{survey.link_id}", headers={"Accept-Language": "ar-EG, en;q=0.4"}).content.decode()
    assert '<html lang="ar" dir="rtl">' in shown
    assert "كيف كان ذلك؟" in shown
    assert "التالي" in shown
    assert "--survey:#0f596a;--on-survey:#ffffff" in Client().get(f"/s/{survey.link_id}/theme.css").content.decode()


def test_nothing_that_is_written_runs_anywhere(here):
    evil = {"version": 1, "title": EVIL, "intro": EVIL, "thanks": EVIL + "{{answer.why}}", "questions": [
        {"key": "why", "kind": "text", "ask": EVIL, "hint": EVIL}, {"key": "pick", "kind": "single", "ask": EVIL, "options": [
            {"key": "a", "text": EVIL}, {"key": "b", "text": "{{answer.why}}"}]}]}  # fmt: skip
    one = create_survey(access_of(here), name=EVIL, definition=read(json.dumps(evil)))
    publish(access_of(here), survey_id=one.pk)
    one.refresh_from_db()
    text = EVIL + "=cmd|'/c calc'!A0" + "ش" * 3_000
    pages = [answered(f"/s/{one.link_id}", {"q.why": text}, {"q.pick": "a"})]
    base = f"/w/{here.workspace.slug}/surveys/"
    pages += [
        here.client.get(f"{base}{rest}")
        for rest in ("", f"{one.pk}/", f"{one.pk}/edit", f"{one.pk}/preview", f"{one.pk}/links", f"{one.pk}/json", f"{one.pk}/questions/why",
                     f"{one.pk}/said/why", f"{one.pk}/customers?question=pick&answer=a", f"{one.pk}/customers?question=why&answer=%00{EVIL}")
    ]  # fmt: skip
    for page in pages:
        assert page.status_code == 200
        assert b"<script>alert" not in page.content
        assert b"alert(" in page.content or b"Nobody" in page.content


def test_results_count_lead_to_people_and_leave_as_a_file(here, survey):
    ada = here.customer(("user_id", "ada"), traits={"name": "Ada Lind"}, consent={"surveys": [True, 0, 1, "00"]})
    bo = here.customer(("user_id", "bo"), traits={"name": "Bo"}, consent={"surveys": [True, 0, 1, "00"]})
    for who, score, why in ((ada, "9", "=2+2"), (bo, "2", "never"), (None, "9", "fine")):
        address = f"/s/{survey.link_id}"
        if who is not None:
            address = (
                "/"
                + link_for(access_of(here), survey_id=survey.pk, customer_id=who, days=3).partition("://")[2].partition("/")[2]
            )
        answered(address, {"q.likely": score}, {"q.why": why, "q.sorry": ["late", "dear"] if score == "2" else []})
    answered(f"/s/{survey.link_id}", {"q.likely": "1"})  # begun only
    Activity.objects.filter(customer_id=bo).update(consent={"surveys": [False, 9, 1, "00"]})
    base = f"/w/{here.workspace.slug}/surveys/{survey.pk}/"
    said = text_of(here.client.get(base))
    for each in (
        "Shown 4",
        "Begun 4",
        "Completed 3",
        "3 answered; 1 more answered and didn’t complete",
        "33 NPS",
        "n = 3",
        "Ada Lind",
        "1 withheld",
    ):
        assert each in said, each
    assert "never" not in said
    people = text_of(here.client.get(f"{base}customers?question=likely&answer=9"))
    assert "1 customer answered “ 9 ”" in people
    assert "1 answered without a name" in people
    assert "1 more allow them no more" in text_of(here.client.get(f"{base}customers?question=sorry&answer=late"))
    viewer = here.sign_in("viewer")
    assert [viewer.get(f"{base}{rest}").status_code for rest in ("", "edit", "answers.csv")] == [200, 403, 403]
    answer = here.client.get(f"{base}answers.csv")

    async def whole() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    rows = list(csv.DictReader(StringIO(async_to_sync(whole)().decode())))
    assert [(row["customer_id"], row["likely"], row["why"]) for row in rows] == [(str(ada), "9", "'=2+2"), ("", "9", "fine")]
    assert AuditEntry.objects.filter(action="survey.exported").exists()
    subject = Subject(workspace_id=here.workspace.pk, customer_ids=(bo,))
    held = {"listening.responses": 1, "listening.contacts": 3}  # invited, opened, completed
    assert holdings.find(subject) == holdings.erase(subject) == held
    [anonymous] = Response.objects.filter(customer_id=None).exclude(completed_at=None)
    known = Subject(
        workspace_id=here.workspace.pk,
        identifiers=(("anonymous_id", f"survey-{anonymous.response_id}"), ("anonymous_id", "survey-x")),
    )
    assert [record.data["answers"]["why"] for record in holdings.export(known)] == ["fine"]


def test_the_builder_changes_orders_and_refuses(here):
    base = f"/w/{here.workspace.slug}/surveys/"
    assert here.client.post(f"{base}new", {"name": " ", "start": "nps"}).status_code == 400
    at = here.client.post(f"{base}new", {"name": "Care", "start": "csat"})["Location"]
    one = Survey.objects.get(name="Care")
    assert here.client.post(f"{base}new", {"name": "Care", "start": "csat"}).status_code == 400
    made = here.client.post(
        f"{base}{one.pk}/questions/new", {"kind": "single", "ask.en": "Which?", "options.en": "Shop\r\nPhone\r\n"}
    )
    assert made["Location"].endswith("#q-which")
    assert (
        here.client.post(
            f"{base}{one.pk}/questions/new", {"kind": "single", "ask.en": "Which?", "options.en": "Shop"}
        ).status_code
        == 400
    )
    here.client.post(f"{base}{one.pk}/order", {"key": "which", "act": "up"})
    assert [each["key"] for each in Survey.objects.get(pk=one.pk).draft["questions"]] == ["satisfied", "which", "why"]
    sent = {"name": "Care", "title.en": "Help", "languages": "en, ar", "colour": "#AA0000", "thanks.en": "Ta"}
    assert here.client.post(at, sent).status_code == 302
    draft = draft_of(Survey.objects.get(pk=one.pk))
    assert (draft.languages, draft.colour, draft.title) == (["en", "ar"], "#aa0000", "Help")
    assert here.client.post(at, sent | {"colour": "red;}"}).status_code == 400
    assert "frame-src 'self'" in here.client.get(at)["Content-Security-Policy"]
    shown = here.client.get(f"{base}{one.pk}/preview?language=ar")
    assert (shown["X-Frame-Options"], "frame-ancestors 'self'" in shown["Content-Security-Policy"]) == ("SAMEORIGIN", True)
    there = {"title": EVIL, "elements": [{"type": "comment", "name": "why", "title": "Why?"}, {"type": "matrix", "name": EVIL}]}
    brought = here.client.post(f"{base}import", {"name": "From there", "json": json.dumps(there)})
    assert "1 question of SurveyJS is a draft now." in text_of(brought)
    assert b"<script>alert" not in brought.content
    assert here.client.post(f"{base}import", {"name": "Nothing", "json": "{"}).status_code == 400
    here.client.post(f"{base}{one.pk}/order", {"key": "which", "act": "remove"})
    assert here.client.post(f"{base}{one.pk}/json", {"json": "{"}).status_code == 400
    assert here.client.post(f"{base}{one.pk}/publish").status_code == 302
    assert Client().get(f"/s/{one.link_id}").status_code == 404 or Survey.objects.get(pk=one.pk).live == 1
    assert here.client.post(f"{base}{one.pk}/archive").status_code == 302
    assert Client().get(f"/s/{Survey.objects.get(pk=one.pk).link_id}").status_code == 404
    with pytest.raises(Forbidden):
        create_survey(access_of(here, "viewer"), name="X", definition=read(json.dumps(DEFINITION)))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_the_same_at_once_one_is_kept(transactional_db, past_ready):
    here = Place()
    one = create_survey(
        access_of(here), name="Spring", definition=read(json.dumps(DEFINITION | {"questions": DEFINITION["questions"][:1]}))
    )
    publish(access_of(here), survey_id=one.pk)
    address = f"/s/{Survey.objects.get(pk=one.pk).link_id}"
    sent = form_of(Client().get(address))

    def send(n: int) -> int:
        try:
            return Client().post(address, sent | {"q.likely": str(n)}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(8))) == {303}
    assert Response.objects.filter(survey=one).count() == 1
    assert len(facts(here)) == 1
