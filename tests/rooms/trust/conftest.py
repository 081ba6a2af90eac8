from __future__ import annotations

import pytest

PASSWORD = "correct horse battery staple"


@pytest.fixture
def workspace(db):
    from amity.rooms.trust.models import Workspace

    return Workspace.objects.create(slug="acme", name="Acme")


@pytest.fixture
def other_workspace(db):
    from amity.rooms.trust.models import Workspace

    return Workspace.objects.create(slug="rival", name="Rival")


@pytest.fixture
def make_person(db):
    """Make a person with a role in a workspace; passwords are hashed once a run."""
    from django.contrib.auth.hashers import make_password

    from amity.rooms.trust.models import Membership, Person

    hashed = _hashed.get("it") or _hashed.setdefault("it", make_password(PASSWORD))

    def make(email, *, role=None, workspace=None, **more):
        person = Person.objects.create(email=email, name=email.partition("@")[0].title(), password=hashed, **more)
        if role:
            Membership.objects.create(person=person, workspace=workspace, role=role)
        return person

    return make


_hashed: dict[str, str] = {}


@pytest.fixture
def owner(make_person, workspace):
    return make_person("olga@acme.example", role="owner", workspace=workspace)


@pytest.fixture
def access_of():
    from amity.rooms.trust.queries.access import find_access

    def access(person, workspace):
        found = find_access(person=person, slug=workspace.slug)
        assert found is not None
        return found

    return access


@pytest.fixture
def sign_in(client):
    def go(person, browser=None):
        browser = browser or client
        browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return browser

    return go


@pytest.fixture(autouse=True)
def fresh_counters(request):
    """Start each test with no attempts counted."""
    yield
    if {"db", "transactional_db"} & set(request.fixturenames):
        from django.core.cache import cache

        cache.clear()
