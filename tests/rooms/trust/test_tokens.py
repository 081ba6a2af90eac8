from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.test import RequestFactory
from django.utils import timezone

from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.settings import settings
from amity.rooms.trust import api as trust_api
from amity.rooms.trust.actions.people import change_role, end_sessions
from amity.rooms.trust.actions.tokens import create_system_token, create_token, revoke_token
from amity.rooms.trust.actions.workspaces import change_settings, create_workspace, ensure_workspace
from amity.rooms.trust.api import default_workspace, still_allowed, token_auth
from amity.rooms.trust.models import ApiToken, AuditEntry, Membership, Person
from amity.rooms.trust.queries.access import find_token_access, hash_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(make_person, workspace):
    return make_person("adam@acme.example", role="admin", workspace=workspace)


def test_a_token_is_shown_once_and_kept_as_a_hash(owner, workspace, sign_in):
    browser = sign_in(owner)
    page = browser.post("/w/acme/tokens/", {"name": "Nightly", "role": "analyst", "days": "30"})
    assert page.status_code == 201
    secret = page.context["secret"]
    assert secret.startswith("amity_")
    assert secret in page.content.decode()
    kept = ApiToken.objects.get()
    assert kept.token_hash == hash_of(secret)
    assert secret not in str(list(ApiToken.objects.values()) + list(AuditEntry.objects.values()))
    assert secret not in browser.get("/w/acme/tokens/").content.decode()
    assert kept.expires_at - timezone.now() < timedelta(days=30, minutes=1)
    assert browser.post(f"/w/acme/tokens/{kept.pk}/revocation/").status_code == 302
    assert find_token_access(secret) is None
    assert browser.post(f"/w/acme/tokens/{kept.pk}/revocation/").status_code == 404


def test_no_token_above_ones_own_role_and_none_made_by_a_token(admin, workspace, access_of):
    adam = access_of(admin, workspace)
    with pytest.raises(Forbidden):
        create_token(access=adam, name="x", role="owner", days=1)
    _, secret = create_token(access=adam, name="x", role="admin", days=1)
    with pytest.raises(Forbidden, match="a token can't"):
        create_token(access=find_token_access(secret), name="y", role="viewer", days=1)
    made, _ = create_system_token(workspace_id=workspace.pk, name="root", role="owner")
    with pytest.raises(Forbidden, match="above your own"):
        revoke_token(who=adam, workspace_id=workspace.pk, token_id=made.pk)


def test_a_token_does_what_its_maker_still_may(owner, admin, workspace, access_of):
    _, secret = create_token(access=access_of(admin, workspace), name="x", role="admin", days=1)
    assert find_token_access(secret).can("tokens.write")
    change_role(access=access_of(owner, workspace), person_id=admin.pk, role="analyst")
    assert not find_token_access(secret).can("tokens.write")
    assert find_token_access(secret).can("query.run")
    Person.objects.filter(pk=admin.pk).update(is_active=False)
    assert find_token_access(secret) is None


def test_expired_and_odd_tokens_are_nothing(workspace):
    _, secret = create_system_token(workspace_id=workspace.pk, name="x", role="viewer", days=1)
    assert find_token_access(secret) is not None
    ApiToken.objects.update(expires_at=timezone.now())
    for odd in (secret, "", "amity_", "\ud800", "x" * 10_000, "a\x00b", secret[:-1]):
        assert find_token_access(odd) is None
    for days in (0, -1, 4000):
        with pytest.raises(Invalid):
            create_system_token(workspace_id=workspace.pk, name="x", role="viewer", days=days)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "bearer nothing", "Bearer  ", "Token x"])
def test_only_a_good_bearer_token_gets_access(workspace, header):
    assert token_auth(RequestFactory().get("/", headers={"Authorization": header})) is None


def test_streams_learn_that_access_has_ended(client, owner, workspace, sign_in):
    sign_in(owner)
    request = client.get("/w/acme/people/").wsgi_request
    assert still_allowed(request)
    end_sessions(owner)
    assert not still_allowed(request)
    sign_in(owner)
    request = client.get("/w/acme/people/").wsgi_request
    client.post("/account/sign-out/")
    assert not still_allowed(request)
    sign_in(owner)
    request = client.get("/w/acme/people/").wsgi_request
    Membership.objects.update(role="viewer")
    assert not still_allowed(request)
    Membership.objects.all().delete()
    assert not still_allowed(request)
    assert not still_allowed(RequestFactory().get("/"))


def test_the_api_asks_for_the_permission_before_it_reads_what_was_sent(client, workspace):
    _, secret = create_system_token(workspace_id=workspace.pk, name="x", role="viewer")
    headers = {"Authorization": f"Bearer {secret}"}
    answer = client.post("/api/v1/query", b"no JSON", content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    denied = AuditEntry.objects.latest("seq")
    assert (denied.action, denied.after, denied.ip) == ("access.denied", {"permission": "query.run"}, "127.0.0.1")
    document = client.get("/api/v1/openapi.json").json()
    assert set(document["components"]["securitySchemes"]) == {"TokenAuth"}
    assert all("429" in one["responses"] for path in document["paths"].values() for one in path.values())


def test_a_token_that_asks_too_often_waits(client, workspace, monkeypatch):
    monkeypatch.setattr(trust_api, "monotonic", lambda: 1_000.0)  # time stands still
    monkeypatch.setattr(trust_api, "settings", lambda: replace(settings(), api_requests_per_second=1))
    secrets = [create_system_token(workspace_id=workspace.pk, name=name, role="viewer")[1] for name in ("a", "b")]
    ask = [partial(client.get, "/api/v1/sources", headers={"Authorization": f"Bearer {one}"}) for one in secrets]
    assert [ask[0]().status_code for _ in range(6)] == [200] * 5 + [429]
    refused = ask[0]()
    assert refused.headers["Retry-After"] == "1"
    assert refused.json()["code"] == "too_many_requests"
    assert ask[1]().status_code == 200
    monkeypatch.setattr(trust_api, "monotonic", lambda: 1_001.5)
    assert [ask[0]().status_code for _ in range(2)] == [200, 429]


def test_settings_are_changed_checked_and_recorded(owner, workspace, sign_in, access_of):
    browser = sign_in(owner)
    good = {"name": "Acme", "time_zone": "Europe/Paris", "currency": "usd", "retention_days": "400"}
    assert browser.get("/w/acme/settings/").status_code == 200
    assert browser.post("/w/acme/settings/", good | {"slug": "stolen", "is_demo": "on", "id": "1"}).status_code == 302
    workspace.refresh_from_db()
    assert (workspace.slug, workspace.time_zone, workspace.currency, workspace.retention_days) == (
        "acme",
        "Europe/Paris",
        "USD",
        400,
    )
    entry = AuditEntry.objects.get(action="workspace.changed")
    assert entry.before == {"time_zone": "UTC", "currency": "EUR", "retention_days": None}
    assert entry.after == {"time_zone": "Europe/Paris", "currency": "USD", "retention_days": 400}
    for bad in ({"time_zone": "Mars/Olympus"}, {"currency": "€€€"}, {"retention_days": "0"}, {"name": ""}, {"name": "x" * 81}):
        assert browser.post("/w/acme/settings/", good | bad).status_code == 422, bad
    with pytest.raises(Invalid, match="slug"):
        change_settings(access=access_of(owner, workspace), changes={"slug": "x"})


def test_workspaces_are_made_by_owners_only(owner, admin, workspace, sign_in):
    from django.test import Client

    assert sign_in(admin, Client()).post("/w/acme/workspaces/new/", {"name": "Mine"}).status_code == 403
    with pytest.raises(Forbidden):
        create_workspace(by=admin, name="Mine")
    browser = sign_in(owner)
    assert browser.post("/w/acme/workspaces/new/", {"name": "Second home"})["Location"] == "/w/second-home/"
    assert Membership.objects.get(workspace__slug="second-home").person == owner
    assert browser.post("/w/acme/workspaces/new/", {"name": " "}).status_code == 422


def test_workspaces_that_start_up_makes(owner, workspace):
    made = ensure_workspace(slug="linden", name="Linden", is_demo=True)
    assert ensure_workspace(slug="linden", name="Other").id == made.id
    assert Membership.objects.get(workspace_id=made.id).person == owner
    assert default_workspace().slug == "acme"
    with pytest.raises(Invalid):
        ensure_workspace(slug="Bad Slug", name="x")
