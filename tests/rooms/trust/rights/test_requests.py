"""Requests are taken down, confirmed, extended and ended; each step with who and when, and in the audit log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.rooms.trust.actions.rights.doing import restrict
from amity.rooms.trust.actions.rights.requests import end, enter, extend, verify
from amity.rooms.trust.models import AuditEntry, RightsRequest
from amity.rooms.trust.queries.rights import Wanted, list_requests, subject_of
from tests.rooms.trust.rights.asking import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def ask(desk: Desk, kind: str = "access", **more) -> RightsRequest:
    return enter(desk.access, kind=kind, identifiers=[("email", desk.email.upper())], **more)


def test_nothing_of_the_person_stands_open(desk):
    row = ask(desk, contact="ada@elsewhere.example", details="Please send it all.")
    kept = " ".join(str(value) for value in RightsRequest.objects.filter(pk=row.pk).values().get().values())
    assert not any(text in kept for text in (desk.email, "elsewhere", "Please"))
    assert row.hint.startswith("email a…@m")
    assert set(subject_of(row).customer_ids) == {desk.ada, desk.old}


def test_a_request_goes_its_way(desk):
    row = ask(desk)
    assert (row.state, row.law) == ("unverified", "gdpr")
    with pytest.raises(Invalid):
        end(desk.access, request_id=row.pk, state="done", answer="")
    with pytest.raises(Invalid):
        verify(desk.access, request_id=row.pk, how="  ")
    verify(desk.access, request_id=row.pk, how="Signed in to their account")
    with pytest.raises(Invalid):
        verify(desk.access, request_id=row.pk, how="again")
    with pytest.raises(Invalid):
        end(desk.access, request_id=row.pk, state="refused", answer="")
    done = end(desk.access, request_id=row.pk, state="done", answer="Sent by post.")
    assert done.finished_at is not None
    with pytest.raises(Invalid):
        end(desk.access, request_id=row.pk, state="cancelled", answer="")
    assert [one.what for one in row.steps.order_by("id")] == ["received", "verified", "done"]
    assert row.steps.get(what="done").by == desk.access.actor.email
    told = list(AuditEntry.objects.filter(target=f"rights:{row.pk}").order_by("seq").values_list("action", flat=True))
    assert told == ["rights.entered", "rights.verified", "rights.done"]


def test_time_is_extended_once_with_a_reason_and_before_it_has_passed(desk):
    row = ask(desk, received_at=timezone.now() - timedelta(days=10))
    with pytest.raises(Invalid):
        extend(desk.access, request_id=row.pk, because="")
    later = extend(desk.access, request_id=row.pk, because="Three shops have to look")
    assert later.due_at > row.due_at + timedelta(days=50)
    with pytest.raises(Invalid):
        extend(desk.access, request_id=row.pk, because="again")
    with pytest.raises(Invalid):
        extend(desk.access, request_id=ask(desk, received_at=datetime(2026, 1, 1, tzinfo=UTC)).pk, because="late")
    with pytest.raises(Invalid):
        extend(desk.access, request_id=ask(desk, law="lgpd").pk, because="no such thing there")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "erase everything"},
        {"law": "hammurabi"},
        {"identifiers": []},
        {"identifiers": [("email", "nobody")]},
        {"identifiers": [("user_id", "a\0b")]},
        {"identifiers": [("user_id", "\ud800")]},
        {"identifiers": [("user_id", "x" * 301)]},
        {"identifiers": [("customer_id", "7")]},
        {"identifiers": [("user_id", str(n)) for n in range(21)]},
        {"received_at": datetime(2090, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_can_be_no_request_is_refused(desk, wrong):
    with pytest.raises(Invalid):
        enter(desk.access, **{"kind": "access", "identifiers": [("email", desk.email)], **wrong})


def test_whose_identity_is_open_gets_nothing(desk):
    row = ask(desk, kind="restriction")
    with pytest.raises(Invalid, match="identity"):
        restrict(desk.access, request_id=row.pk)
    assert ask(desk, kind="opt_out").state == "open"  # which needs no identity


def test_another_workspaces_request_is_not_found(desk):
    row, other = ask(desk), Desk()
    with pytest.raises(NotFound):
        verify(other.access, request_id=row.pk, how="x")
    with pytest.raises(NotFound):
        verify(desk.access, request_id=uuid4(), how="x")


def test_an_agent_takes_requests_down_and_no_more(desk):
    from dataclasses import replace

    from amity.rooms.trust.rules.roles import permissions_of

    agent = replace(desk.access, role="agent", permissions=permissions_of("agent"))
    row = enter(agent, kind="access", identifiers=[("email", desk.email)])
    with pytest.raises(Forbidden):
        verify(agent, request_id=row.pk, how="x")
    viewer = replace(desk.access, role="viewer", permissions=permissions_of("viewer"))
    with pytest.raises(Forbidden):
        enter(viewer, kind="access", identifiers=[("email", desk.email)])


def test_the_list_begins_with_what_is_due_first_and_goes_on_page_by_page(desk):
    now = timezone.now()
    made = [ask(desk, received_at=now - timedelta(days=n)) for n in (1, 40, 26, 3, 2)]
    end(desk.access, request_id=made[4].pk, state="cancelled", answer="")
    order = [made[1].pk, made[2].pk, made[3].pk, made[0].pk]

    def listed(**wanted) -> list:
        found, after = [], ""
        while True:
            page = list_requests(workspace_id=desk.workspace.pk, wanted=Wanted(**wanted), after=after, limit=2)
            found += [one.pk for one in page.rows]
            if not page.next:
                return found
            after = page.next

    assert listed(state="open_ones") == order
    assert listed(state="overdue") == [made[1].pk]
    assert listed(state="soon") == [made[2].pk]
    assert listed() == [made[0].pk, made[4].pk, made[3].pk, made[2].pk, made[1].pk]
    assert listed(kind="portability") == []
    assert listed(identifier=("user_id", f"u-{desk.tag}")) == listed()  # the same person, by another name
    assert listed(identifier=("email", "ben@mail.example")) == []
    with pytest.raises(Invalid):
        list_requests(workspace_id=desk.workspace.pk, wanted=Wanted(), after="bm90aGluZw==")
