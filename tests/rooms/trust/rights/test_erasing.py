"""A request for erasure begins one, is emptied with everything else, and ends when it is done."""

from __future__ import annotations

import json

import pytest

from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.trust.actions.rights.doing import erase, finish_erased
from amity.rooms.trust.actions.rights.requests import enter
from amity.rooms.trust.models import Erasure, RightsRequest
from tests.rooms.trust.erasure.working import around
from tests.rooms.trust.rights.asking import Desk
from tests.sweep import found_anywhere


@pytest.fixture
def desk(transactional_db, past_ready) -> Desk:
    Erasure.objects.all().delete()
    made = Desk()
    made.tell_stories()
    return made


def work() -> None:
    from amity.rooms.trust.api import work_erasures

    while work_erasures(around()):
        pass


def test_from_the_request_to_the_receipt(desk):
    row = enter(
        desk.access, kind="erasure", identifiers=[("email", desk.email), ("user_id", f"u-{desk.tag}"), ("email", "eve@mail.example")],
        contact=f"ada@{desk.tag}.example", verified_how="by phone",
    )  # fmt: skip
    assert "Erase them" in desk.client.get(desk.url(f"{row.pk}/")).content.decode()
    answer = desk.client.post(desk.url(f"{row.pk}/erasure/"), follow=True).content.decode()
    assert "kept out from now on" in answer
    row.refresh_from_db()
    assert len(row.erasures) == 2  # two identifiers are one person's
    with pytest.raises(Invalid):
        erase(desk.access, request_id=row.pk)
    assert finish_erased() == 0
    work()
    assert finish_erased() == 1
    row.refresh_from_db()
    assert (row.state, row.subject, row.contact, row.names) == ("done", "", "", [])
    assert found_anywhere([desk.email, f"u-{desk.tag}", f"ada@{desk.tag}.example", str(desk.ada), "eve@mail.example"]) == {}
    page = desk.client.get(desk.url(f"{row.pk}/")).content.decode()
    assert "erased; only the hint" in page
    receipts = json.loads(desk.client.get(desk.url(f"{row.pk}/receipts.json")).content)
    assert {one["erasure"] for one in receipts} == set(row.erasures)
    assert receipts[0]["request"] == str(row.pk)
    assert any(one["stores"] and one["erased"] > 5 for one in receipts)


def test_only_who_is_sure_and_may_erases(desk):
    from dataclasses import replace

    row = enter(desk.access, kind="erasure", identifiers=[("email", desk.email)])
    with pytest.raises(Invalid, match="identity"):
        erase(desk.access, request_id=row.pk)
    with pytest.raises(Forbidden):
        erase(replace(desk.access, permissions=frozenset({"rights.enter"})), request_id=row.pk)
    other = enter(desk.access, kind="access", identifiers=[("email", desk.email)], verified_how="x")
    assert desk.client.post(desk.url(f"{other.pk}/erasure/")).status_code == 422
    assert not Erasure.objects.exists()
    assert RightsRequest.objects.filter(state="done").count() == 0
