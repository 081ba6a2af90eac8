"""Erasing in the console and over the API: seen before it is done, followed, receipted, and let back."""

from __future__ import annotations

import json

import pytest
from django.conf import settings

from amity.rooms.trust.actions.erasure.begin import count_holdings
from amity.rooms.trust.actions.tokens import create_system_token
from amity.rooms.trust.models import AuditEntry, Erasure
from amity.rooms.trust.rules.erasure.receipt import is_genuine, public_key
from tests.rooms.trust.erasure.working import finish
from tests.rooms.trust.rights.test_holdings import Held


@pytest.fixture
def held(transactional_db, past_ready) -> Held:
    Erasure.objects.all().delete()
    return Held()


def url(held, rest: str = "") -> str:
    return f"/w/{held.place.workspace.slug}/erasures/{rest}"


def records(held) -> int:
    return sum(count_holdings(held.subject).values())


def test_a_customers_page_leads_to_what_would_be_found(held):
    page = held.place.client.get(held.place.url(f"{held.ada}/")).content.decode()
    link = url(held, f"new/?customer={held.ada}")
    assert link in page
    shown = held.place.client.get(link)
    assert shown.status_code == 200
    text = shown.content.decode()
    assert "Identifiers that were left out" in text
    assert shown.context["held"].records == records(held)
    assert not Erasure.objects.exists()
    viewer = held.place.sign_in("viewer")
    assert link not in viewer.get(held.place.url(f"{held.ada}/")).content.decode()
    assert viewer.get(link).status_code == 403


def test_an_erasure_is_begun_only_with_a_reason_and_a_check(held):
    client, new = held.place.client, url(held, "new/")
    looked = client.post(new, {"kind": "email", "value": held.email.upper()})
    assert looked.status_code == 200
    assert "records will be erased" in looked.content.decode()
    assert client.post(new, {"kind": "email", "value": "no address"}).status_code == 422
    given = {"kind": "email", "value": held.email, "reason": "Asked by letter"}
    assert client.post(new, given).status_code == 422
    assert client.post(new, given | {"reason": f"is {held.email}", "sure": "on"}).status_code == 422
    assert not Erasure.objects.exists()
    begun = client.post(new, given | {"sure": "on"})
    assert begun.status_code == 302
    run = Erasure.objects.get()
    assert begun.url == url(held, f"{run.pk}/")
    assert AuditEntry.objects.filter(target=f"erasure:{run.pk}", actor_name__endswith="linden.example").count() == 1


def test_a_run_shows_its_steps_and_then_its_receipt(held):
    client, new = held.place.client, url(held, "new/")
    assert "Nobody was erased yet" in client.get(url(held)).content.decode()
    client.post(new, {"kind": "email", "value": held.email, "reason": "Asked", "sure": "on"})
    run, number = Erasure.objects.get(), records(held)
    page = client.get(url(held, f"{run.pk}/"))
    follows = "every 2s"
    assert follows in page.content.decode()
    assert client.get(url(held, f"{run.pk}/receipt/")).status_code == 404
    finish(run.pk)
    page = client.get(url(held, f"{run.pk}/")).content.decode()
    assert follows not in page
    assert f"{number} records erased" in page
    assert "What goes by age" in page
    assert held.email not in page
    got = client.get(url(held, f"{run.pk}/receipt/"))
    assert got["Content-Disposition"] == f'attachment; filename="erasure-{run.pk}.json"'
    receipt = json.loads(got.content)
    assert is_genuine(receipt, trusted=public_key(settings.SECRET_KEY))
    assert not is_genuine(receipt | {"erased": 0}, trusted=public_key(settings.SECRET_KEY))
    assert not is_genuine(receipt, trusted=public_key("another installation"))
    assert "Done, kept out" in client.get(url(held)).content.decode()
    assert client.post(url(held, f"{run.pk}/return/"), {"reason": ""}).status_code == 422
    assert client.post(url(held, f"{run.pk}/return/"), {"reason": "Signed up anew"}).status_code == 302
    assert "Done, let back since" in client.get(url(held)).content.decode()


def test_another_workspace_sees_nothing_of_it(held):
    held.place.client.post(url(held, "new/"), {"kind": "email", "value": held.email, "reason": "Asked", "sure": "on"})
    run, other = Erasure.objects.get(), Held()
    assert other.place.client.get(url(other, f"{run.pk}/")).status_code == 404
    assert other.place.client.get(url(other, f"{run.pk}/receipt/")).status_code == 404
    assert other.place.client.post(url(other, f"{run.pk}/return/"), {"reason": "x"}).status_code == 404
    assert other.place.client.get(url(other, f"new/?customer={held.ada}")).status_code == 404


def test_the_api_erases_and_lets_back(held):
    def token(role: str) -> dict[str, str]:
        made, secret = create_system_token(workspace_id=held.workspace, name=role, role=role)
        del made
        return {"HTTP_AUTHORIZATION": f"Bearer {secret}", "content_type": "application/json"}

    client, officer, analyst = held.place.client, token("privacy_officer"), token("analyst")
    whom, number = {"kind": "email", "value": held.email}, records(held)
    looked = client.post("/api/v1/erasures/preview", json.dumps(whom), **officer)
    assert (looked.status_code, looked.json()["records"], looked.json()["customers"]) == (200, number, 2)
    wanted = json.dumps(whom | {"reason": "Asked", "request_id": "0192e4a0-0000-7000-8000-000000000007"})
    assert client.post("/api/v1/erasures", wanted, **analyst).status_code == 403
    begun = client.post("/api/v1/erasures", wanted, **officer)
    assert (begun.status_code, begun.json()["state"]) == (202, "asked")
    where = f"/api/v1/erasures/{begun.json()['id']}"
    assert client.get(f"{where}/receipt", **officer).status_code == 404
    finish(Erasure.objects.get().pk)
    done = client.get(where, **officer).json()
    assert (done["state"], done["erased"], done["kept_out"]) == ("done", number, 6)
    assert client.get(f"{where}/receipt", **officer).json()["erasure"] == begun.json()["id"]
    assert client.get("/api/v1/erasures", **officer).json()["total"] == 1
    assert client.post(f"{where}/return", json.dumps({"reason": "Came back"}), **officer).json() == {"identifiers": 6}
    assert client.post(f"{where}/return", json.dumps({"reason": "Again"}), **officer).status_code == 404
    assert (
        client.post("/api/v1/erasures", json.dumps(whom | {"kind": "customer_id", "reason": "x"}), **officer).status_code == 400
    )
