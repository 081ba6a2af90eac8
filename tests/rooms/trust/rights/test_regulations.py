"""Segment's regulations: its wire shape, and that what each type says becomes true."""

from __future__ import annotations

import pytest

from amity.kernel.clock import now_ms
from amity.rooms.trust.actions.erasure.kept_out import find_suppressed
from amity.rooms.trust.actions.rights.doing import finish_erased
from amity.rooms.trust.api import work_erasures, work_regulations
from amity.rooms.trust.models import Erasure, Regulation, RightsRequest
from amity.rooms.trust.rules.regulations import TYPES, status
from tests.rooms.trust.erasure.working import around
from tests.rooms.trust.rights.asking import Desk
from tests.rooms.trust.rights.test_http import Caller
from tests.sweep import found_anywhere


@pytest.fixture
def desk(transactional_db, past_ready) -> Desk:
    Erasure.objects.all().delete()
    made = Desk()
    made.tell_stories()
    return made


def worked() -> None:
    """Let the worker do all that there is to do."""
    while work_regulations():
        pass
    while work_erasures(around()):
        pass
    finish_erased()
    work_regulations()


def regulate(call: Caller, kind: str, *ids: str) -> str:
    body = {"regulationType": kind, "subjectType": "USER_ID", "subjectIds": list(ids)}
    return call("POST", "/regulations", body)["data"]["regulateId"]


def kept_out(desk: Desk, user_id: str) -> int | str | None:
    """Until when (ms) something with a user id is kept out; None: for good, `no`: it isn't."""
    carried = (desk.workspace.pk, "user_id", user_id)
    from django.db import transaction

    from amity.rooms.trust.api import suppressing

    with transaction.atomic():
        if not (versions := suppressing([desk.workspace.pk])):
            return "no"
        return find_suppressed([carried], versions=versions).get(carried, "no")


def test_suppress_with_delete(desk):
    call, me = Caller(desk, "privacy_officer"), f"u-{desk.tag}"
    made = regulate(call, "SUPPRESS_WITH_DELETE", me, "somebody-unknown", me)
    told = call("GET", f"/regulations/{made}")["data"]["regulation"]
    assert told.keys() == {"id", "workspaceId", "overallStatus", "createdAt", "streamStatus"}
    assert (told["id"], told["overallStatus"], told["streamStatus"]) == (made, "INITIALIZED", [])
    [listed] = call("GET", "/regulations")["data"]["regulations"]
    assert listed == {
        "id": made, "subjectType": "USER_ID", "subjects": [me, "somebody-unknown"], "status": "INITIALIZED",
        "createdAt": told["createdAt"], "regulationType": "SUPPRESS_WITH_DELETE",
    }  # fmt: skip
    assert me not in str(Regulation.objects.values().get())
    assert work_regulations()
    assert call("GET", f"/regulations/{made}")["data"]["regulation"]["overallStatus"] == "RUNNING"
    worked()
    told = call("GET", f"/regulations/{made}")["data"]["regulation"]
    assert told["overallStatus"] == "FINISHED"
    assert told["finishedAt"] > told["createdAt"]
    assert call("GET", "/regulations?status=FINISHED")["data"]["regulations"][0]["subjects"] == []
    assert found_anywhere([desk.email, me, str(desk.ada), "somebody-unknown"]) == {}
    assert kept_out(desk, me) is None
    rows = RightsRequest.objects.filter(batch=made.replace("-", ""))
    assert [(row.kind, row.via, row.state) for row in rows] == [("erasure", "segment", "done")] * 2


def test_delete_only_lets_them_come_back(desk):
    call, me = Caller(desk, "privacy_officer"), f"u-{desk.tag}"
    regulate(call, "DELETE_ONLY", me)
    worked()
    assert found_anywhere([desk.email, me]) == {}
    until = kept_out(desk, me)
    assert isinstance(until, int)  # what happened before stays out, what happens now is taken
    assert until <= now_ms()
    assert Regulation.objects.get().finished_at is not None


def test_suppress_only_and_unsuppress(desk):
    call, me = Caller(desk, "privacy_officer"), f"u-{desk.tag}"
    regulate(call, "SUPPRESS_ONLY", me, "somebody-else")
    worked()
    assert kept_out(desk, me) is None
    assert kept_out(desk, "somebody-else") is None
    assert found_anywhere([me]) != {}  # nothing was erased
    assert not Erasure.objects.exists()
    made = regulate(call, "UNSUPPRESS", me, "never-suppressed")
    worked()
    assert isinstance(kept_out(desk, me), int)
    assert kept_out(desk, "somebody-else") is None
    assert call("GET", f"/regulations/{made}")["data"]["regulation"]["overallStatus"] == "FINISHED"


def test_what_has_not_begun_can_be_deleted(desk):
    call = Caller(desk, "privacy_officer")
    made = regulate(call, "SUPPRESS_ONLY", "one")
    assert call("DELETE", f"/regulations/{made}") == {"data": {"status": "SUCCESS"}}
    assert call("GET", f"/regulations/{made}", status=404)["errors"][0]["type"] == "not-found"
    made = regulate(call, "SUPPRESS_ONLY", "one")
    worked()
    assert call("DELETE", f"/regulations/{made}", status=400)["errors"][0]["type"] == "invalid"


def test_pages_and_filters(desk):
    call = Caller(desk, "privacy_officer")
    made = [regulate(call, kind, "x") for kind in ("SUPPRESS_ONLY", "UNSUPPRESS", "SUPPRESS_ONLY")]
    page = call("GET", "/regulations?pagination[count]=2")["data"]
    assert [one["id"] for one in page["regulations"]] == [made[2], made[1]]
    assert page["pagination"] == {"current": "MA==", "next": "Mg==", "totalEntries": 3}
    page = call("GET", "/regulations?pagination[count]=2&pagination[cursor]=Mg==")["data"]
    assert [one["id"] for one in page["regulations"]] == [made[0]]
    assert "next" not in page["pagination"]
    found = call("GET", "/regulations?regulationTypes=UNSUPPRESS&regulationTypes=DELETE_ONLY")["data"]["regulations"]
    assert [one["id"] for one in found] == [made[1]]
    assert call("GET", "/regulations?status=RUNNING")["data"]["regulations"] == []
    assert call("GET", "/regulations?pagination[cursor]=%C3%A4", status=400)["errors"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"regulationType": "DELETE_EVERYTHING"}, {"subjectType": "OBJECT_ID"}, {"subjectIds": []}, {"subjectIds": [" "]},
        {"subjectIds": ["a\0b"]}, {"subjectIds": ["x"] * 5_001},
    ],
)  # fmt: skip
def test_what_can_be_no_regulation_is_refused_in_segments_shape(desk, wrong):
    call = Caller(desk, "privacy_officer")
    body = {"regulationType": "SUPPRESS_ONLY", "subjectType": "USER_ID", "subjectIds": ["a"], **wrong}
    answer = call.client.post("/api/v1/regulations", body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["type"] == "invalid"
    assert not Regulation.objects.exists()


def test_who_may_and_where(desk):
    agent = Caller(desk, "agent")
    body = {"regulationType": "SUPPRESS_ONLY", "subjectType": "USER_ID", "subjectIds": ["a"]}
    assert agent("POST", "/regulations", body, status=403)["errors"][0]["type"] == "forbidden"
    made = regulate(Caller(desk, "privacy_officer"), "SUPPRESS_ONLY", "a")
    other = Caller(Desk(), "privacy_officer")
    assert other("GET", f"/regulations/{made}", status=404)
    assert other("DELETE", f"/regulations/{made}", status=404)
    assert other("GET", "/regulations")["data"]["regulations"] == []


def test_who_is_erased_otherwise_is_left_out_of_what_waits(desk):
    from amity.kernel.holdings import resolver
    from amity.rooms.trust.actions import holdings

    call, me = Caller(desk, "privacy_officer"), f"u-{desk.tag}"
    made = regulate(call, "SUPPRESS_ONLY", me, "somebody-else")
    subject = resolver().find_subject(workspace_id=desk.workspace.pk, kind="email", value=desk.email)
    assert holdings.find(subject) == {"trust.requests": 1}
    assert [one.data["user_ids"] for one in holdings.export(subject)] == [[me]]
    assert holdings.erase(subject) == {"trust.requests": 1}
    assert holdings.find(subject) == {"trust.requests": 0}
    assert call("GET", "/regulations")["data"]["regulations"][0]["subjects"] == ["somebody-else"]
    worked()
    assert call("GET", f"/regulations/{made}")["data"]["regulation"]["overallStatus"] == "FINISHED"


def test_types_are_segments():
    assert TYPES["SUPPRESS_WITH_DELETE"].erases
    assert status(total=3, left=3, finished=False) == "INITIALIZED"
    assert status(total=3, left=0, finished=False) == "RUNNING"
    assert status(total=3, left=0, finished=True) == "FINISHED"
