"""Requests over the JSON API, and as OpenDSR 2.0 has them."""

from __future__ import annotations

import base64
import io
import json
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.test import Client

from amity.engines.present.models import OutboxFact
from amity.kernel.holdings import keeper
from amity.rooms.trust.actions.rights.archives import make_next_archive
from amity.rooms.trust.actions.rights.doing import finish_erased
from amity.rooms.trust.actions.tokens import create_system_token
from amity.rooms.trust.models import Erasure, RightsRequest
from amity.rooms.trust.queries.rights import subject_of
from tests.rooms.trust.rights.asking import Desk


class Caller:
    """A program with a token of a role."""

    def __init__(self, desk: Desk, role: str) -> None:
        _, secret = create_system_token(workspace_id=desk.workspace.pk, name=f"{role} program", role=role)
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def __call__(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = self.client.generic(
            method, f"/api/v1{path}", b"" if body is None else json.dumps(body).encode(), content_type="application/json"
        )
        assert answer.status_code == status, answer.content
        self.headers = answer.headers
        return answer.json() if not answer.streaming and answer.content else answer


@pytest.fixture
def desk(transactional_db, past_ready) -> Desk:
    Erasure.objects.all().delete()
    return Desk()


def entered(call: Caller, desk: Desk, kind: str, **more) -> dict[str, Any]:
    body = {"kind": kind, "identifiers": [{"kind": "email", "value": desk.email}], "verified_how": "signed in", **more}
    return call("POST", "/requests", body, status=201)


def test_a_copy_over_the_api(desk):
    call = Caller(desk, "privacy_officer")
    desk.tell_stories()
    row = entered(call, desk, "access", verified_how="", law="ccpa", received_at="2026-11-02T10:00:00", outside_id="ticket-7")
    assert (row["state"], row["law"], row["via"], row["outside_id"]) == ("unverified", "ccpa", "api", "ticket-7")
    assert row["due_at"].startswith("2026-12-17T10:00:00")
    assert row["identifiers"] == [{"kind": "email", "value": desk.email}]
    one = f"/requests/{row['id']}"
    assert call("POST", f"{one}/archive", status=400)["code"] == "invalid"
    assert call("POST", f"{one}/verification", {"text": "Signed in to the shop"})["state"] == "open"
    assert call("POST", f"{one}/archive", status=202)["archive"]["made_at"] is None
    assert make_next_archive()
    told = call("GET", one)
    assert told["archive"]["size"] > 0
    assert [step["what"] for step in told["steps"]] == ["received", "verified", "archive_asked", "archive_made"]
    file = call("GET", f"{one}/archive.zip")
    with ZipFile(io.BytesIO(b"".join(file.streaming_content))) as archive:
        assert "index.html" in archive.namelist()
    assert call("POST", f"{one}/extension", {"text": "Many shops"})["extended_because"] == "Many shops"
    assert call("POST", f"{one}/ending", {"state": "done", "answer": "Sent"})["finished_at"] is not None
    assert call("POST", f"{one}/ending", {"state": "done"}, status=400)
    assert [one["id"] for one in call("GET", "/requests?state=done")["requests"]] == [row["id"]]
    assert call("GET", "/requests")["requests"] == []
    assert call("GET", f"/requests?state=&by=user_id&value=u-{desk.tag}")["requests"][0]["id"] == row["id"]


def test_what_is_done_over_the_api(desk):
    call = Caller(desk, "privacy_officer")
    row = entered(call, desk, "restriction")
    assert call("POST", f"/requests/{row['id']}/restriction") == {"number": 2}
    assert keeper().is_restricted(subject_of(RightsRequest.objects.get(pk=row["id"])))
    assert call("DELETE", f"/requests/{row['id']}/restriction") == {"number": 2}
    assert call("POST", f"/requests/{entered(call, desk, 'opt_out')['id']}/refusal-of-sale", status=202) == {"number": 1}
    row = entered(call, desk, "rectification")
    call("POST", f"/requests/{row['id']}/corrections", {"name": "vip", "value": {"since": 2020}}, status=202)
    assert b'"traits":{"vip":{"since":2020}}' in bytes(OutboxFact.objects.order_by("-id")[0].body)
    row = entered(call, desk, "erasure")
    assert len(call("POST", f"/requests/{row['id']}/erasure", status=202)["erasures"]) == 1


def test_who_may_do_what(desk):
    agent, viewer = Caller(desk, "agent"), Caller(desk, "viewer")
    row = entered(agent, desk, "restriction")
    assert agent("POST", f"/requests/{row['id']}/restriction", status=403)["code"] == "forbidden"
    assert viewer("GET", "/requests", status=403)["code"] == "forbidden"
    other = Caller(Desk(), "privacy_officer")
    assert other("GET", f"/requests/{row['id']}", status=404)["code"] == "not_found"
    assert other("POST", f"/requests/{row['id']}/restriction", status=404)["code"] == "not_found"
    assert other("GET", "/requests?state=")["requests"] == []


@pytest.mark.parametrize(
    "wrong", [{"kind": "everything"}, {"identifiers": []}, {"law": "none"}, {"identifiers": [{"kind": "email", "value": "\0"}]}]
)
def test_what_can_be_no_request_is_refused(desk, wrong):
    call = Caller(desk, "privacy_officer")
    body = {"kind": "access", "identifiers": [{"kind": "email", "value": desk.email}], **wrong}
    answer = call.client.post("/api/v1/requests", json.dumps(body), content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] == "invalid"


def dsr(desk: Desk, kind: str, **more) -> dict[str, Any]:
    return {
        "regulation": "gdpr", "subject_request_id": str(uuid4()), "subject_request_type": kind, "submitted_time": "2026-11-20T15:00:00Z",
        "subject_identities": [{"identity_type": "email", "identity_value": desk.email, "identity_format": "raw"}],
        "api_version": "2.0", "status_callback_urls": ["https://controller.example/callbacks"], **more,
    }  # fmt: skip


def test_opendsr_tells_what_it_supports(desk):
    call = Caller(desk, "agent")
    told = call("GET", "/opendsr/discovery")
    assert told["api_version"] == "2.0"
    assert told["supported_subject_request_types"] == ["access", "portability", "erasure"]
    assert {"identity_type": "email", "identity_format": "raw"} in told["supported_identities"]
    assert call.headers["X-OpenDSR-Processor-Domain"] == "localhost"


def test_opendsr_from_request_to_results(desk):
    call, sent = Caller(desk, "privacy_officer"), dsr(desk, "portability")
    made = call("POST", "/opendsr/requests", sent, status=201)
    assert json.loads(base64.b64decode(made["encoded_request"])) == sent
    assert (made["controller_id"], made["subject_request_id"]) == (desk.tag, sent["subject_request_id"])
    assert made["expected_completion_time"].startswith("2026-12-20T15:00:00")
    one = f"/opendsr/requests/{sent['subject_request_id']}"
    assert call("GET", one)["request_status"] == "in_progress"
    assert call("DELETE", one, status=400)["error"]["code"] == 400
    assert make_next_archive()
    told = call("GET", one)
    assert told["request_status"] == "completed"
    assert told["results_count"] > 3
    file = call("GET", told["results_url"].partition("/api/v1")[2])
    with ZipFile(io.BytesIO(b"".join(file.streaming_content))) as archive:
        assert "data/customers.profile.csv" in archive.namelist()
    assert call("POST", "/opendsr/requests", sent, status=201)["subject_request_id"] == sent["subject_request_id"]
    assert RightsRequest.objects.count() == 1
    assert call("POST", "/opendsr/requests", {**sent, "subject_request_type": "access"}, status=400)["error"]["code"] == 400


def test_opendsr_erases(desk):
    from amity.rooms.trust.api import work_erasures
    from tests.rooms.trust.erasure.working import around

    call, sent = Caller(desk, "privacy_officer"), dsr(desk, "erasure")
    call("POST", "/opendsr/requests", sent, status=201)
    one = f"/opendsr/requests/{sent['subject_request_id']}"
    assert call("GET", one)["request_status"] == "in_progress"
    while work_erasures(around()):
        pass
    finish_erased()
    assert call("GET", one)["request_status"] == "completed"


def test_opendsr_waits_for_a_colleague_where_the_token_may_not_carry_out(desk):
    call, sent = Caller(desk, "agent"), dsr(desk, "erasure")
    call("POST", "/opendsr/requests", sent, status=201)
    one = f"/opendsr/requests/{sent['subject_request_id']}"
    assert call("GET", one)["request_status"] == "pending"
    assert not Erasure.objects.exists()
    assert call("DELETE", one, status=202)["subject_request_id"] == sent["subject_request_id"]
    assert call("GET", one)["request_status"] == "cancelled"
    assert call("DELETE", one, status=400)["error"]["errors"][0]["reason"] == "invalid"
    other = Caller(Desk(), "privacy_officer")
    assert other("GET", one, status=404)["error"]["code"] == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"regulation": "none"}, {"subject_request_type": "rectification"}, {"subject_request_id": "7"}, {"subject_identities": []},
        {"subject_identities": [{"identity_type": "email", "identity_value": "00ff", "identity_format": "sha256"}]},
        {"subject_identities": [{"identity_type": "roku_publisher_id", "identity_value": "x", "identity_format": "raw"}]},
        {"submitted_time": "2090-01-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_opendsr_says_what_is_wrong_in_its_own_shape(desk, wrong):
    call = Caller(desk, "privacy_officer")
    told = call("POST", "/opendsr/requests", dsr(desk, "access", **wrong), status=400)
    assert told["error"]["code"] == 400
    assert told["error"]["errors"][0].keys() == {"domain", "reason", "message"}
    assert not RightsRequest.objects.exists()
