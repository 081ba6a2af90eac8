"""Every route × every role × own workspace, foreign workspace, nobody: generated from the URL map, so new routes fail closed."""

from __future__ import annotations

import asyncio

import pytest
from django.test import Client

from amity.rooms.trust.rules.roles import PERMISSIONS, ROLES, permissions_of
from tests.house.routes import Route, all_routes

ROUTES = all_routes()
PAGES = [r for r in ROUTES if r.permission and not r.method]
ENDPOINTS = [r for r in ROUTES if r.method and not r.public]
OWN = [r for r in ROUTES if r.own]
METHODS = ("GET", "POST")
NOBODY = Client(raise_request_exception=False)  # one for all: each new client looks for every static file
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def ids(routes: list[Route]) -> dict[str, object]:
    return {"argvalues": routes, "ids": [str(r) for r in routes]}


def refused_to_sign_in(answer) -> bool:
    if answer.status_code == 401:
        return True
    return answer.status_code == 302 and answer["Location"].startswith("/account/sign-in/")


def ask(client: Client, route: Route, workspace: str, method: str):
    answer = client.generic(method, route.at(workspace), b"", content_type="application/x-www-form-urlencoded")
    close_stream(answer)
    return answer


def close_stream(answer) -> None:
    stream = getattr(answer, "_iterator", None)
    if hasattr(stream, "aclose"):
        asyncio.run(stream.aclose())
    for close in answer._resource_closers if answer.streaming else ():
        close()


@pytest.fixture(scope="module")
def past_ready():
    from amity.engines.past.migrate import migrate_past

    migrate_past()


@pytest.fixture(scope="module")
def browsers(django_db_setup, django_db_blocker):
    """Return a signed-in browser for each role in the workspace `own`; made once, since every route asks all of them."""
    from amity.rooms.trust.models import Membership, Person, Workspace

    with django_db_blocker.unblock():
        own, foreign = Workspace.objects.create(slug="own", name="Own"), Workspace.objects.create(slug="foreign", name="Foreign")
        made = {}
        for role in ROLES:
            person = Person.objects.create(email=f"{role}@own.example", name=role)
            Membership.objects.create(person=person, workspace=own, role=role)
            made[role] = Client(raise_request_exception=False)
            made[role].force_login(person, backend=BACKEND)
        yield made
        Person.objects.filter(email__endswith="@own.example").delete()
        for one in (own, foreign):
            one.delete()


def in_turn(route: Route, answers: dict[str, int], expected: int) -> bool:
    """Whether both methods were answered as expected; a page may refuse the one that it doesn't have, but not both."""
    return set(answers.values()) <= {expected, 405} and expected in answers.values()


@pytest.mark.parametrize("route", **ids(ROUTES))
def test_every_route_says_who_may_open_it(route):
    assert route.declared, (
        f"{route} ({route.name}) declares no permission: guard it with page(…) or requires(…), or public(reason)"
    )
    assert not route.permission or route.permission in PERMISSIONS
    assert sum(map(bool, (route.permission, route.public, route.own))) == 1


def test_the_url_map_was_found():
    assert len(PAGES) > 20
    assert len(ENDPOINTS) > 3
    assert len(OWN) > 10
    assert {r.permission for r in PAGES} <= set(PERMISSIONS)


@pytest.mark.django_db
@pytest.mark.parametrize("route", **ids([*PAGES, *OWN]))
def test_nobody_gets_in_without_signing_in(route, browsers):
    answers = [ask(NOBODY, route, "own", method) for method in METHODS]
    assert all(refused_to_sign_in(one) or one.status_code == 405 for one in answers)
    assert any(refused_to_sign_in(one) for one in answers)


@pytest.mark.django_db
@pytest.mark.parametrize("route", **ids([r for r in PAGES if "{workspace}" in r.address]))
def test_a_foreign_workspace_is_not_there(route, browsers):
    for slug in ("foreign", "no-such-workspace"):
        answers = {method: ask(browsers["owner"], route, slug, method).status_code for method in METHODS}
        assert in_turn(route, answers, 404), (slug, answers)


@pytest.mark.django_db
@pytest.mark.parametrize("route", **ids(PAGES))
def test_roles_without_the_permission_are_refused(route, browsers):
    from amity.rooms.trust.models import AuditEntry

    for role in ROLES:
        if route.permission in permissions_of(role):
            continue
        answers = {method: ask(browsers[role], route, "own", method).status_code for method in METHODS}
        assert in_turn(route, answers, 403), (role, answers)
        denied = AuditEntry.objects.order_by("-seq").first()
        assert (denied.action, denied.actor_name, denied.target) == ("access.denied", f"{role}@own.example", route.at("own"))


@pytest.mark.django_db
@pytest.mark.parametrize("route", **ids(PAGES))
def test_roles_with_the_permission_get_in(route, browsers, past_ready):
    for role in ROLES:
        if route.permission in permissions_of(role):
            answer = ask(browsers[role], route, "own", "GET")
            assert answer.status_code < 500, role
            assert answer.status_code != 403, role
            assert not refused_to_sign_in(answer), role


@pytest.mark.django_db
@pytest.mark.parametrize("route", **ids(ENDPOINTS))
def test_endpoints_need_a_token_with_the_permission(route, browsers, past_ready):
    from amity.rooms.trust.actions.tokens import create_system_token, revoke_token
    from amity.rooms.trust.api import get_workspace
    from amity.rooms.trust.contracts import COMMAND_LINE

    def answer(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        told = NOBODY.generic(route.method, route.at("own"), b"{}", content_type="application/json", headers=headers)
        close_stream(told)  # what ends with it is recorded now, not amid another record
        return told.status_code

    own = get_workspace("own").id
    assert answer("") == 401
    assert answer("amity_guessed") == 401
    for role in ROLES:
        made, secret = create_system_token(workspace_id=own, name=role, role=role)
        status = answer(secret)
        if route.permission in permissions_of(role):
            assert status < 500, role
            assert status not in {401, 403}, role
        else:
            assert status == 403, role  # even where what was sent is wrong: the permission comes first
        revoke_token(who=COMMAND_LINE, workspace_id=own, token_id=made.pk)
        assert answer(secret) == 401, role


def test_each_shape_of_the_api_has_a_name_of_its_own():
    """Ninja keeps one schema for each name: of two classes called alike the document would tell one."""
    from amity.config.api import api

    def classes(kind: type) -> set[type]:
        return {inner for one in kind.__subclasses__() for inner in ({one} | classes(one))}

    from ninja import Schema

    assert api.get_openapi_schema()
    names = [one.__name__ for one in classes(Schema) if one.__module__.startswith("amity.")]
    assert sorted({name for name in names if names.count(name) > 1}) == []
