"""The ledger, and taking a join back, in the console and in the API."""

from __future__ import annotations

import pytest
from django.db.models import Q

from amity.rooms.customers import api
from amity.rooms.customers.models import Apart, Customer, Merge, UnmergeRun
from amity.workers.carrier import carry
from tests.rooms.customers.histories import send
from tests.rooms.customers.people import Place
from tests.rooms.customers.test_http import client_of
from tests.rooms.customers.test_unmerge import tablet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]


@pytest.fixture
def here() -> Place:
    place = Place()
    send(tablet(place.workspace.pk))
    return place


def test_a_join_is_taken_back_on_its_page(here):
    merge = Merge.objects.get()
    page = here.client.get(here.url(f"{merge.into_id}/identity/")).content.decode()
    assert "Take this join back" in page
    assert "Everything decided" in page
    assert "came together" in page
    address = here.url(f"{merge.into_id}/joins/{merge.pk}/")
    asked = here.client.get(address).content.decode()
    assert asked.count('class="side"') == 2
    assert "2 interactions" in asked
    assert "3 interactions" in asked
    assert here.client.post(address, {"reason": "x" * 501}).status_code == 200
    assert not UnmergeRun.objects.exists()
    answer = here.client.post(address, {"reason": "Two sisters, one tablet"}, follow=True)
    assert "Taking the join back" in answer.content.decode()
    assert api.work_unmerges() == 1
    carry(Q())
    assert Customer.objects.get(id=merge.old_id).merged_into is None
    after = here.client.get(here.url(f"{merge.into_id}/identity/")).content.decode()
    assert "until the join was taken back" in after
    assert "Two sisters, one tablet" in after
    assert here.client.get(address).status_code == 404


def test_who_may_not_decide_sees_no_way_to(here):
    merge = Merge.objects.get()
    agent = here.sign_in("agent")
    assert "Take this join back" not in agent.get(here.url(f"{merge.into_id}/identity/")).content.decode()
    assert agent.post(here.url(f"{merge.into_id}/joins/{merge.pk}/")).status_code == 403
    other = Place()
    assert other.client.get(other.url(f"{merge.into_id}/joins/{merge.pk}/")).status_code == 404
    assert not UnmergeRun.objects.exists()


def test_the_history_has_pages(here):
    workspace = here.workspace.pk
    send([event_of(workspace, n) for n in range(40)])
    who = Merge.objects.get().into_id
    first = here.client.get(here.url(f"{who}/identity/")).content.decode()
    assert "?after=30#decided" in first
    second = here.client.get(here.url(f"{who}/identity/"), {"after": "30"}).content.decode()
    assert "First met" in second
    assert here.client.get(here.url(f"{who}/identity/"), {"after": "٣x"}).status_code == 200


def event_of(workspace, n):
    from tests.rooms.customers.making import event

    return event(f"n{n}", workspace=workspace, user_id="ben", anonymous_id=f"more-{n}", at=1_000 + n)


def test_the_api_reads_the_ledger_and_takes_joins_back(here):
    client, merge = client_of(here), Merge.objects.get()
    ledger = client.get(f"/api/v1/customers/{merge.old_id}/ledger", {"limit": 3}).json()
    assert (ledger["customer_id"], len(ledger["entries"]), ledger["next"]) == (str(merge.into_id), 3, 3)
    joined = next(
        one for one in client.get(f"/api/v1/customers/{merge.into_id}/ledger").json()["entries"] if one["what"] == "joined"
    )
    assert {one["value"] for one in joined["evidence"]} == {"ben", "tablet"}
    asked = {"kind": "user_id", "value": "ben", "dry_run": True}
    found = client.post("/api/v1/unmerges", asked, content_type="application/json")
    assert (found.status_code, found.json()["merges"], found.json()["customers"]) == (200, 1, 2)
    run = client.post("/api/v1/unmerges", asked | {"dry_run": False, "reason": "QA"}, content_type="application/json")
    assert (run.status_code, run.json()["done"]) == (202, 0)
    assert api.work_unmerges() == 1
    told = client.get(f"/api/v1/unmerges/{run.json()['id']}").json()
    assert (told["merges"], told["done"], told["moved"], bool(told["finished_at"])) == (1, 1, 1, True)
    again = client.post("/api/v1/merges", {"customer_ids": [merge.old_id, merge.into_id]}, content_type="application/json")
    assert (again.status_code, again.json()["customer_id"]) == (201, str(merge.into_id))
    assert not Apart.objects.exists()
    assert client.post("/api/v1/unmerges", {}, content_type="application/json").status_code == 400
    assert client_of(here, "agent").post("/api/v1/unmerges", asked, content_type="application/json").status_code == 403
    assert client.delete(f"/api/v1/unmerges/{run.json()['id']}").status_code == 200
    assert client.get("/api/v1/unmerges/99999999").status_code == 404


def test_the_api_keeps_two_apart(here):
    client = client_of(here)
    ids = [here.customer(("email", f"p{n}@x.org")) for n in range(2)]
    made = client.post(
        "/api/v1/apart", {"first_id": ids[0], "second_id": ids[1], "reason": "twins"}, content_type="application/json"
    )
    assert made.status_code == 201
    entries = client.get(f"/api/v1/customers/{ids[0]}/ledger").json()["entries"]
    (apart,) = [one for one in entries if one["what"] == "kept_apart"]
    assert (apart["other"], apart["reason"]) == (str(ids[1]), "twins")
