"""The pages of requests: listed, taken down, and each button does what it says."""

from __future__ import annotations

import io
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.utils import timezone

from amity.kernel.holdings import keeper
from amity.rooms.trust.actions.rights.archives import make_next_archive
from amity.rooms.trust.actions.rights.requests import enter
from amity.rooms.trust.models import RightsRequest, RightsSetting
from amity.rooms.trust.queries.rights import subject_of
from tests.rooms.trust.rights.asking import Desk


@pytest.fixture
def desk(transactional_db, past_ready) -> Desk:
    return Desk()


def taken(desk: Desk, kind: str, **more) -> RightsRequest:
    return enter(desk.access, kind=kind, identifiers=[("email", desk.email)], **{"verified_how": "by phone", **more})


def press(desk: Desk, row: RightsRequest, what: str, **data) -> str:
    answer = desk.client.post(desk.url(f"{row.pk}/{what}/"), data, follow=True)
    row.refresh_from_db()
    return answer.content.decode()


def test_an_empty_list_says_what_it_is_for(desk):
    said = desk.client.get(desk.url()).content.decode()
    assert "Nothing is asked at the moment" in said
    assert desk.url("new/") in said


def test_a_request_is_taken_down_from_the_customers_page(desk):
    page = desk.client.get(f"/w/{desk.workspace.slug}/customers/{desk.ada}/").content.decode()
    assert desk.url(f"new/?by=customer_id&amp;id={desk.ada}") in page
    form = desk.client.get(desk.url("new/"), {"by": "customer_id", "id": str(desk.ada)}).content.decode()
    assert f'value="{desk.ada}"' in form
    sent = {
        "kind": "access",
        "identifier_kind": "customer_id",
        "identifier": str(desk.ada),
        "law": "lgpd",
        "received_on": "2026-11-20",
    }
    answer = desk.client.post(desk.url("new/"), sent)
    row = RightsRequest.objects.get()
    assert answer["Location"] == desk.url(f"{row.pk}/")
    assert (row.kind, row.law, row.due_at.date().isoformat(), row.state) == ("access", "lgpd", "2026-12-05", "unverified")
    shown = desk.client.get(answer["Location"]).content.decode()
    assert "Profile, traits and search words" in shown
    assert "Is it them?" in shown
    assert "Make the copy" not in shown


def test_what_is_wrong_stands_on_the_form(desk):
    sent = {"kind": "access", "identifier_kind": "email", "identifier": "nobody", "law": "gdpr"}
    answer = desk.client.post(desk.url("new/"), sent)
    assert answer.status_code == 422
    assert "can be no identifier" in answer.content.decode()
    assert desk.client.post(desk.url("new/"), {**sent, "identifier": ""}).status_code == 422
    assert not RightsRequest.objects.exists()


def test_the_list_is_filtered_and_marks_what_is_late(desk):
    late = taken(desk, "access", received_at=timezone.now() - timedelta(days=60))
    soon = taken(desk, "portability", received_at=timezone.now() - timedelta(days=27))
    fresh = taken(desk, "restriction", law="ccpa")

    def links(**query) -> list[str]:
        said = desk.client.get(desk.url(), query).content.decode()
        return [pk for pk in (str(late.pk), str(soon.pk), str(fresh.pk)) if f"{pk}/" in said]

    assert links() == [str(late.pk), str(soon.pk), str(fresh.pk)]
    assert links(state="overdue") == [str(late.pk)]
    assert links(state="soon") == [str(soon.pk)]
    assert links(kind="restriction") == [str(fresh.pk)]
    assert links(by="user_id", id=f"u-{desk.tag}") == [str(late.pk), str(soon.pk), str(fresh.pk)]
    assert links(by="email", id="ben@mail.example") == []
    assert links(state="done") == []
    said = desk.client.get(desk.url()).content.decode()
    assert "Overdue" in said
    assert "Soon" in said
    wrong = desk.client.get(desk.url(), {"by": "email", "id": "nobody"})
    assert (wrong.status_code, "can be no identifier" in wrong.content.decode()) == (400, True)
    assert desk.client.get(desk.url(), {"after": "???"}).status_code == 400


def test_access_from_confirmation_to_the_file(desk):
    desk.tell_stories()
    row = taken(desk, "access", verified_how="")
    assert "Noted: it is them" in press(desk, row, "verification", text="Showed a passport")
    assert row.state == "open"
    assert "Being made" in press(desk, row, "archive")
    assert make_next_archive()
    shown = desk.client.get(desk.url(f"{row.pk}/")).content.decode()
    assert desk.url(f"{row.pk}/archive.zip") in shown
    file = desk.client.get(desk.url(f"{row.pk}/archive.zip"))
    assert file["Content-Disposition"] == f'attachment; filename="data-{row.pk}.zip"'
    assert {"no-store", "private"} <= set(file["Cache-Control"].split(", "))
    with ZipFile(io.BytesIO(b"".join(file.streaming_content))) as archive:
        assert "index.html" in archive.namelist()
    assert "The request is done" in press(desk, row, "ending", state="done", text="Sent by registered mail")
    assert "Sent by registered mail" in desk.client.get(desk.url(f"{row.pk}/")).content.decode()


def test_restriction_is_set_and_lifted_also_once_it_is_done(desk):
    row = taken(desk, "restriction")
    press(desk, row, "restriction")
    assert keeper().is_restricted(subject_of(row))
    press(desk, row, "ending", state="done", text="Told")
    assert "Lift it" in desk.client.get(desk.url(f"{row.pk}/")).content.decode()
    press(desk, row, "release")
    assert not keeper().is_restricted(subject_of(row))
    assert [one.what for one in row.steps.order_by("id")][-3:] == ["restricted", "done", "released"]


def test_corrections_are_read_as_they_are_written(desk):
    from amity.engines.present.models import OutboxFact

    row = taken(desk, "rectification")
    assert "Ada &lt;b&gt;Lind&lt;/b&gt;" in desk.client.get(desk.url(f"{row.pk}/")).content.decode()
    for form, value, expected in (
        ("text", "42", '{"t":"42"}'), ("number", "42", '{"t":42}'), ("number", "1,5", '{"t":1.5}'), ("yes", "", '{"t":true}'),
        ("no", "x", '{"t":false}'), ("empty", "x", '{"t":null}'),
    ):  # fmt: skip
        press(desk, row, "correction", name="t", form=form, value=value)
        fact = OutboxFact.objects.order_by("-id").first()
        assert f'"traits":{expected}' in bytes(fact.body).decode()
    for wrong in ({"form": "number", "value": "many"}, {"form": "text", "value": ""}, {"form": "number", "value": "inf"}):
        answer = desk.client.post(desk.url(f"{row.pk}/correction/"), {"name": "t", **wrong})
        assert answer.status_code == 422
    assert row.steps.filter(what="corrected").count() == 6


def test_an_opt_out_needs_no_identity(desk):
    row = taken(desk, "opt_out", verified_how="")
    press(desk, row, "refusal-of-sale")
    assert row.steps.filter(what="opted_out").exists()
    nobody = enter(desk.access, kind="opt_out", identifiers=[("email", "ben@mail.example")])
    assert "Nobody here has that identifier" in press(desk, nobody, "refusal-of-sale")


def test_buttons_are_of_the_kind_that_was_asked(desk):
    acts = {"access": "archive", "restriction": "restriction", "opt_out": "refusal-of-sale", "rectification": "correction"}
    for kind in acts:
        row = taken(desk, kind)
        said = desk.client.get(desk.url(f"{row.pk}/")).content.decode()
        for other, act in acts.items():
            assert (f"{row.pk}/{act}/" in said) == (kind == other), (kind, act)
        wrong = next(act for other, act in acts.items() if other not in {kind, "rectification"})
        assert desk.client.post(desk.url(f"{row.pk}/{wrong}/")).status_code == 422


def test_an_agent_sees_no_buttons(desk):
    row = taken(desk, "access")
    agent = desk.place.sign_in("agent")
    said = agent.get(desk.url(f"{row.pk}/")).content.decode()
    assert "What was asked" in said
    assert "<form" not in said.partition('id="main"')[2].partition("</main>")[0]
    assert agent.post(desk.url(f"{row.pk}/archive/")).status_code == 403
    assert agent.get(desk.url("settings/")).status_code == 403


def test_settings_are_kept_within_bounds(desk):
    assert desk.client.post(desk.url("settings/"), {"law": "ccpa", "archive_days": "7"}).status_code == 302
    kept = RightsSetting.objects.get(pk=desk.workspace.pk)
    assert (kept.law, kept.archive_days, kept.form_open) == ("ccpa", 7, False)
    assert desk.client.post(desk.url("settings/"), {"law": "ccpa", "archive_days": "900"}).status_code == 422
    assert taken(desk, "access", law="").law == "ccpa"


def test_another_workspaces_request_is_no_page(desk):
    row, other = taken(desk, "access"), Desk()
    assert other.client.get(other.url(f"{row.pk}/")).status_code == 404
    assert other.client.get(other.url(f"{row.pk}/archive.zip")).status_code == 404
    assert other.client.post(other.url(f"{row.pk}/archive/")).status_code == 404
